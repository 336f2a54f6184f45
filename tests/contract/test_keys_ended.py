"""A key that is ended while functions that know it are running."""

import time

import pytest

from optout.access.credential import hash_key
from optout.aws.access.credentials import DynamoDBCredentials
from optout.wiring.access import credentials
from tests.support.handlers import examples
from tests.support.handlers.calls import call


def test_a_running_function_forgets_a_key_that_was_ended_elsewhere_within_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = credentials()
    assert isinstance(here, DynamoDBCredentials)
    assert call("letterbucket.get").status == 200
    elsewhere = DynamoDBCredentials(here.client, here.table)
    elsewhere.revoke(hash_key(examples.LETTERBUCKET["authorization"].removeprefix("Bearer ")))
    later = time.monotonic() + 59
    monkeypatch.setattr(time, "monotonic", lambda: later)
    answer = call("letterbucket.get")
    assert (answer.status, answer.json["code"]) == (401, "unauthorized")
