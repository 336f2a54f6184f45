"""SES as the sender: every answer is told apart once, and nothing that may be accepted is sent again."""

import json
import re
import ssl
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
    SSLError,
)

from optout.aws.delivery.sender import SESSender
from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import Block, DeliveryStatus, Outcome, Recipient
from optout.campaigns.links import Links
from optout.campaigns.screen import Message
from optout.errors import InDoubt, NotSent, Unavailable
from optout.messages.link_token import Keys, Link, Purpose, read
from optout.messages.template import Site, compose
from tests.support.wire import Answer, Wire

KEYS = {1: b"key"}
URL = "https://email.us-east-1.amazonaws.com"
CAMPAIGN = Campaign(7_000_000, "acme", "News <news@example.com>", "newsletter:weekly")
CONTENT = compose("Hi [fname]", '<p>Dear [name]</p><a href="[unsubscribe]">bye</a> {{')
UNVERIFIED = "Email address is not verified. The following identities failed the check in region US-EAST-1: "


def success(*ids: str) -> Mapping[str, Any]:
    return {"BulkEmailEntryResults": [{"Status": "SUCCESS", "MessageId": name} for name in ids]}


def statuses(*names: str) -> Mapping[str, Any]:
    return {"BulkEmailEntryResults": [{"Status": name, "Error": "x"} for name in names]}


def sender(wire: Wire) -> SESSender:
    return SESSender(wire.client, "events", Links("https://o.example", lambda: KEYS), Site("S", "U"))


def send(wire: Wire, count: int = 1) -> Mapping[int, Outcome]:
    """A block of ``count`` whose positions begin with 10."""
    people = [Message(10 + at, Recipient(at + 1, f"p{at}@example.com", f"P{at} Q")) for at in range(count)]
    return sender(wire).send(CAMPAIGN, CONTENT, Block(3, 2, 1, range(10, 10 + count)), people)


NOT_SENT: list[Answer] = [
    (429, "TooManyRequestsException", "Maximum sending rate exceeded."),
    (400, "ThrottlingException", "Maximum sending rate exceeded."),
    (400, "ThrottlingException", "Daily message quota exceeded."),
    (400, "LimitExceededException", "Daily message quota exceeded."),
    (400, "SendingPausedException", "paused"),
    (400, "AccountSuspendedException", "suspended"),
    (400, "MailFromDomainNotVerifiedException", "x"),
    (404, "NotFoundException", "Configuration set <events> does not exist."),
    (403, "AccessDeniedException", "x"),
    (400, "MessageRejected", UNVERIFIED + "news@example.com"),
    (400, "MessageRejected", UNVERIFIED + "p0@example.com, News@Example.com"),
    ConnectTimeoutError(endpoint_url=URL),
    EndpointConnectionError(endpoint_url=URL),
]

IN_DOUBT: list[Answer] = [
    (500, "InternalFailure", "x"),
    (503, "ServiceUnavailable", "x"),
    (500, "TooManyRequestsException", "a code that means nothing beside a 500"),
    ReadTimeoutError(endpoint_url=URL),
    ConnectionClosedError(endpoint_url=URL),
    SSLError(endpoint_url=URL, error=ssl.SSLEOFError("unexpected end")),
    HTTPClientError(error="anything new"),
]


@pytest.mark.parametrize("answer", NOT_SENT, ids=str)
def test_what_was_surely_refused_was_not_sent(answer: Answer) -> None:
    wire = Wire("sesv2", answer)
    with pytest.raises(NotSent) as caught:
        send(wire, 2)
    assert caught.value.cause == (answer[1] if isinstance(answer, tuple) else type(answer).__name__)
    assert caught.value.text == (answer[2] if isinstance(answer, tuple) else "")
    assert len(wire.requests) == 1


@pytest.mark.parametrize("answer", IN_DOUBT, ids=str)
def test_what_may_have_been_accepted_is_in_doubt(answer: Answer) -> None:
    wire = Wire("sesv2", answer)
    with pytest.raises(InDoubt):
        send(wire, 2)
    assert len(wire.requests) == 1


def test_every_entry_has_its_own_outcome() -> None:
    answer = {
        "BulkEmailEntryResults": [
            {"Status": "SUCCESS", "MessageId": "id"},
            {"Status": "TRANSIENT_FAILURE"},
            {"Status": "ACCOUNT_THROTTLED"},
            {"Status": "MESSAGE_REJECTED"},
            {"Status": "FAILED"},
            {},
        ]
    }
    assert send(Wire("sesv2", answer), 6) == {
        10: Outcome(DeliveryStatus.SENT, "id"),
        11: Outcome(DeliveryStatus.RETRY, "TRANSIENT_FAILURE"),
        12: Outcome(DeliveryStatus.RETRY, "ACCOUNT_THROTTLED"),
        13: Outcome(DeliveryStatus.FAILED, "MESSAGE_REJECTED"),
        14: Outcome(DeliveryStatus.FAILED, "FAILED"),
        15: Outcome(DeliveryStatus.FAILED, "FAILED"),
    }


@pytest.mark.parametrize("status", ["ACCOUNT_THROTTLED", "ACCOUNT_DAILY_QUOTA_EXCEEDED", "ACCOUNT_SENDING_PAUSED"])
def test_a_block_of_which_nothing_was_taken_was_not_sent(status: str) -> None:
    with pytest.raises(NotSent) as caught:
        send(Wire("sesv2", statuses(status, status)), 2)
    assert caught.value.cause == status


@pytest.mark.parametrize("code", ["MessageRejected", "BadRequestException"])
def test_one_bad_entry_is_found_and_the_others_are_sent_once(code: str) -> None:
    refusal = 400, code, "Invalid address."
    wire = Wire("sesv2", refusal, success("a", "b"), refusal, refusal, success("d"))
    assert send(wire, 4) == {
        10: Outcome(DeliveryStatus.SENT, "a"),
        11: Outcome(DeliveryStatus.SENT, "b"),
        12: Outcome(DeliveryStatus.FAILED, code),
        13: Outcome(DeliveryStatus.SENT, "d"),
    }


def test_what_botocore_does_not_let_out_fails_and_is_no_call() -> None:
    wire = Wire("sesv2", success("a"))
    people = [Message(0, Recipient(1, "p0@example.com", "")), Message(1, Recipient(2, "p1@example.com", ""))]
    used = sender(wire)
    entry = used._entry

    def broken(*given: Any) -> Any:
        made = entry(*given)
        return made if given[3].position else {**made, "ReplacementTags": "none"}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SESSender, "_entry", lambda self, *given: broken(*given))
        outcomes = used.send(CAMPAIGN, CONTENT, Block(0, 0, 0, (0, 1)), people)
    assert outcomes == {0: Outcome(DeliveryStatus.FAILED, "ParamValidationError"), 1: Outcome(DeliveryStatus.SENT, "a")}
    assert len(wire.requests) == 1


def test_in_the_sandbox_an_unverified_recipient_is_the_only_one_to_fail() -> None:
    refusal = 400, "MessageRejected", UNVERIFIED + "p0@example.com"
    outcomes = send(Wire("sesv2", refusal, refusal, success("b")), 2)
    assert outcomes == {10: Outcome(DeliveryStatus.FAILED, "MessageRejected"), 11: Outcome(DeliveryStatus.SENT, "b")}


def test_a_half_that_is_refused_does_not_take_the_other_one_back() -> None:
    throttled = 429, "TooManyRequestsException", "x"
    wire = Wire("sesv2", (400, "BadRequestException", "x"), success("a"), throttled)
    outcomes = send(wire, 2)
    assert outcomes == {
        10: Outcome(DeliveryStatus.SENT, "a"),
        11: Outcome(DeliveryStatus.RETRY, "TooManyRequestsException"),
    }


def test_a_half_in_doubt_leaves_the_whole_block_in_doubt() -> None:
    wire = Wire("sesv2", (400, "BadRequestException", "x"), success("a"), ReadTimeoutError(endpoint_url=URL))
    with pytest.raises(InDoubt):
        send(wire, 2)


def test_a_secret_that_goes_missing_half_way_cannot_undo_what_was_sent() -> None:
    given = iter([KEYS, KEYS])

    def keys() -> Keys:
        try:
            return next(given)
        except StopIteration:
            raise Unavailable from None

    wire = Wire("sesv2", (400, "BadRequestException", "x"), success("a"), success("b"))
    used = SESSender(wire.client, "events", Links("https://o.example", keys), Site("S", "U"))
    people = [Message(at, Recipient(at + 1, f"p{at}@example.com", "")) for at in range(2)]
    outcomes = used.send(CAMPAIGN, CONTENT, Block(0, 0, 0, range(2)), people)
    assert [outcome.status for outcome in outcomes.values()] == [DeliveryStatus.SENT, DeliveryStatus.SENT]


def test_a_call_carries_the_template_once_and_the_configuration_set() -> None:
    wire = Wire("sesv2", success("a", "b"))
    send(wire, 2)
    request = wire.requests[0]
    template = request["DefaultContent"]["Template"]
    assert template["TemplateContent"] == {
        "Subject": CONTENT["subject"],
        "Html": CONTENT["html"],
        "Text": CONTENT["text"],
    }
    assert (request["FromEmailAddress"], request["ConfigurationSetName"]) == ("News <news@example.com>", "events")
    assert template["Headers"] == [
        {"Name": "List-Id", "Value": "<newsletter-weekly.acme.example.com>"},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
    ]
    assert len(request["BulkEmailEntries"]) == 2


def test_every_entry_carries_every_variable_its_tags_and_its_way_out() -> None:
    wire = Wire("sesv2", success("a", "b"))
    send(wire, 2)
    variables = set(re.findall(r"\{\{(\w+)\}\}", "".join(CONTENT.values())))
    for at, entry in enumerate(wire.requests[0]["BulkEmailEntries"]):
        assert entry["Destination"] == {"ToAddresses": [f"P{at} Q <p{at}@example.com>"]}
        data = json.loads(entry["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"])
        assert set(data) == variables
        tags = {tag["Name"]: tag["Value"] for tag in entry["ReplacementTags"]}
        assert tags == {"ws": "acme", "cid": "7000000", "blk": "3-2-1", "idx": str(10 + at)}
        headers = {header["Name"]: header["Value"] for header in entry["ReplacementHeaders"]}
        assert list(headers) == ["List-Unsubscribe"]  # nothing that would replace a header of the template
        found = re.fullmatch(r"<https://o\.example/u/([\w-]{44})>", headers["List-Unsubscribe"])
        assert found
        assert read(KEYS, Purpose.UNSUBSCRIBE, found[1]) == Link(CAMPAIGN.number, at + 1)
        assert data["unsubscribe"] == f"https://o.example/u/{found[1]}"
        assert max(map(len, headers.values())) <= 995
