"""The link in a mail that asks for a confirmation: looking changes nothing, the button of the page says yes."""

import re
from collections.abc import Callable

import pytest

from optout import clock
from optout.address import Address
from optout.confirmations.confirm import GOOD_FOR
from optout.messages.link_token import Link, Purpose, mint
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.subscribers.subscriber import Status
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.wiring.clients import keyed_hash
from optout.wiring.subscribers import subscribers
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Answer, call, load

DAILY = Scope.of(["newsletter:daily"])
FORM = {"content-type": "application/x-www-form-urlencoded"}
MULTIPART = {"content-type": 'multipart/form-data; boundary="x-y"'}
YES = "subscription=confirm"
TOKEN = examples.token()


def status() -> Status:
    found = subscribers().get(examples.THIRD_WORKSPACE, "daily", examples.PENDING_SUBSCRIBER)
    assert found
    return found.status


def press(token: str | None = None) -> Answer:
    return call("links.confirm", path_id=token)


def stop(scope: Scope, reason: Reason = Reason.UNSUBSCRIBED) -> None:
    suppress(suppressions(), examples.THIRD_WORKSPACE, examples.GRACE, scope, reason, Origin("command"))


def in_force() -> set[Scope]:
    return set(suppressions().state(examples.THIRD_WORKSPACE, examples.GRACE).in_force)


def test_the_example_token_is_the_one_in_the_events() -> None:
    for event in ("confirm_page", "confirm_page_head", "confirm"):
        assert load(f"links.{event}")["pathParameters"]["token"] == examples.confirmation_token()


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("event", ["confirm_page", "confirm_page_head"])
def test_looking_at_the_page_changes_nothing(event: str) -> None:
    for _ in range(20):
        assert call("links.confirm_page", load(f"links.{event}")).status == 200
    assert status() is Status.PENDING


def test_the_page_has_one_button_that_posts_to_where_it_is_and_runs_nothing() -> None:
    page = call("links.confirm_page")
    assert page.text.count("<button") == page.text.count('<form method="post">') == 1
    assert 'name="subscription" value="confirm"' in page.text
    assert call("links.confirm_page", load("links.confirm_page_head")).text == ""


def test_no_page_keeps_leaks_or_runs_anything() -> None:
    for answer in (call("links.confirm_page"), press(), press("x"), press(examples.confirmation_token(requested_at=1))):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not [
            word for word in ("<script", "onload", "://", "reader.example", "Grace", "AQEA") if word in answer.text
        ]


def test_the_button_makes_active() -> None:
    answer = press()
    assert (answer.status, "You are subscribed" in answer.text) == (200, True)
    assert status() is Status.ACTIVE


def test_a_yes_is_written_down_with_when_and_how() -> None:
    before = clock.now()
    press()
    (yes,) = subscribers().confirmations(examples.THIRD_WORKSPACE, "daily", examples.PENDING_SUBSCRIBER)
    assert (yes.address, yes.requested_at) == (examples.GRACE, examples.REQUESTED_AT)
    assert before <= yes.at <= clock.now()
    assert (yes.origin.via, yes.origin.user_agent[:11]) == ("link", "Mozilla/5.0")
    assert yes.origin.ip == keyed_hash().of_ip("203.0.113.24")


def test_a_second_yes_answers_the_same_and_stores_nothing(aws: AWS) -> None:
    first = press()
    stored = aws.contents()
    assert press() == first
    assert aws.contents() == stored


NO_YES: dict[str, tuple[str | bytes, dict[str, str], int]] = {
    "nothing at all": ("", {}, 400),
    "nothing, without a content type": ("", {"content-type": ""}, 415),
    "the pair of RFC 8058": ("List-Unsubscribe=One-Click", FORM, 400),
    "another value": ("subscription=yes", FORM, 400),
    "JSON": ('{"subscription": "confirm"}', {"content-type": "application/json"}, 415),
    "multipart": ("--x-y\r\n", MULTIPART, 415),
    "not UTF-8": (b"\xff\xfe", FORM, 400),
    "a thousand fields": ("&".join(f"f{i}=1" for i in range(200)), FORM, 400),
    "4,001 bytes": (YES + "&a=" + "x" * 4_001, FORM, 413),
}


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("raw", "headers", "refused"), NO_YES.values(), ids=NO_YES)
def test_what_the_page_does_not_send_is_no_yes(raw: str | bytes, headers: dict[str, str], refused: int) -> None:
    assert call("links.confirm", raw=raw, headers=headers).status == refused


FORGED = {
    "of the right length": "B" + "A" * 66,
    "a link to leave": TOKEN,
    "too short": "AQEA",
    "nothing but a version": "AQ",
    "much too long": "A" * 5_000,
    "beyond ASCII": "é" * 67,
    "padding": "=" * 67,
    "a backslash": "\\",
    "a link to leave, made for confirming": mint({1: b"x"}, Purpose.CONFIRM, Link(1, 2)),
}


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("function", ["links.confirm_page", "links.confirm"])
def test_whatever_was_not_minted_here_gets_the_same_bytes(function: str) -> None:
    answers = [call(function, path_id=token) for token in FORGED.values()]
    assert {(answer.status, answer.text) for answer in answers} == {(404, answers[0].text)}


@pytest.mark.usefixtures("nothing_stored")
def test_a_link_to_confirm_is_no_link_to_leave() -> None:
    assert call("links.one_click", path_id=examples.confirmation_token()).status == 404


LAPSED: dict[str, Callable[[], str]] = {
    "asked more than a month ago": lambda: examples.confirmation_token(requested_at=clock.now() - GOOD_FOR - 1),
    "sent to another address": lambda: examples.confirmation_token(address=Address.parse("hopper@reader.example")),
}


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("link", LAPSED)
def test_a_link_that_has_lapsed_says_so_and_changes_nothing(link: str) -> None:
    answer = press(LAPSED[link]())
    assert (answer.status, "no longer valid" in answer.text) == (410, True)


def test_a_spelling_of_the_address_is_no_other_address() -> None:
    assert press(examples.confirmation_token(address=Address.parse("GRACE@Reader.Example"))).status == 200


def test_a_yes_lifts_the_opt_out_from_its_newsletter_and_the_history_says_through_what() -> None:
    stop(DAILY)
    stop(Scope.of(["newsletter:weekly"]))
    press()
    assert in_force() == {Scope.of(["newsletter:weekly"])}
    last = list(suppressions().history(examples.THIRD_WORKSPACE, examples.GRACE))[-1]
    assert (last.action, last.origin.via, last.origin.actor) == ("lifted", "link", "confirmation")


NOTHING_AT_ALL = "You, or someone for you, asked us to send you no email at all."
CAME_BACK = "Our emails to you came back."
SPAM = "You, or your email program, reported one of our emails as spam."
NOT_THIS = "You, or someone for you, asked us to stop several kinds of email, and this newsletter is one of them."
NOT_DELIVERED = "Our email provider cannot deliver to your address."
SEVERAL = Scope.of(["newsletter:daily", "newsletter:weekly"])
BLOCKS = [
    *((EVERYTHING, reason, NOTHING_AT_ALL) for reason in (Reason.ONE_CLICK, Reason.UNSUBSCRIBED, Reason.MANUAL)),
    *((EVERYTHING, reason, NOTHING_AT_ALL) for reason in (Reason.IMPORTED, Reason.PROVIDER_OPT_OUT)),
    *((EVERYTHING, reason, CAME_BACK) for reason in (Reason.BOUNCED, Reason.SOFT_BOUNCED)),
    (EVERYTHING, Reason.PROVIDER, NOT_DELIVERED),
    (DAILY, Reason.COMPLAINED, SPAM),
    (SEVERAL, Reason.UNSUBSCRIBED, NOT_THIS),
]
SENTENCES = {sentence for _, _, sentence in BLOCKS}


@pytest.mark.parametrize(("scope", "reason", "sentence"), BLOCKS, ids=[reason.value for _, reason, _ in BLOCKS])
def test_what_else_stops_the_email_stays_and_the_page_says_what_it_is(
    scope: Scope, reason: Reason, sentence: str, aws: AWS
) -> None:
    stop(scope, reason)
    before = aws.contents()
    answer = press()
    assert (answer.status, "Your subscription was not changed" in answer.text) == (200, True)
    assert {one for one in SENTENCES if one in answer.text} == {sentence}
    assert aws.contents() == before


def test_the_page_says_everything_that_stops_the_email_once() -> None:
    for reason in (Reason.ONE_CLICK, Reason.IMPORTED, Reason.BOUNCED, Reason.SOFT_BOUNCED):
        stop(EVERYTHING, reason)
    stop(SEVERAL, Reason.COMPLAINED)
    text = press().text
    assert {one: text.count(one) for one in SENTENCES if one in text} == {NOTHING_AT_ALL: 1, CAME_BACK: 1, SPAM: 1}


def test_the_page_tells_no_date_no_text_and_no_name() -> None:
    why = "Said by phone to Bob"
    suppress(
        suppressions(), examples.THIRD_WORKSPACE, examples.GRACE, SEVERAL, Reason.MANUAL, Origin("command"), why=why
    )
    words = [why, "20", "weekly", "daily", examples.THIRD_WORKSPACE, "Grace", "reader.example", "command"]
    text = re.sub("<style>.*</style>", "", press().text, flags=re.DOTALL)
    assert not [word for word in words if word in text]


def test_who_left_after_being_asked_is_not_brought_back_by_that_link(aws: AWS) -> None:
    requested_at = clock.now() - 1_000
    stop(DAILY)
    before = aws.contents()
    assert press(examples.confirmation_token(requested_at=requested_at)).status == 410
    assert aws.contents() == before


@pytest.mark.parametrize("lost", ["SubscribersTable", "SuppressionsTable", "AddressPepper", "LinkKeys"])
def test_a_yes_that_could_not_be_stored_is_not_confirmed(lost: str, aws: AWS) -> None:
    aws.lose(lost)
    answer = press()
    assert answer.status == 503
    assert "You are subscribed" not in answer.text
