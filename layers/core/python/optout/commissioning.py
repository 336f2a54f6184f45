"""Having campaigns sent by a program: asked for once though it is said twice, stopped, taken up again, tried out."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from email.utils import parseaddr

from optout import number
from optout.address import Address
from optout.campaign import Campaign, Campaigns, Doorbell, Request, State
from optout.credential import Credential, hash_key
from optout.errors import (
    BadSender,
    Conflict,
    Invalid,
    KeyReused,
    NotFound,
    Problem,
    Unavailable,
    Unprocessable,
    WrongState,
)
from optout.mailing import Draft, call, plan, store
from optout.scope import MessageClass
from optout.steering import Steered
from optout.sweeping import Waking

FARTHEST = 366 * 24 * 3600 * 1000  # milliseconds ahead that a campaign may be scheduled for
_RUNG_FOR = 200  # chunks that a campaign which goes on is rung for at once; the sweeper rings for the others


def commission(campaigns: Campaigns, expand: Doorbell, credential: Credential, draft: Draft, key: str = "") -> Campaign:
    """The campaign of a draft. The same draft under the same ``key`` is the same campaign, for ever; another draft
    under it raises `KeyReused`."""
    credential.require("send-mail")
    request = _request(credential, draft, key) if key else None
    if request and (made := _made(campaigns, expand, request)):
        return made
    _require_time(draft.not_before)
    try:
        return store(campaigns, expand, *plan(credential, draft), request)
    except Conflict:
        made = _made(campaigns, expand, request) if request else None
    if made is None:
        raise Unavailable
    return made


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


def try_out(
    campaign: Campaign, campaigns: Campaigns, expand: Doorbell, credential: Credential, reader: Address
) -> Campaign:
    """Send what a campaign says to one address, as a campaign of its own. An opt-out stops it, unless the address is
    one of the key's own."""
    credential.require_sender(Address.parse(parseaddr(campaign.sender)[1]))
    if not reader.deliverable:
        raise Invalid("body", Problem("to", "not_deliverable", "SES cannot send to this address."))
    trial = Campaign(
        number=0,
        workspace=campaign.workspace,
        sender=campaign.sender,
        topic=campaign.topic,
        message_class=MessageClass.TRANSACTIONAL if _is_own(credential, reader) else MessageClass.MARKETING,
        link_scope=campaign.link_scope,
        only=reader.sendable,
    )
    return store(campaigns, expand, trial, campaigns.content(campaign.number))


def _is_own(credential: Credential, reader: Address) -> bool:
    try:
        credential.require_sender(reader)
    except BadSender:
        return False
    return True


def _request(credential: Credential, draft: Draft, key: str) -> Request:
    digest = hashlib.sha256(json.dumps(asdict(draft), sort_keys=True).encode()).hexdigest()
    return Request(hash_key(f"{credential.workspace}/{key}"), digest)


def _made(campaigns: Campaigns, expand: Doorbell, request: Request) -> Campaign | None:
    """The campaign that this request has already; it is rung for again, for its first bell may not have rung."""
    known = campaigns.made_for(request.key)
    if known is None:
        return None
    if known[0] != request:
        raise KeyReused
    campaign = campaigns.get(known[1])
    if campaign and campaign.state in (State.ACCEPTED, State.SCHEDULED):
        call(expand, campaign)
    return campaign


def _require_time(at: int) -> None:
    now = number.now()
    if at and at <= now:
        raise Unprocessable("body", Problem("send_at", "past", "This time has passed."))
    if at > now + FARTHEST:
        raise Unprocessable("body", Problem("send_at", "too_far", "This is more than a year ahead."))
