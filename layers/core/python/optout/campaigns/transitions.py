"""Transitions of a campaign under way: pause, resume, cancel, park, unpark.

Every transition is one conditional write; the loser of a race reads and decides again. A worker stops before its next
claim, because a claim is written only while the campaign may send.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from optout import clock
from optout.campaigns.campaign import Campaign, Campaigns, Parking, State
from optout.errors import NotFound, Unavailable

_ATTEMPTS = 20  # an audience walk under way may win some of them


@dataclass(frozen=True, slots=True)
class Transition:
    """The campaign as it is now, and whether this call changed it."""

    campaign: Campaign
    changed: bool


def pause(campaigns: Campaigns, number: int) -> Transition:
    """Pause; an ended or paused campaign stays as it is."""
    return _move(campaigns, number, lambda campaign: State.PAUSED)


def cancel(campaigns: Campaigns, number: int) -> Transition:
    """Cancel for good; recipients without an email stay pending."""
    return _move(campaigns, number, lambda campaign: State.CANCELLED)


def park(campaigns: Campaigns, number: int, parking: Parking) -> Transition:
    """Park a campaign that is at work: the provider accepts nothing, or the breaker opened."""
    return _move(campaigns, number, lambda campaign: State.PARKED if campaign.state.may_send else None, parking)


def resume(campaigns: Campaigns, number: int) -> Transition:
    """Continue from where it stopped, or wait for its time again. The caller enqueues the rest
    (`optout.campaigns.wake.Waker`)."""
    return _move(campaigns, number, _resumed)


def begin(campaigns: Campaigns, number: int) -> Campaign | None:
    """The campaign, started if it is scheduled and its time has come. Its message proves that it was accepted."""
    campaign = campaigns.get(number)
    if campaign and campaign.state is State.STORED:
        campaigns.move(campaign, campaign.released)
        campaign = campaigns.get(number)
    if campaign is None or campaign.state is not State.SCHEDULED or clock.now() < campaign.not_before:
        return campaign
    campaigns.move(campaign, State.ACCEPTED)
    return campaigns.get(number)


def unpark(campaigns: Campaigns, number: int) -> Transition:
    """Continue after parking, unless the campaign was paused or cancelled meanwhile."""
    return _move(campaigns, number, lambda campaign: campaign.at_work if campaign.state is State.PARKED else None)


def _resumed(campaign: Campaign) -> State | None:
    if campaign.state is State.PAUSED and clock.now() < campaign.not_before:
        return State.SCHEDULED
    return campaign.at_work if campaign.state in (State.PAUSED, State.PARKED) else None


def _move(
    campaigns: Campaigns, number: int, target: Callable[[Campaign], State | None], parking: Parking | None = None
) -> Transition:
    for _ in range(_ATTEMPTS):
        campaign = campaigns.get(number)
        if campaign is None:
            raise NotFound(str(number))
        to = target(campaign)
        if to is None or not campaign.state.may_become(to):
            return Transition(campaign, False)
        if campaigns.move(campaign, to, parking, _excused(campaign, to)):
            moved = campaigns.get(number)
            return Transition(moved or campaign, True)
    raise Unavailable


def _excused(campaign: Campaign, to: State) -> Mapping[str, int] | None:
    """Resuming after the breaker opened excuses what the breaker counted so far."""
    resumes_after_breaker = (
        to.may_send and campaign.parking is not None and campaign.parking.reason.is_of_its_own_making
    )
    return campaign.counters if resumes_after_breaker else None
