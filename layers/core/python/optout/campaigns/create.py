"""Store once, enqueue."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace

from optout import clock, number
from optout.access.credential import Credential, hash_key
from optout.campaigns.campaign import AT_WORK, Campaign, Campaigns, Request, State
from optout.campaigns.draft import Draft, plan
from optout.errors import Conflict, KeyReused, Problem, Unavailable, Unprocessable
from optout.queue import Doorbell

FARTHEST = 366 * 24 * 3600 * 1000  # milliseconds ahead that a campaign may be scheduled for


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
    now = clock.now()
    if at and at <= now:
        raise Unprocessable("body", Problem("send_at", "past", "This time has passed."))
    if at > now + FARTHEST:
        raise Unprocessable("body", Problem("send_at", "too_far", "This is more than a year ahead."))


_ATTEMPTS = 5


_LONGEST_DELAY = 900  # seconds that a bell can wait


def accept(campaigns: Campaigns, expand: Doorbell, credential: Credential, draft: Draft) -> int:
    """Store the campaign durably, ring for its expansion, and answer its number."""
    return store(campaigns, expand, *plan(credential, draft)).number


def store(
    campaigns: Campaigns,
    expand: Doorbell,
    campaign: Campaign,
    content: Mapping[str, str],
    request: Request | None = None,
) -> Campaign:
    """Store a campaign under a new number and ring for it; raises `Conflict` where the request has one already."""
    for _ in range(_ATTEMPTS):
        made = replace(campaign, number=number.new())
        try:
            campaigns.create(made, content, request)
        except Conflict:
            if request and campaigns.made_for(request.key):
                raise
            continue  # the number is taken
        try:
            call(expand, made)
        except Unavailable:
            if request is None:  # a caller who hears of a failure sends again
                _stop(campaigns, made)
            raise
        return made
    raise Unavailable


def call(expand: Doorbell, campaign: Campaign) -> None:
    """Ring for the walk of a new campaign, when it is time; what is further off than a bell can wait is the sweeper's
    to ring for."""
    delay = max(0, campaign.not_before - clock.now()) / 1000
    if delay <= _LONGEST_DELAY:
        expand.ring([{"campaign": campaign.number, "rung": 0}], delay=delay)


def _stop(campaigns: Campaigns, campaign: Campaign) -> None:
    """The campaign that was not rung for must never start; the bell may have been heard all the same."""
    for state in (State.SCHEDULED, *AT_WORK):
        if campaigns.move(replace(campaign, state=state), State.CANCELLED):
            return
