"""Rocket.Chat: what its validator (AJV with ``coerceTypes``) makes of a value, row by row, and in which order."""

import json
from typing import Any

import pytest

from optout.wiring.campaigns import campaigns
from tests.support.handlers import examples
from tests.support.handlers.calls import Answer, call
from tests.support.handlers.refusals import UNAUTHENTICATED

VALID: dict[str, Any] = {"from": "news@example.com", "subject": "New", "body": "To leave: [unsubscribe]"}
BAD_SENDER = "Invalid from address [error-invalid-from-address]"
NO_LINK = "You must provide the [unsubscribe] link. [error-missing-unsubscribe-link]"
LARGEST = 300_000  # bytes of a body

ACCEPTED: list[tuple[dict[str, Any], bool]] = [
    ({"dryrun": "true"}, True),
    ({"dryrun": "false"}, False),
    ({"dryrun": 1}, True),
    ({"dryrun": 0}, False),
    ({"dryrun": 1.0}, True),
    ({"dryrun": ""}, False),
    ({"dryrun": None}, False),
    ({"query": None}, False),
    ({"query": ""}, False),
    ({"subject": 5}, False),
]
NO_BOOLEANS: list[Any] = ["yes", "1", "TRUE", "0", 2, {}, [], [True]]
NO_TEXTS: list[Any] = [{}, ["x"], []]
REFUSED: list[tuple[Any, str]] = [
    *((VALID | {"dryrun": value}, "must be boolean") for value in NO_BOOLEANS),
    *((VALID | {"from": value}, BAD_SENDER) for value in (12345, None, True, False, 1.5, "")),
    *((VALID | {"body": value}, NO_LINK) for value in (12345, None, True, "")),
    *((VALID | {"subject": value}, "must be string") for value in NO_TEXTS),
    (VALID | {"query": {"name": "x"}}, "must be string"),
    ({}, "must have required property 'from'"),
    *((VALID | {"subject": value}, "must be string") for value in ("", None)),
    ({"from": "x"}, "must have required property 'subject'"),
    ({"from": "x", "subject": "x"}, "must have required property 'body'"),
    ({"subject": "x", "body": "x"}, "must have required property 'from'"),
    (VALID | {"unknown": 1}, "must NOT have additional properties"),
    (VALID | {"From": "x"}, "must NOT have additional properties"),
    ([], "must be object"),
    ("text", "must be object"),
    ([VALID], "must be object"),
]


def send(body: Any, **changes: Any) -> Answer:
    return call("rocketchat.send", raw=json.dumps(body), **changes)


@pytest.mark.parametrize(("more", "is_test"), ACCEPTED, ids=str)
def test_what_is_accepted(more: dict[str, Any], is_test: bool) -> None:
    answer = send(VALID | more)
    assert (answer.status, answer.json) == (200, {"success": True})
    campaign = campaigns().get(int(answer.headers["x-campaign-id"]))
    assert campaign
    assert (campaign.test_recipient == "news@example.com") is is_test


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("body", "error"), REFUSED, ids=str)
def test_what_is_refused(body: Any, error: str) -> None:
    answer = send(body)
    assert (answer.status, answer.json["success"], answer.json["error"]) == (400, False, error)
    assert answer.json.keys() <= {"success", "error", "errorType", "details"}
    code = error.rpartition("[")[2].rstrip("]") if error.endswith("]") else "invalid-params"
    assert answer.json["errorType"] == code


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("raw", ["{bad", "", "undefined", "{'from': 1}"])
def test_what_cannot_be_parsed_is_an_empty_object(raw: str) -> None:
    assert call("rocketchat.send", raw=raw).json["error"] == "must have required property 'from'"


@pytest.mark.usefixtures("nothing_stored")
def test_who_asks_is_looked_at_before_the_body_and_the_body_before_the_permission() -> None:
    stranger = send([], credentials={})
    assert (stranger.status, stranger.json) == UNAUTHENTICATED["rocketchat"]
    assert send({}, credentials=examples.MAY_NOT_SEND).status == 400
    assert send(VALID, credentials=examples.MAY_NOT_SEND).status == 403
    assert send(VALID | {"from": "x"}, credentials=examples.MAY_NOT_SEND).status == 403


@pytest.mark.parametrize("sender", ["news@example.com", "News <news@example.com>", '"News, Inc." <NEWS@Example.com>'])
def test_a_sender_is_an_address_with_a_name_or_without(sender: str) -> None:
    assert send(VALID | {"from": sender}).status == 200


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("sender", ["a@b", "a@b@c", "foo", "@example.com", "news@example.com,", "x news@example.com"])
def test_any_other_sender_is_refused(sender: str) -> None:
    assert send(VALID | {"from": sender}).json["error"] == BAD_SENDER


def test_two_ways_out_are_two_links() -> None:
    answer = send(VALID | {"body": "[unsubscribe] or [unsubscribe]"})
    content = campaigns().content(int(answer.headers["x-campaign-id"]))
    assert content["html"] == "{{unsubscribe}} or {{unsubscribe}}"


def test_a_body_of_300_kilobytes_is_accepted() -> None:
    body = "<p>[unsubscribe]</p><!--"
    assert send(VALID | {"body": body + "x" * (LARGEST - len(body))}).status == 200


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    ("body", "limit"),
    [
        ("[unsubscribe]" + "x" * LARGEST, LARGEST),
        ("[unsubscribe]" + "\u20ac" * 100_000, LARGEST),
        ("[unsubscribe]" + "\n" * 100_000, 380_000),
        ("<p>[unsubscribe]" + "{{ " * 60_000, 380_000),
        ("[unsubscribe]" + "word " * 55_000, 500_000),
    ],
    ids=["too long", "too many bytes", "newlines", "braces", "twice, as HTML and as text"],
)
def test_a_mail_that_is_larger_than_what_can_be_stored_or_sent_is_refused(body: str, limit: int) -> None:
    answer = send(VALID | {"body": body})
    error = f"must NOT make an email of more than {limit} bytes"
    assert (answer.status, answer.json) == (400, {"success": False, "errorType": "invalid-params", "error": error})
