"""Create a campaign: store it once, enqueue its expansion."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace

from optout import clock, deadline, number
from optout.access.credential import Credential, hash_key
from optout.campaigns.campaign import AT_WORK, Campaign, Campaigns, IdempotencyKey, State
from optout.campaigns.draft import Draft, plan
from optout.campaigns.readers import Readers
from optout.errors import Conflict, KeyReused, Problem, TooManyCampaigns, Unavailable, Unprocessable
from optout.queue import Queue

FARTHEST = 366 * 24 * 3600 * 1000  # milliseconds ahead that a campaign may be scheduled for
MOST = 1_000  # campaigns of a workspace that have not ended: the sweeper looks at each of them every minute
_ATTEMPTS = 5
_LONGEST_DELAY = 900  # seconds that a queue message can be delayed


def create_campaign(
    campaigns: Campaigns, expand: Queue, readers: Readers, credential: Credential, draft: Draft, key: str = ""
) -> Campaign:
    """The campaign of a draft. The same draft under the same idempotency ``key`` is the same campaign, without a time
    limit; another draft under it raises `KeyReused`. Raises `TooManyCampaigns`."""
    credential.require("send-mail")
    idempotency_key = _idempotency_key(credential, draft, key) if key else None
    if idempotency_key and (known := _known(campaigns, expand, idempotency_key)):
        return known
    _require_time(draft.not_before)
    try:
        return store(campaigns, expand, *plan(credential, draft, readers), idempotency_key)
    except Conflict:
        known = _known(campaigns, expand, idempotency_key) if idempotency_key else None
    if known is None:
        raise Unavailable
    return known


def accept(campaigns: Campaigns, expand: Queue, readers: Readers, credential: Credential, draft: Draft) -> int:
    """Store the campaign durably, enqueue its expansion, and return its number. Raises `TooManyCampaigns`."""
    return store(campaigns, expand, *plan(credential, draft, readers)).number


def store(
    campaigns: Campaigns,
    expand: Queue,
    campaign: Campaign,
    content: Mapping[str, str],
    idempotency_key: IdempotencyKey | None = None,
) -> Campaign:
    """Store a campaign under a new number and enqueue its expansion. Raises `Conflict` when the idempotency key has
    a campaign already, and `TooManyCampaigns`. Requests at the same time may pass that bound by their number."""
    if len(campaigns.unended(campaign.workspace)) >= MOST:
        raise TooManyCampaigns(MOST)
    for _ in range(_ATTEMPTS):
        stored = replace(campaign, number=number.new(), state=State.STORED)
        try:
            campaigns.create(stored, content, idempotency_key)
        except Conflict:
            if idempotency_key and campaigns.find_by_key(idempotency_key.key):
                raise
            continue  # the number is taken
        try:
            with deadline.leaving(deadline.CALL):  # for the cancel
                return _release(campaigns, expand, stored)
        except Unavailable:
            if idempotency_key is None:  # the caller sees the failure and sends again, as a new campaign
                _cancel(campaigns, stored)
            raise
    raise Unavailable


def enqueue(expand: Queue, campaign: Campaign) -> bool:
    """Enqueue the expansion for the campaign's time. False when the time is beyond the longest delay of a message: that
    is the sweeper's task."""
    delay = max(0, campaign.not_before - clock.now()) / 1000
    if delay > _LONGEST_DELAY:
        return False
    expand.send([{"campaign": campaign.number, "first_chunk": 0}], delay=delay)
    return True


def _release(campaigns: Campaigns, expand: Queue, stored: Campaign) -> Campaign:
    """Enqueue a stored campaign, then leave it to the sweeper. Once its message is accepted, the campaign will be sent
    (see `begin`), whatever becomes of the second write."""
    is_enqueued = enqueue(expand, stored)
    try:
        campaigns.move(stored, stored.released)
    except Unavailable:
        if not is_enqueued:
            raise
    return replace(stored, state=stored.released)


def _idempotency_key(credential: Credential, draft: Draft, key: str) -> IdempotencyKey:
    digest = hashlib.sha256(json.dumps(asdict(draft), sort_keys=True).encode()).hexdigest()
    return IdempotencyKey(hash_key(f"{credential.workspace}/{key}"), digest)


def _known(campaigns: Campaigns, expand: Queue, idempotency_key: IdempotencyKey) -> Campaign | None:
    """The campaign that this key has already. Its expansion is enqueued again: the first message may be missing."""
    known = campaigns.find_by_key(idempotency_key.key)
    if known is None:
        return None
    if known[0] != idempotency_key:
        raise KeyReused
    campaign = campaigns.get(known[1])
    if campaign and campaign.state is State.STORED:
        return _release(campaigns, expand, campaign)
    if campaign and campaign.state in (State.ACCEPTED, State.SCHEDULED):
        enqueue(expand, campaign)
    return campaign


def _require_time(at: int | None) -> None:
    if at is None:
        return
    now = clock.now()
    if at <= now:
        raise Unprocessable("body", Problem("send_at", "past", "This time is in the past."))
    if at > now + FARTHEST:
        raise Unprocessable("body", Problem("send_at", "too_far", "This is more than a year ahead."))


def _cancel(campaigns: Campaigns, campaign: Campaign) -> None:
    """A campaign that was not enqueued must never start. The message may have been accepted all the same."""
    for state in (State.STORED, State.SCHEDULED, *AT_WORK):
        if campaigns.move(replace(campaign, state=state), State.CANCELLED):
            return
