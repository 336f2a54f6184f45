"""Callers with limits, what they are told, and what their requests ask of the table of limits."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from optout.access.limit import Windows
from optout.wiring.clients import dynamodb
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Answer, call, load

LETTERBUCKET = {"authorization": "Bearer sk_exampleLetterbucketWithLimits00"}
ROCKETCHAT = {"x-auth-token": "example-rocketchat-token-with-limits", "x-user-id": "cD3dE5gH7jK9mN2pQ"}
OWN = {"letterbucket": LETTERBUCKET, "rocketchat": ROCKETCHAT}
WRONG = {"authorization": "Bearer sk_exampleLetterbucketThatIsWrong0"}
UNKNOWN = {"email": "plain"}  # 422


def limited(dialect: str, limits: Mapping[str, Windows] | None = None) -> dict[str, str]:
    """A key with limits of its own, else those that its dialect documents."""
    examples.add_credential(dialect, OWN[dialect], limits=limits or {})
    return OWN[dialect]


def statuses(function: str, times: int, **changes: Any) -> list[int]:
    return [call(function, **changes).status for _ in range(times)]


class Calls:
    """What is asked of the table of limits."""

    def __init__(self, aws: AWS) -> None:
        self.made: list[str] = []
        client: Any = dynamodb()
        client.meta.events.register("provide-client-params.dynamodb", self._note, unique_id="limits")

    def _note(self, params: dict[str, Any], model: Any, **_: object) -> None:
        if params.get("TableName") == "LimitsTable":
            self.made.append(model.name)


@pytest.fixture
def calls(aws: AWS) -> Iterator[list[str]]:
    noted = Calls(aws)
    yield noted.made
    client: Any = dynamodb()
    client.meta.events.unregister("provide-client-params.dynamodb", unique_id="limits")


def assert_throttled(answer: Answer, at_most: int = 60) -> None:
    seconds = answer.json["errors"]["retry_after"]
    text = "Too many requests. Please try again later."
    assert answer.json == {
        "success": False,
        "code": "rate_limit_exceeded",
        "message": text,
        "errors": {"retry_after": seconds},
    }
    assert (answer.status, answer.headers["retry-after"]) == (429, str(seconds))
    assert at_most - 30 < seconds <= at_most


def from_address(ip: str, credentials: Mapping[str, str], function: str = "letterbucket.get") -> Answer:
    event = load(function)
    event["requestContext"]["http"]["sourceIp"] = ip
    return call(function, event, credentials=credentials)
