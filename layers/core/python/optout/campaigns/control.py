"""Control a campaign through an API: find, pause, cancel, resume. Every call may be repeated."""

from optout.access.credential import Credential
from optout.campaigns import transitions
from optout.campaigns.campaign import Campaign, Campaigns, State
from optout.campaigns.create import enqueue
from optout.campaigns.transitions import Transition
from optout.campaigns.wake import Waker
from optout.errors import NotFound, WrongState

_AT_ONCE = 200  # chunks that a resume enqueues; the sweeper enqueues the others


def require(campaigns: Campaigns, credential: Credential, wanted: int | None) -> Campaign:
    """A campaign of this workspace; raises `NotFound`."""
    credential.require("send-mail")
    campaign = None if wanted is None else campaigns.get(wanted)
    if campaign is None or campaign.workspace != credential.workspace:
        raise NotFound
    return campaign


def pause_campaign(campaigns: Campaigns, campaign: Campaign) -> Campaign:
    """Pause a campaign; raises `WrongState` when it has ended."""
    return _stopped(transitions.pause(campaigns, campaign.number), State.PAUSED)


def cancel_campaign(campaigns: Campaigns, campaign: Campaign) -> Campaign:
    """Cancel a campaign; raises `WrongState` when it has ended otherwise."""
    return _stopped(transitions.cancel(campaigns, campaign.number), State.CANCELLED)


def resume_campaign(waker: Waker, campaign: Campaign) -> Campaign:
    """Resume a paused or parked campaign and enqueue the rest of it; a repeated call enqueues it again. Raises
    `WrongState` when it has ended."""
    resumed = transitions.resume(waker.campaigns, campaign.number).campaign
    if resumed.state.has_ended:
        raise WrongState(resumed.state.value)
    if resumed.state.may_send:
        waker.wake(resumed, _AT_ONCE)
    elif resumed.state is State.SCHEDULED:
        enqueue(waker.expand, resumed)
    return resumed


def _stopped(transition: Transition, wanted: State) -> Campaign:
    """A repeated call finds the campaign in the wanted state, and succeeds."""
    if not transition.changed and transition.campaign.state is not wanted:
        raise WrongState(transition.campaign.state.value)
    return transition.campaign
