"""What SES says of the account, and that a send is one attempt with the clients that the functions use."""

import time
from collections.abc import Iterator

import pytest
from botocore.exceptions import ReadTimeoutError

from optout import wiring
from optout.aws.ses import Links, SESSender
from optout.errors import NotSent
from optout.message import Site
from tests.adapters.wire import Answer, Wire


def sender(wire: Wire) -> SESSender:
    return SESSender(wire.client, wire.client, "events", Links("https://o.example", "", dict), Site("S", "U"))


def account(rate: float, *, enabled: bool = True) -> Answer:
    quota = {"Max24HourSend": 50_000.0, "MaxSendRate": rate, "SentLast24Hours": 0.0}
    return {"SendingEnabled": enabled, "SendQuota": quota}


def test_the_rate_is_asked_for_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    used = sender(Wire("sesv2", account(14.0), account(50.0)))
    assert [used.rate(), used.rate()] == [14.0, 14.0]
    now[0] += 61
    assert used.rate() == 50.0


@pytest.mark.parametrize(
    "answer",
    [
        account(14.0, enabled=False),
        (429, "TooManyRequestsException", "x"),
        (500, "InternalFailure", "x"),
        ReadTimeoutError(endpoint_url="x"),
    ],
    ids=str,
)
def test_an_account_that_does_not_answer_or_may_not_send_sends_nothing(answer: Answer) -> None:
    with pytest.raises(NotSent):
        sender(Wire("sesv2", answer)).rate()


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch) -> Iterator[SESSender]:
    """The sender as the functions get it."""
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    for cached in (wiring.session, wiring.settings, wiring.links, wiring.sender):
        cached.cache_clear()
    found = wiring.sender()
    assert isinstance(found, SESSender)
    yield found
    for cached in (wiring.session, wiring.settings, wiring.links, wiring.sender):
        cached.cache_clear()


@pytest.mark.parametrize("failure", [ReadTimeoutError(endpoint_url="x"), ConnectionResetError()], ids=str)
def test_a_send_is_exactly_one_attempt(wired: SESSender, failure: Exception) -> None:
    attempts = []

    def fail(**_: object) -> None:
        attempts.append(1)
        raise failure

    wired.one_shot.meta.events.register("before-send", fail)
    with pytest.raises(type(failure)):
        wired.one_shot.send_bulk_email(DefaultContent={"Template": {}}, BulkEmailEntries=[])
    assert len(attempts) == 1
