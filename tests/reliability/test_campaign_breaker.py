"""A campaign that should not go on stops by itself, when no more than a slice of its audience has been mailed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.stack import Stack
from optout.campaigns.campaign import Campaign, ParkReason, State
from optout.campaigns.ledger import CHUNK
from optout.campaigns.ramp import CANARY, Ramp
from optout.campaigns.transitions import resume
from optout.campaigns.wake import Waker
from tests.reliability.hostile import Faults
from tests.reliability.mailer import RAMP_WAIT, Mailer
from tests.reliability.provider import inject
from tests.reliability.provider_events import Events
from tests.reliability.readers import Crowd
from tests.support.engine import Tables
from tests.support.patience import PATIENCE

PEOPLE = 3_000
LONGEST = PATIENCE
Make = Callable[..., Mailer]


@pytest.fixture
def make(stack: Stack, engine: Tables) -> Iterator[Make]:
    """Makes a campaign with a ramp; so many of the recipients have an outcome of another kind, and then the first
    slice waits until it is told."""
    events = Events(stack)

    def made(**outcome: Any) -> Mailer:
        plan(stack, **outcome)
        mailer = Mailer(stack, engine, events, Crowd(PEOPLE), Faults(), Ramp())
        if outcome:
            mailer.ramp_wait = 10**9
        return mailer

    yield made
    inject(stack, {})


def plan(stack: Stack, **outcome: Any) -> None:
    inject(stack, {"seed": 11, "outcomes": [outcome] if outcome else []})


def has_ended_for(mailer: Mailer, campaign: Campaign) -> bool:
    """Bounces of earlier emails may stop it again; the caller resumes it every time."""
    if is_parked(campaign):
        resumed = resume(mailer.campaigns, mailer.number).campaign
        Waker(mailer.campaigns, mailer.expand, mailer.deliver).wake(resumed, 100)
    return campaign.state is State.FINISHED


def is_parked(campaign: Campaign) -> bool:
    return campaign.state is State.PARKED


@pytest.mark.parametrize(
    ("outcome", "probability", "reason", "counter"),
    [("hard_bounce", 0.2, ParkReason.BOUNCES, "bounced"), ("complaint", 0.02, ParkReason.COMPLAINTS, "complained")],
)
def test_too_many_of_the_first_slice_and_the_rest_is_never_mailed(
    make: Make, outcome: str, probability: float, reason: ParkReason, counter: str
) -> None:
    mailer = make(outcome=outcome, probability=probability)
    mailer.start()
    with mailer.at_work(8):
        parked = mailer.wait(LONGEST, is_parked)
        assert parked.parking
        assert parked.parking.reason is reason
        parked = mailer.wait(LONGEST, lambda campaign: mailer.mailed().total() == campaign.accounted)
    assert 0 < mailer.mailed().total() < CANARY + CHUNK
    assert parked.counters[counter] > 0
    assert set(mailer.mailed().values()) == {1}


def test_a_person_lets_it_go_on_and_everybody_is_mailed_once(make: Make, stack: Stack) -> None:
    mailer = make(outcome="hard_bounce", probability=0.2)
    mailer.start()
    with mailer.at_work(8):
        mailer.wait(LONGEST, is_parked)
        plan(stack)
        mailer.ramp_wait = RAMP_WAIT
        mailer.wait(LONGEST, lambda campaign: has_ended_for(mailer, campaign))
    assert set(mailer.mailed().values()) == {1}
    assert mailer.mailed().keys() == mailer.crowd.emails


def test_a_campaign_that_goes_well_is_let_out_slice_by_slice_and_reaches_everybody(make: Make) -> None:
    mailer = make()
    mailer.start()
    with mailer.at_work(8):
        canary = mailer.wait(LONGEST, lambda campaign: campaign.accounted >= CANARY)
        assert canary.accounted < CANARY + CHUNK or canary.ramp != Ramp()
        campaign = mailer.wait_until_finished(LONGEST)
    assert campaign.ramp
    assert campaign.ramp.released == 8 * CANARY
    assert mailer.mailed().keys() == mailer.crowd.emails
    assert set(mailer.mailed().values()) == {1}
