"""A campaign at the provider's limits: it slows down, waits and goes on, and the counts stay exact."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.stack import Stack
from optout.campaigns.campaign import ParkReason, State
from optout.campaigns.transitions import resume
from optout.campaigns.wake import Waker
from optout.delivery import deliver
from tests.reliability.hostile import Faults
from tests.reliability.mailer import Mailer
from tests.reliability.provider import change, inject
from tests.reliability.provider_events import Events
from tests.reliability.readers import Crowd
from tests.support.engine import Tables
from tests.support.patience import PATIENCE

PEOPLE = 1_500
LONGEST = PATIENCE
Make = Callable[..., Mailer]


def spent(stack: Stack) -> int:
    return int(stack.client("sesv2").get_account()["SendQuota"]["SentLast24Hours"])


@pytest.fixture
def make(stack: Stack, engine: Tables, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes a campaign, after settings of the provider and a fault plan."""
    monkeypatch.setattr(deliver, "_PAUSE", 1_500)
    before = change(stack)
    events = Events(stack)

    def made(plan: dict[str, Any] | None = None, **settings: Any) -> Mailer:
        change(stack, **settings)
        inject(stack, plan or {})
        return Mailer(stack, engine, events, Crowd(PEOPLE), Faults())

    yield made
    change(stack, **before)
    inject(stack, {})


def is_parked(reason: ParkReason) -> Callable[[Any], bool]:
    return lambda campaign: campaign.state is State.PARKED and campaign.parking.reason is reason


def assert_everybody_was_mailed_once(mailer: Mailer) -> None:
    mailed = mailer.mailed()
    assert set(mailed.values()) == {1}
    assert mailed.keys() == mailer.crowd.emails
    campaign = mailer.campaign
    assert (campaign.counters["sent"], campaign.audience, campaign.pending) == (PEOPLE, PEOPLE, 0)


def test_a_storm_of_throttles_slows_down_and_loses_nobody(make: Make) -> None:
    mailer = make({"seed": 5, "calls": [{"fault": "throttle", "probability": 0.5}]})
    mailer.start()
    with mailer.at_work(8):
        mailer.wait_until_finished(LONGEST)
    assert_everybody_was_mailed_once(mailer)


def test_workers_together_keep_to_the_provider_s_rate(make: Make) -> None:
    mailer = make(rate=500.0, burst=0)
    mailer.start()
    with mailer.at_work(16):
        mailer.wait_until_finished(LONGEST)
    assert_everybody_was_mailed_once(mailer)
    times = sorted(row["monotonic"] for row in mailer.accepted())
    in_a_second = max(
        sum(1 for at in times[first : first + 700] if at < times[first] + 1) for first in range(0, len(times), 10)
    )
    assert in_a_second <= 505


def test_a_spent_day_parks_with_a_forecast_and_the_next_window_goes_on(make: Make, stack: Stack) -> None:
    mailer = make(quota=spent(stack) + 700)
    mailer.start()
    with mailer.at_work(4):
        parked = mailer.wait(LONGEST, is_parked(ParkReason.QUOTA))
        assert parked.parking
        assert parked.parking.until
        parked = mailer.wait(30, lambda campaign: mailer.mailed().total() == campaign.accounted)
        assert 0 < parked.accounted <= 700
        change(stack, quota=10_000_000)
        mailer.wait_until_finished(LONGEST)
    assert_everybody_was_mailed_once(mailer)


def test_a_paused_provider_parks_and_goes_on_by_itself(make: Make, stack: Stack) -> None:
    mailer = make(paused=True)
    mailer.start()
    with mailer.at_work(4):
        mailer.wait(LONGEST, is_parked(ParkReason.PROVIDER_PAUSED))
        assert mailer.mailed().total() == 0
        change(stack, paused=False)
        mailer.wait_until_finished(LONGEST)
    assert_everybody_was_mailed_once(mailer)


def test_a_sender_that_is_not_verified_waits_for_a_person(make: Make, stack: Stack) -> None:
    mailer = make(identities=["elsewhere.example"])
    mailer.start()
    with mailer.at_work(4):
        mailer.wait(LONGEST, is_parked(ParkReason.CONFIG))
        assert mailer.mailed().total() == 0
        change(stack, identities=["example.com"])
        resumed = resume(mailer.campaigns, mailer.number).campaign
        Waker(mailer.campaigns, mailer.expand, mailer.deliver).wake(resumed, 100)
        mailer.wait_until_finished(LONGEST)
    assert_everybody_was_mailed_once(mailer)
