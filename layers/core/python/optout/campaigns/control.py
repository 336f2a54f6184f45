"""Having campaigns sent by a program: asked for once though it is said twice, stopped, taken up again, tried out."""

from collections.abc import Callable

from optout.access.credential import Credential
from optout.campaigns.campaign import Campaign, Campaigns, State
from optout.campaigns.create import call
from optout.campaigns.transitions import Steered
from optout.campaigns.wake import Waking
from optout.errors import NotFound, WrongState

_RUNG_FOR = 200  # chunks that a campaign which goes on is rung for at once; the sweeper rings for the others


def require(campaigns: Campaigns, credential: Credential, wanted: int | None) -> Campaign:
    """A campaign of this workspace; raises `NotFound`."""
    credential.require("send-mail")
    campaign = None if wanted is None else campaigns.get(wanted)
    if campaign is None or campaign.workspace != credential.workspace:
        raise NotFound
    return campaign


def steer(campaign: Campaign, campaigns: Campaigns, act: Callable[[Campaigns, int], Steered], to: State) -> Campaign:
    """Stop a campaign; who asks again hears that it is so. Raises `WrongState` where it has ended otherwise."""
    steered = act(campaigns, campaign.number)
    if not steered.changed and steered.campaign.state is not to:
        raise WrongState(steered.campaign.state.value)
    return steered.campaign


def wake(campaign: Campaign, act: Callable[[Campaigns, int], Steered], waking: Waking) -> Campaign:
    """Have a campaign go on, and ring for what is left of it; asking again rings again. Raises `WrongState`."""
    steered = act(waking.campaigns, campaign.number).campaign
    if steered.state.has_ended:
        raise WrongState(steered.state.value)
    if steered.state.may_send:
        waking.wake(steered, _RUNG_FOR)
    elif steered.state is State.SCHEDULED:
        call(waking.expand, steered)
    return steered
