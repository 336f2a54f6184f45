"""The limits of the SES account; and a send is one attempt with the functions' clients."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ReadTimeoutError

from optout.aws.delivery.sender import SESSender
from optout.aws.provider.account import SESAccount
from optout.errors import NotSent
from optout.provider.send_rate import Account
from optout.wiring.delivery import sender
from tests.support.wire import Answer, Wire
from tests.support.wiring import forget


def answer(rate: float, *, enabled: bool = True) -> Answer:
    quota = {"Max24HourSend": 50_000.0, "MaxSendRate": rate, "SentLast24Hours": 7.0}
    return {"SendingEnabled": enabled, "SendQuota": quota}


@pytest.mark.parametrize("enabled", [True, False])
def test_the_account_is_read_with_its_rate_and_its_day(enabled: bool) -> None:
    found = SESAccount(Wire("sesv2", answer(14.0, enabled=enabled)).client).account()
    assert found == Account(14.0, 50_000.0, 7.0, enabled)


def test_the_account_tells_its_pricing_plan() -> None:
    told = {**answer(14.0), "PricingAttributes": {"CurrentPlan": "ESSENTIALS"}}  # type: ignore[dict-item]
    assert SESAccount(Wire("sesv2", told).client).account().plan == "ESSENTIALS"


@pytest.mark.parametrize(
    "failure",
    [(429, "TooManyRequestsException", "x"), (500, "InternalFailure", "x"), ReadTimeoutError(endpoint_url="x")],
    ids=str,
)
def test_an_account_that_does_not_answer_sends_nothing(failure: Answer) -> None:
    with pytest.raises(NotSent):
        SESAccount(Wire("sesv2", failure).client).account()


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch) -> Iterator[SESSender]:
    """The sender as the functions get it."""
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    forget()
    found = sender()
    assert isinstance(found, SESSender)
    yield found
    forget()


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
