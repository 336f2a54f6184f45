"""Rocket.Chat: the coercions and messages of its validator, row by row, and what a send stores."""

import json
from typing import Any

import pytest

from optout.number import to_meteor_id
from optout.suppressions.suppression import Action
from optout.wiring.campaigns import campaigns
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Answer, call, load
from tests.support.handlers.refusals import NO_ID, NO_SENDER

VALID = {"from": "news@example.com", "subject": "New", "body": "To leave: [unsubscribe]"}


def send(**body: Any) -> Answer:
    """Fields of the body; ``sender`` stands for ``from``."""
    return call("rocketchat.send", json_body=VALID | {"from" if k == "sender" else k: v for k, v in body.items()})


def error_of(answer: Answer) -> str:
    assert answer.status == 400
    assert answer.json.keys() == {"success", "errorType", "error"}
    assert (answer.json["success"], answer.json["errorType"]) == (False, "invalid-params")
    return str(answer.json["error"])


def campaign_of(answer: Answer) -> Any:
    return campaigns().get(int(answer.headers["x-campaign-id"]))


def test_a_send_answers_success_and_nothing_else() -> None:
    answer = send()
    assert (answer.status, answer.json) == (200, {"success": True})
    assert answer.headers["content-type"] == "application/json"
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")


def test_a_send_stores_its_campaign_and_rings_once(aws: AWS) -> None:
    answer = send(sender="Our News <news@example.com>")
    campaign = campaign_of(answer)
    assert (campaign.sender, campaign.workspace) == ("Our News <news@example.com>", "acme")
    assert (campaign.topic, campaign.test_recipient) == ("newsletter:weekly", None)
    assert aws.messages("ExpandQueue") == [{"campaign": campaign.number, "first_chunk": 0}]


def test_a_workspace_with_too_many_emails_under_way_is_told_so(aws: AWS, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optout.campaigns.create.MOST", 1)
    before = aws.items("CampaignsTable")
    answer = send()
    assert (answer.status, answer.json["success"], answer.json["errorType"]) == (400, False, "error-too-many-campaigns")
    assert answer.json["error"] == "There are 1 emails that have not been sent yet [error-too-many-campaigns]"
    assert aws.items("CampaignsTable") == before


@pytest.mark.parametrize(
    ("value", "test"),
    [("true", True), ("false", False), (True, True), (False, False), (1, True), (0, False), ("", False), (None, False)],
)
def test_dryrun_is_coerced(value: object, test: bool) -> None:
    campaign = campaign_of(send(dryrun=value))
    assert campaign.test_recipient == ("news@example.com" if test else None)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("value", ["yes", "1", "TRUE", "0", 2, -1, 0.5, [], {}, [True]])
def test_dryrun_that_is_no_boolean_is_refused(value: object) -> None:
    assert error_of(send(dryrun=value)) == "must be boolean"


@pytest.mark.parametrize("value", [None, ""])
def test_no_query_may_be_said_in_two_ways(value: object) -> None:
    assert send(query=value).status == 200


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("value", ['{"a":1}', "{bad", "x"])
def test_a_query_never_widens_the_audience(value: str) -> None:
    answer = send(query=value)
    assert answer.status == 400
    assert answer.json.keys() == {"success", "error"}


@pytest.mark.parametrize(("value", "kept"), [(7, "7"), (1.5, "1.5"), (2.0, "2"), (True, "true")])
def test_a_scalar_subject_becomes_a_text(value: object, kept: str) -> None:
    answer = send(subject=value)
    assert campaigns().content(campaign_of(answer).number)["subject"] == kept


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("field", ["sender", "subject", "body", "query"])
@pytest.mark.parametrize("value", [{}, [], ["x"], {"a": 1}])
def test_what_is_no_scalar_is_no_text(field: str, value: object) -> None:
    assert error_of(send(**{field: value})) == "must be string"


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("sender", [12345, None, True, "foo", "a@b@c.example", "news@", "<news@example.com", ""])
def test_a_sender_that_is_no_address_is_refused(sender: object) -> None:
    assert send(sender=sender).json == BAD_SENDER


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("sender", ["other@example.com", "news@other.example", "News <news@example.com> x"])
def test_a_sender_that_the_caller_may_not_use_is_refused(sender: str) -> None:
    answer = send(sender=sender)
    assert (answer.status, answer.json) == (400, BAD_SENDER)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("inserted", ["\r\nBcc: x@y.example", "\n", "\x00", "\x7f", "\u2028", "\u0085"])
def test_what_could_end_a_header_line_is_refused(inserted: str) -> None:
    assert send(sender=f"News{inserted} <news@example.com>").status == 400
    assert send(subject=f"New{inserted}s").status == 400


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("body", ["", "no link", "[Unsubscribe]", "[ unsubscribe ]", "unsubscribe"])
def test_a_mail_must_say_how_to_leave(body: str) -> None:
    error = "You must provide the [unsubscribe] link. [error-missing-unsubscribe-link]"
    answer = send(body=body)
    assert answer.status == 400
    assert answer.json == {
        "success": False,
        "error": error,
        "errorType": "error-missing-unsubscribe-link",
        "details": {"function": "Mailer.sendMail"},
    }


def test_a_link_inside_an_attribute_counts() -> None:
    assert send(body='<a href="[unsubscribe]">leave</a>').status == 200


@pytest.mark.usefixtures("nothing_stored")
def test_only_the_first_missing_field_is_reported() -> None:
    for position, field in enumerate(VALID):
        given = {name: VALID[name] for name in list(VALID)[:position]}
        assert error_of(call("rocketchat.send", json_body=given)) == f"must have required property '{field}'"


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("extra", ["campaignId", "From", "__proto__", "sender"])
def test_additional_properties_are_refused(extra: str) -> None:
    answer = call("rocketchat.send", json_body={**VALID, extra: "x"})
    assert error_of(answer) == "must NOT have additional properties"


@pytest.mark.usefixtures("nothing_stored")
def test_what_is_missing_is_reported_before_what_is_too_much_and_both_before_types() -> None:
    assert error_of(call("rocketchat.send", json_body={"extra": 1, "subject": {}})) == NO_SENDER[1]["error"]
    assert error_of(send(extra=1, subject={})) == "must NOT have additional properties"
    assert error_of(call("rocketchat.unsubscribe", json_body={"extra": 1})) == NO_ID[1]["error"]


@pytest.mark.usefixtures("nothing_stored")
def test_a_subject_has_200_characters_at_most() -> None:
    assert error_of(send(subject="x" * 201)) == "must NOT have more than 200 characters"


def left() -> bool:
    return bool(suppressions().state("acme", examples.ADA).in_force)


MATCHING = {"_id": to_meteor_id(examples.SUBSCRIBER), "createdAt": str(examples.AT)}


@pytest.mark.parametrize("created_at", [str(examples.AT), examples.AT, f"{examples.AT}abc", f" {examples.AT}"])
def test_a_subscriber_leaves_by_id_and_time(created_at: object) -> None:
    answer = call("rocketchat.unsubscribe", json_body=MATCHING | {"createdAt": created_at})
    assert (answer.status, answer.json) == (200, {"success": True})
    assert left()


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "wrong",
    [
        *(
            {"createdAt": value}
            for value in (str(examples.AT + 1), str(examples.AT - 1), "", "x", "2026-08-24T14:15:22Z")
        ),
        *({"createdAt": value} for value in (None, True, "-1", f"0x{examples.AT:x}", "٣٣", "9" * 200)),
        *({"_id": value} for value in ("", "x", "z" * 17, "2" * 17, "0" * 17, None, 7, True, "é" * 17)),
        {"_id": to_meteor_id(examples.OTHER_SUBSCRIBER)},
    ],
    ids=str,
)
def test_what_matches_nobody_is_answered_alike_and_changes_nothing(wrong: dict[str, Any]) -> None:
    answer = call("rocketchat.unsubscribe", json_body=MATCHING | wrong)
    assert (answer.status, answer.json) == (200, {"success": True})


def test_leaving_twice_is_one_record_that_was_stated_twice() -> None:
    first, again = call("rocketchat.unsubscribe"), call("rocketchat.unsubscribe")
    assert (again.status, again.text) == (first.status, first.text)
    actions = [change.action for change in suppressions().history("acme", examples.ADA)]
    assert actions == [Action.SUPPRESSED, Action.REPEATED]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("field", ["_id", "createdAt"])
def test_id_and_time_are_both_required(field: str) -> None:
    given = {name: value for name, value in MATCHING.items() if name != field}
    answer = call("rocketchat.unsubscribe", json_body=given)
    assert error_of(answer) == f"must have required property '{field}'"


def test_the_event_is_what_a_client_sends() -> None:
    assert json.loads(load("rocketchat.unsubscribe")["body"]) == MATCHING


BAD_SENDER = {
    "success": False,
    "error": "Invalid from address [error-invalid-from-address]",
    "errorType": "error-invalid-from-address",
    "details": {"function": "Mailer.sendMail"},
}
