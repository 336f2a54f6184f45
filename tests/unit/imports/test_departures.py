"""What the columns and words of an export say about a person: consent comes first, and the strongest verdict counts."""

import pytest

from optout.imports.departures import key, signs_of
from optout.imports.rejection import RowError

UNKNOWN, UNCONFIRMED, BLOCKED = RowError.UNKNOWN_STATUS, RowError.UNCONFIRMED, RowError.BLOCKED
UNSUBSCRIBED, BOUNCED, COMPLAINED = RowError.UNSUBSCRIBED, RowError.BOUNCED, RowError.COMPLAINED


def verdict(**row: str) -> RowError | None:
    """What a file of this one row, and an address, says about its person."""
    names = ["email", *map(key, row)]
    return signs_of(names, 0).verdict(["ada@example.com", *row.values()])


@pytest.mark.parametrize("column", ["status", "Status", "email_status", "Subscriber Status", "topicPreferences.News"])
@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("subscribed", None),
        (" Active ", None),
        ("OPT_IN", None),
        ("enabled", None),
        ("unsubscribed", UNSUBSCRIBED),
        ("Opt-out", UNSUBSCRIBED),
        ("not subscribed", UNSUBSCRIBED),
        ("never subscribed", UNSUBSCRIBED),
        ("Abonnements gekündigt", UNSUBSCRIBED),
        ("cleaned", BOUNCED),
        ("unreachable", BOUNCED),
        ("HardBounce", BOUNCED),
        ("spam", COMPLAINED),
        ("blocklisted", BLOCKED),
        ("disabled", BLOCKED),
        ("pending", UNCONFIRMED),
        ("Not Activated", UNCONFIRMED),
        ("", UNKNOWN),
        ("  ", UNKNOWN),
        ("inactive", UNKNOWN),
        ("subscribed?no", UNKNOWN),
        ("1", UNKNOWN),
        ("yes", UNKNOWN),
    ],
)
def test_a_status_is_a_whole_word_and_an_unknown_or_blank_one_is_no_consent(
    column: str, word: str, expected: RowError | None
) -> None:
    assert verdict(**{column: word}) is expected


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("unsubscribed", UNSUBSCRIBED),
        ("unsubscribeAll", UNSUBSCRIBED),
        ("Opted Out", UNSUBSCRIBED),
        ("hs_email_optout", UNSUBSCRIBED),
        ("HasOptedOutOfEmail", UNSUBSCRIBED),
        ("Abgemeldet", UNSUBSCRIBED),
        ("Désinscrit", UNSUBSCRIBED),
        ("EMAIL_BLACKLISTED", BLOCKED),
        ("blocklisted", BLOCKED),
        ("Do Not Contact", BLOCKED),
        ("suppressed", BLOCKED),
        ("has_hard_bounced", BOUNCED),
        ("marked_email_as_spam", COMPLAINED),
    ],
)
def test_a_yes_in_a_column_of_those_who_left_is_against_and_a_blank_is_no_consent(
    column: str, reason: RowError
) -> None:
    for yes in ("yes", "TRUE", "1", "x", "Ja", "Y"):
        assert verdict(**{column: yes}) is reason
    for no in ("no", "false", "0", "nein", "N"):
        assert verdict(**{column: no}) is None
    for neither in ("", "2", "perhaps"):
        assert verdict(**{column: neither}) is UNKNOWN


@pytest.mark.parametrize("column", ["subscribed", "subscribed_to_emails", "Opt-in", "newsletter", "active", "consent"])
def test_a_no_in_a_column_of_those_who_agreed_is_against_and_a_blank_is_no_consent(column: str) -> None:
    assert verdict(**{column: "Yes"}) is None
    assert verdict(**{column: "No"}) is UNSUBSCRIBED
    assert verdict(**{column: ""}) is verdict(**{column: "maybe"}) is UNKNOWN


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("unsubscribed_at", UNSUBSCRIBED),
        ("Unsubscribe Reason", UNSUBSCRIBED),
        ("OptOut_Date", UNSUBSCRIBED),
        ("Abgemeldet am", UNSUBSCRIBED),
        ("deleted_at", BLOCKED),
        ("bounced_at", BOUNCED),
        ("reason", UNSUBSCRIBED),
    ],
)
def test_a_date_or_a_reason_of_leaving_is_against_and_its_absence_says_nothing(column: str, reason: RowError) -> None:
    for value in ("2023-02-03", "0000-00-00", "13/45/2024", "whatever"):
        assert verdict(**{column: value}) is reason
    for absent in ("", " ", "NULL", "0"):
        assert verdict(**{column: absent}) is None


@pytest.mark.parametrize("column", ["UNSUB_TIME", "unsub_campaign_id", "CLEAN_TIME", "SuppressionReason"])
def test_a_column_that_only_lists_of_departures_have_is_against_every_row(column: str) -> None:
    assert verdict(**{column: ""})
    assert verdict(**{column: "", "status": "subscribed"})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("created", UNSUBSCRIBED),
        ("ip created", COMPLAINED),
        ("status reason created", BOUNCED),
        ("created_at", None),
        ("created first_name", None),
    ],
)
def test_an_export_of_departures_is_known_by_its_whole_header(header: str, expected: RowError | None) -> None:
    assert verdict(**dict.fromkeys(header.split(), "")) is expected


def test_an_export_that_leaves_out_who_left_is_no_consent_unless_a_column_says_so() -> None:
    mautic = dict.fromkeys(["id", "points", "firstname", "lastname"], "x")
    assert verdict(**mautic) is UNKNOWN
    assert verdict(**mautic, doNotContact="0") is None
    assert verdict(**mautic, doNotContact="1") is BLOCKED


@pytest.mark.parametrize(
    "row",
    [
        {"subscribed": "yes", "unsubscribed": "yes"},
        {"status": "active", "unsubscribed": "true"},
        {"topicPreferences.A": "OPT_IN", "unsubscribeAll": "true"},
        {"Subscribed": "No", "status": "active"},
        {"status": "pending", "unsubscribed_at": "2024-01-01"},
    ],
)
def test_of_several_columns_the_most_restrictive_one_counts(row: dict[str, str]) -> None:
    assert verdict(**row) is UNSUBSCRIBED
    assert verdict(**dict(reversed(row.items()))) is UNSUBSCRIBED


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("SMS_BLACKLISTED", "Yes"),
        ("OPTIN_TIME", ""),
        ("subscribed_at", ""),
        ("unsubscribe_url", "https://example.com/u"),
        ("State", "CA"),
        ("name", "unsubscribed"),
        ("marital status", "single"),
    ],
)
def test_a_column_about_something_else_says_nothing(column: str, value: str) -> None:
    assert verdict(**{column: value}) is None


def test_a_state_is_read_where_it_is_a_status() -> None:
    assert verdict(State="Unsubscribed") is UNSUBSCRIBED


def test_invisible_characters_and_spelling_make_no_other_name() -> None:
    assert {key(name) for name in ("Unsubscribed_At", "\ufeffunsubscribed at", "un\xadsubscribed\u200b-at\xa0")} == {
        "unsubscribedat"
    }


def test_letters_written_in_another_way_are_the_same_letters() -> None:
    assert key("Geku\u0308ndigt") == key("GEKÜNDIGT") == "gekündigt"
    assert key("\uff25\uff2d\uff21\uff29\uff2c") == "email"
