"""Who is asked to confirm: whom LetterBucket rings for, and what it says when nobody can be rung for."""

import json
from typing import Any

import pytest

from optout import clock
from optout.number import from_uuid
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Answer, call
from tests.support.handlers.refusals import UNAVAILABLE, letterbucket_422

NO_SENDER = "This newsletter has no sender address for confirmation emails."
NEW = {"email": "new@reader.example", "status": "pending"}
ACTIVE = {"email": "other@reader.example"}


def enqueued(aws: AWS) -> list[int]:
    return [message["subscriber"] for message in aws.messages("ConfirmQueue")]


def numbered(answer: Answer) -> int | None:
    return from_uuid(answer.json["data"]["id"])


def test_a_pending_subscriber_is_rung_for_by_ids_alone(aws: AWS) -> None:
    before = clock.now()
    answer = call("letterbucket.create", json_body=NEW)
    assert (answer.status, answer.json["data"]["status"]) == (201, "pending")
    (message,) = aws.messages("ConfirmQueue")
    assert before <= message.pop("requested_at") <= clock.now()
    assert message == {"workspace": "acme", "newsletter": "weekly", "subscriber": numbered(answer)}


def test_of_a_bulk_the_pending_ones_are_rung_for(aws: AWS) -> None:
    people = [{"email": f"p{at}@reader.example", "status": "pending"} for at in range(25)]
    created = call("letterbucket.bulk", json_body=[ACTIVE, *people]).json["data"]["created"]
    assert enqueued(aws) == [from_uuid(one["id"]) for one in created[1:]]


@pytest.mark.parametrize("changes", [{"status": "pending"}, {"email": "ada.king@reader.example", "status": "pending"}])
def test_an_update_to_pending_rings_each_time(changes: dict[str, str], aws: AWS) -> None:
    for _ in range(2):
        assert call("letterbucket.update", json_body=changes).json["data"]["status"] == "pending"
    assert enqueued(aws) == [examples.SUBSCRIBER] * 2


def test_another_address_of_who_is_pending_rings_and_another_name_does_not(aws: AWS) -> None:
    for changes in ({"status": "pending"}, {"name": "Ada King"}, {"email": "ada.king@reader.example"}):
        assert call("letterbucket.update", json_body=changes).status == 200
    assert enqueued(aws) == [examples.SUBSCRIBER] * 2


def test_nobody_is_rung_for_who_is_active(aws: AWS) -> None:
    call("letterbucket.create", json_body=ACTIVE)
    call("letterbucket.bulk", json_body=[{"email": "another@reader.example"}])
    call("letterbucket.update", json_body={"email": "ada.king@reader.example", "status": "active"})
    assert enqueued(aws) == []


WITHOUT_SENDER: list[tuple[str, Any]] = [("letterbucket.create", NEW), ("letterbucket.bulk", [ACTIVE, NEW])]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("function", "body"), WITHOUT_SENDER)
def test_without_a_sender_nobody_can_be_pending(function: str, body: Any) -> None:
    answer = call(function, json_body=body, credentials=examples.OTHER_NEWSLETTER)
    assert (answer.status, answer.json) == letterbucket_422(status=NO_SENDER)


def test_without_a_sender_nobody_becomes_pending(aws: AWS) -> None:
    made = call("letterbucket.create", json_body=ACTIVE, credentials=examples.OTHER_NEWSLETTER).json["data"]
    before = aws.contents()
    body = {"status": "pending", "name": "x"}
    answer = call("letterbucket.update", json_body=body, path_id=made["id"], credentials=examples.OTHER_NEWSLETTER)
    assert (answer.status, answer.json) == letterbucket_422(status=NO_SENDER)
    assert aws.contents() == before


@pytest.mark.parametrize(("function", "body"), [("letterbucket.create", NEW), ("letterbucket.bulk", [ACTIVE, NEW])])
def test_with_a_queue_that_fails_nobody_is_added_and_the_same_request_again_adds_and_asks(
    function: str, body: Any, aws: AWS
) -> None:
    before = aws.items("SubscribersTable")
    aws.lose("ConfirmQueue")
    answer = call(function, json_body=body)
    assert (answer.status, answer.json) == (503, UNAVAILABLE["letterbucket"])
    assert aws.items("SubscribersTable") == before
    url = aws.references["ConfirmQueue"]
    aws.sqs.create_queue(QueueName=url.rpartition("/")[2])
    data = call(function, json_body=body).json["data"]
    pending = data["created"][1] if "created" in data else data
    (message,) = aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(message["Body"])["subscriber"] == from_uuid(pending["id"])


def test_an_update_whose_queue_fails_is_told(aws: AWS) -> None:
    aws.lose("ConfirmQueue")
    answer = call("letterbucket.update", json_body={"status": "pending"})
    assert (answer.status, answer.json) == (503, UNAVAILABLE["letterbucket"])
    assert call("letterbucket.create", json_body=ACTIVE).status == 201
