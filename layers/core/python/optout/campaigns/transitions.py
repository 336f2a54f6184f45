"""What people and the machinery do with a campaign under way: pause, resume, cancel, park, lift.

Every move is one conditional write; who loses it reads again and decides again. A worker that is at it stops before
its next claim, for the claim is made only while the campaign may send.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from optout import clock
from optout.campaigns.campaign import Campaign, Campaigns, Parking, State
from optout.errors import NotFound, Unavailable

_ATTEMPTS = 20  # a walk that is under way may win some of them


@dataclass(frozen=True, slots=True)
class Steered:
    """The campaign as it is now, and whether that is our doing."""

    campaign: Campaign
    changed: bool


def pause(campaigns: Campaigns, number: int) -> Steered:
    """Stop for now; a campaign that has ended, or is paused, stays as it is."""
    return _move(campaigns, number, lambda campaign: State.PAUSED)


def cancel(campaigns: Campaigns, number: int) -> Steered:
    """Stop for good; who was not sent to stays pending."""
    return _move(campaigns, number, lambda campaign: State.CANCELLED)


def park(campaigns: Campaigns, number: int, parking: Parking) -> Steered:
    """Stop because the provider takes nothing; only a campaign at work is parked."""
    return _move(campaigns, number, lambda campaign: State.PARKED if campaign.state.may_send else None, parking)


def resume(campaigns: Campaigns, number: int) -> Steered:
    """Go on where it stopped, or wait for its time again; whoever calls this rings as well
    (`optout.sweeping.Waking`)."""
    return _move(campaigns, number, _goes_on)


def begin(campaigns: Campaigns, number: int) -> Campaign | None:
    """The campaign, which has begun if it is scheduled and its time has come."""
    campaign = campaigns.get(number)
    if campaign is None or campaign.state is not State.SCHEDULED or clock.now() < campaign.not_before:
        return campaign
    campaigns.move(campaign, State.ACCEPTED)
    return campaigns.get(number)


def lift(campaigns: Campaigns, number: int) -> Steered:
    """Go on after parking, unless somebody has paused or cancelled it since."""
    return _move(campaigns, number, lambda campaign: campaign.at_work if campaign.state is State.PARKED else None)


def _goes_on(campaign: Campaign) -> State | None:
    if campaign.state is State.PAUSED and clock.now() < campaign.not_before:
        return State.SCHEDULED
    return campaign.at_work if campaign.state in (State.PAUSED, State.PARKED) else None


def _move(
    campaigns: Campaigns, number: int, aim: Callable[[Campaign], State | None], parking: Parking | None = None
) -> Steered:
    for _ in range(_ATTEMPTS):
        campaign = campaigns.get(number)
        if campaign is None:
            raise NotFound(str(number))
        to = aim(campaign)
        if to is None or not campaign.state.may_become(to):
            return Steered(campaign, False)
        if campaigns.move(campaign, to, parking, _excused(campaign, to)):
            moved = campaigns.get(number)
            return Steered(moved or campaign, True)
    raise Unavailable


def _excused(campaign: Campaign, to: State) -> Mapping[str, int] | None:
    """Who lets a campaign go on that its own mails have stopped has seen what there was."""
    is_forgiven = to.may_send and campaign.parking is not None and campaign.parking.reason.is_of_its_own_making
    return campaign.counters if is_forgiven else None
