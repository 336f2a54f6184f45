"""Enqueuing: every message is accepted, or the caller gets an error."""

import json
import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws

from optout.aws.queue import SQSQueue
from optout.errors import Unavailable
from tests.support.wire import Wire

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"
FINE: dict[str, Any] = {"Successful": [], "Failed": []}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def failed(*ids: str) -> dict[str, Any]:
    return {"Successful": [], "Failed": [{"Id": name, "SenderFault": False, "Code": "InternalError"} for name in ids]}


def sent(wire: Wire) -> list[list[Any]]:
    """The bodies of every call."""
    return [[json.loads(entry["MessageBody"]) for entry in request["Entries"]] for request in wire.requests]


def test_messages_arrive_as_they_were_given() -> None:
    with mock_aws():
        client = boto3.client("sqs", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        url = client.create_queue(QueueName="jobs")["QueueUrl"]
        SQSQueue(lambda: client, url).send({"campaign": 2**52, "chunk": at} for at in range(23))
        found: list[Any] = []
        while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            found += [json.loads(message["Body"]) for message in messages]
    assert sorted(found, key=lambda body: body["chunk"]) == [{"campaign": 2**52, "chunk": at} for at in range(23)]


def test_ten_go_to_a_call() -> None:
    wire = Wire("sqs", FINE, FINE, FINE)
    SQSQueue(lambda: wire.client, URL).send({"chunk": at} for at in range(23))
    assert [len(call) for call in sent(wire)] == [10, 10, 3]


def test_nothing_is_no_call() -> None:
    wire = Wire("sqs")
    SQSQueue(lambda: wire.client, URL).send([])
    assert wire.requests == []


def test_entries_that_failed_are_sent_again_and_no_others() -> None:
    wire = Wire("sqs", failed("1", "3"), failed("3"), FINE)
    SQSQueue(lambda: wire.client, URL).send({"chunk": at} for at in range(5))
    assert [[body["chunk"] for body in call] for call in sent(wire)] == [[0, 1, 2, 3, 4], [1, 3], [3]]


def test_an_entry_that_never_gets_through_is_heard_of() -> None:
    wire = Wire("sqs", *[failed("0")] * 10)
    with pytest.raises(Unavailable):
        SQSQueue(lambda: wire.client, URL).send([{"chunk": 1}])
    assert len(wire.requests) == 5


@pytest.mark.parametrize("answer", [(503, "ServiceUnavailable", "x"), ReadTimeoutError(endpoint_url=URL)], ids=str)
def test_a_queue_that_does_not_answer_is_unavailable(answer: Any) -> None:
    wire = Wire("sqs", answer)
    with pytest.raises(Unavailable):
        SQSQueue(lambda: wire.client, URL).send([{"chunk": 1}])


@pytest.mark.parametrize(("asked", "set_to"), [(0, 0), (0.2, 1), (30, 30), (86_400, 900)])
def test_a_message_may_be_told_to_wait(asked: float, set_to: int) -> None:
    wire = Wire("sqs", FINE)
    SQSQueue(lambda: wire.client, URL).send([{"chunk": 1}], delay=asked)
    assert [entry["DelaySeconds"] for entry in wire.requests[0]["Entries"]] == [set_to]
