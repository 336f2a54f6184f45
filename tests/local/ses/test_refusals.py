"""Errors that SES returns before it accepts anything."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.ses.requests import email
from tests.local.ses.stand_in import StandIn
from tests.local.ses.stub_engine import ALL_EVENTS, StubEngine


def refusal(ses: StandIn, **changes: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        ses.send(**changes)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_an_unverified_sender_is_rejected_by_name(ses: StandIn) -> None:
    code, message = refusal(ses, FromEmailAddress="News <news@other.test>")
    assert code == "MessageRejected"
    assert message == (
        "Email address is not verified. The following identities failed the check in region US-EAST-1: news@other.test"
    )


@pytest.mark.parametrize("sender", ["news@example.com", "N <News@EXAMPLE.com>", "a@mail.example.com"])
def test_a_verified_domain_covers_its_addresses_and_subdomains(ses: StandIn, sender: str) -> None:
    assert ses.send(FromEmailAddress=sender)


def test_identities_can_be_replaced(ses: StandIn) -> None:
    ses.http("PUT", "/_local/identities", ["one@other.test"])
    assert ses.send(FromEmailAddress="one@other.test")
    assert refusal(ses, FromEmailAddress="two@other.test")[0] == "MessageRejected"


def test_an_unverified_feedback_address_is_rejected(ses: StandIn) -> None:
    assert refusal(ses, FeedbackForwardingEmailAddress="bounces@other.test")[0] == "MessageRejected"


def test_an_unknown_configuration_set_is_not_found(ses: StandIn) -> None:
    expected = ("NotFoundException", "Configuration set <nowhere> does not exist.")
    assert refusal(ses, ConfigurationSetName="nowhere") == expected


def test_a_paused_configuration_set_sends_nothing(ses: StandIn, engine: StubEngine) -> None:
    engine.add_set("paused", ALL_EVENTS, SendingOptions={"SendingEnabled": False})
    assert refusal(ses, ConfigurationSetName="paused")[0] == "SendingPausedException"


@pytest.mark.parametrize("count", [0, 51])
def test_a_message_has_one_to_fifty_recipients(ses: StandIn, count: int) -> None:
    addresses = [f"r{number}@example.org" for number in range(count)]
    assert refusal(ses, Destination={"ToAddresses": addresses})[0] == "BadRequestException"


@pytest.mark.parametrize(
    "address",
    [
        "nobody",
        "@example.org",
        "a@",
        "a b@example.org",
        "ä@example.org",
        "a@exämple.org",
        "a@-x.org",
        "a@x..org",
        "a..b@example.org",
        ".a@example.org",
        "a@b@c d",
        "x" * 65 + "@example.org",
        "a@example.org\nBcc: b@example.org",
        "A" * 308 + " <a@example.org>",
    ],
)
def test_a_malformed_recipient_is_refused(ses: StandIn, address: str) -> None:
    assert refusal(ses, Destination={"ToAddresses": [address]})[0] == "BadRequestException"


@pytest.mark.parametrize(
    "address",
    [
        "A.b+c@example.org",
        "Ada <a@example.org>",
        '"L, A" <a@example.org>',
        '"a b"@x.org',
        "o'neil@x.co",
        "A" * 304 + " <a@example.org>",
    ],
)
def test_a_well_formed_recipient_is_accepted(ses: StandIn, address: str) -> None:
    assert ses.send(Destination={"ToAddresses": [address]})


@pytest.mark.parametrize(
    "name", ["Subject", "FROM", "to", "Cc", "Bcc", "Date", "Message-ID", "Return-Path", "Reply-To", "Content-Type"]
)
def test_headers_that_ses_sets_itself_are_forbidden(ses: StandIn, name: str) -> None:
    content = email(Headers=[{"Name": name, "Value": "x"}])["Content"]
    assert refusal(ses, Content=content)[0] == "BadRequestException"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X:Y", "v"),
        ("X Y", "v"),
        ("Ä", "v"),
        ("X" * 127, "v"),
        ("", "v"),
        ("X", ""),
        ("X", "é"),
        ("X", "a\r\nB: c"),
        ("X", "v" * 996),
        ("X" * 100, "v" * 900),
    ],
)
def test_header_names_and_values_are_printable_ascii_of_limited_length(ses: StandIn, name: str, value: str) -> None:
    content = email(Headers=[{"Name": name, "Value": value}])["Content"]
    assert refusal(ses, Content=content)[0] == "BadRequestException"


def test_a_message_has_at_most_fifteen_headers(ses: StandIn) -> None:
    headers = [{"Name": f"X-{number}", "Value": "v"} for number in range(16)]
    assert refusal(ses, Content=email(Headers=headers)["Content"])[0] == "BadRequestException"


def test_a_header_that_may_appear_once_is_refused_twice(ses: StandIn) -> None:
    headers = [{"Name": name, "Value": "<https://x>"} for name in ("List-Unsubscribe", "list-unsubscribe")]
    assert refusal(ses, Content=email(Headers=headers)["Content"])[0] == "BadRequestException"


@pytest.mark.parametrize(
    "tags",
    [
        {"a b": "v"},
        {"a": "x@y"},
        {"a": "x.y"},
        {"a": ""},
        {"ä": "v"},
        {"a" * 257: "v"},
        {"a": "v" * 257},
        {f"t{number}": "v" for number in range(51)},
    ],
)
def test_tags_are_short_and_plain(ses: StandIn, tags: dict[str, str]) -> None:
    listed = [{"Name": name, "Value": value} for name, value in tags.items()]
    assert refusal(ses, EmailTags=listed)[0] == "BadRequestException"


def test_a_tag_name_is_used_once(ses: StandIn) -> None:
    assert (
        refusal(ses, EmailTags=[{"Name": "a", "Value": "1"}, {"Name": "a", "Value": "2"}])[0] == "BadRequestException"
    )


@pytest.mark.parametrize(
    "body",
    [
        {"Surprise": 1},
        {"FromEmailAddress": 7},
        {"Destination": {"ToAddresses": "a@example.org"}},
        {"Content": {"Simple": {"Subject": {"Data": "x"}}}},
        {"Content": {}},
        {"Content": {"Raw": {"Data": "not base64!"}}},
        {"EmailTags": [{"Name": "a"}]},
        ["not an object"],
    ],
)
def test_a_request_that_the_service_model_does_not_know_is_bad(ses: StandIn, body: Any) -> None:
    whole = email() | body if isinstance(body, dict) else body
    status, answer, headers = ses.http("POST", "/v2/email/outbound-emails", whole)
    assert (status, headers["x-amzn-errortype"]) == (400, "BadRequestException")
    assert json.loads(answer)["message"]


def test_what_exists_on_aws_only_is_refused_rather_than_ignored(ses: StandIn) -> None:
    assert refusal(ses, ListManagementOptions={"ContactListName": "people"})[0] == "NotFoundException"
    assert refusal(ses, TenantName="tenant")[0] == "NotFoundException"
    assert (
        refusal(ses, Content={"Template": {"TemplateName": "stored", "TemplateData": "{}"}})[0] == "NotFoundException"
    )


def test_the_sandbox_delivers_to_verified_identities_and_the_simulator_only(ses: StandIn) -> None:
    ses.settings(sandbox=True)
    assert refusal(ses, Destination={"ToAddresses": ["a@example.org"]})[0] == "MessageRejected"
    assert ses.send("a@example.com")
    assert ses.send("success@simulator.amazonses.com")


def test_a_refused_call_leaves_no_recipient_in_the_ledger(ses: StandIn) -> None:
    before = ses.last_row()
    refusal(ses, FromEmailAddress="news@other.test")
    (row,) = ses.rows(before)
    assert (row["kind"], row["outcome"], row["accepted"]) == ("call", "MessageRejected", 0)
