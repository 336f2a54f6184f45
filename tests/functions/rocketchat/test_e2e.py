"""The seven cases that Rocket.Chat's own end-to-end tests of the mailer have."""

import time
from typing import Any

import pytest

from tests.support.handlers import examples
from tests.support.handlers.calls import Answer, call

MAILING = {
    "from": "news@example.com",
    "subject": "Test email subject",
    "body": "Test email body [unsubscribe]",
    "dryrun": True,
    "query": "",
}


def mailer(body: dict[str, Any], **credentials: Any) -> Answer:
    answer = call("rocketchat.send", json_body=body, **credentials)
    assert answer.headers["content-type"] == "application/json"
    return answer


def unsubscribe(body: dict[str, Any]) -> Answer:
    answer = call("rocketchat.unsubscribe", json_body=body)
    assert answer.headers["content-type"] == "application/json"
    return answer


def test_a_dry_run_of_a_known_user_succeeds() -> None:
    answer = mailer(MAILING)
    assert (answer.status, answer.json) == (200, {"success": True})


def test_parameters_of_the_wrong_types_are_refused() -> None:
    answer = mailer(
        {"from": 12345, "subject": {}, "body": "Test email body [unsubscribe]", "dryrun": True, "query": ""}
    )
    assert answer.status == 400
    assert (answer.json["success"], answer.json["errorType"]) == (False, "invalid-params")
    assert "must be string" in answer.json["error"]


def test_a_required_parameter_that_is_missing_is_named() -> None:
    answer = mailer({name: value for name, value in MAILING.items() if name != "from"})
    assert answer.status == 400
    assert (answer.json["success"], answer.json["errorType"]) == (False, "invalid-params")
    assert "must have required property 'from'" in answer.json["error"]


def test_a_user_without_the_permission_is_refused() -> None:
    answer = mailer(MAILING, credentials=examples.MAY_NOT_SEND)
    error = "User does not have the permissions required for this action [error-unauthorized]"
    assert (answer.status, answer.json) == (403, {"success": False, "error": error})


def test_unsubscribing_succeeds_though_nobody_was_created_just_now() -> None:
    answer = unsubscribe({"_id": examples.ROCKETCHAT["x-user-id"], "createdAt": str(int(time.time() * 1000))})
    assert (answer.status, answer.json) == (200, {"success": True})


@pytest.mark.parametrize("given", [{"createdAt": "1692284808957"}, {"_id": examples.ROCKETCHAT["x-user-id"]}])
def test_unsubscribing_needs_the_id_and_the_moment(given: dict[str, str]) -> None:
    (missing,) = {"_id", "createdAt"} - given.keys()
    answer = unsubscribe(given)
    assert answer.status == 400
    assert (answer.json["success"], answer.json["errorType"]) == (False, "invalid-params")
    assert f"must have required property '{missing}'" in answer.json["error"]
