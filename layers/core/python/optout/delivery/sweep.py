"""Sweep: campaigns that stalled continue, even after a lost message, a killed worker or a purged queue.

DynamoDB knows what is left, so enqueuing again is always safe: a worker that finds nothing to do ends at once.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from optout.campaigns.campaign import Campaign, Campaigns, ParkReason, State
from optout.campaigns.ledger import CHUNK, remaining
from optout.campaigns.ramp import WAIT
from optout.campaigns.transitions import unpark
from optout.campaigns.wake import Waker
from optout.delivery.breaker import trip
from optout.delivery.visit import Visited, visit
from optout.number import milliseconds
from optout.provider.send_rate import SendLimiter, send_rate_of

STALLED_AFTER = 3 * 60 * 1000  # milliseconds without progress; doubled after every attempt that brought none


_LONGEST = 4  # doublings


_AHEAD = 900.0  # seconds' worth of chunks that are enqueued at once


_FREE_QUOTA = 0.05  # share of the daily quota that must be free before a campaign continues early


_SPARSE = 100  # recipients per chunk to reckon with; sparser chunks are left to the next sweep


_NEVER_ACCEPTED = 24 * 60 * 60 * 1000  # milliseconds after which no message of a stored campaign can be under way


_AT_ONCE = 100  # chunks of a cancelled campaign that one sweep closes


@dataclass(slots=True)
class Swept:
    """The result of one sweep. ``requeued`` counts messages; ``parked`` counts the campaigns that wait, by reason."""

    requeued: int = 0
    unparked: int = 0
    finished: int = 0
    parked: Counter[str] = field(default_factory=Counter)
    visited: Visited = field(default_factory=Visited)


@dataclass(frozen=True, slots=True)
class Sweep:
    """The ports of this use case."""

    campaigns: Campaigns
    send_limiter: SendLimiter
    waker: Waker
    stalled_after: int = STALLED_AFTER
    ramp_wait: int = WAIT

    def sweep(self, now: int, seconds_left: Callable[[], float] = lambda: inf) -> Swept:
        """Check every campaign that has not ended."""
        done = Swept()
        done.visited = visit(self.campaigns, lambda number: self._check(number, now, done), seconds_left)
        return done

    def _check(self, number: int, now: int, done: Swept) -> None:
        campaign = self.campaigns.get(number)
        if campaign is None:
            return
        if campaign.state is State.STORED and now >= milliseconds(campaign.number) + _NEVER_ACCEPTED:
            self.campaigns.move(campaign, State.CANCELLED)
        elif campaign.state is State.SCHEDULED:
            done.requeued += self.waker.schedule(campaign, now)
        elif campaign.state is State.PARKED and self._may_continue(campaign, now):
            campaign = unpark(self.campaigns, number).campaign
            done.unparked += int(campaign.state.may_send)
            done.requeued += self._requeue(campaign, now) if campaign.state.may_send else 0
        elif campaign.state.may_send:
            campaign = self._advance(campaign, now, done)
        elif campaign.state is State.CANCELLED:
            self._wind_up(number)
        if campaign.state is State.PARKED and campaign.parking:
            done.parked[campaign.parking.reason.value] += 1

    def _advance(self, campaign: Campaign, now: int, done: Swept) -> Campaign:
        """A campaign at work finishes, is parked by the breaker, widens its ramp, or is enqueued again if stalled."""
        if self.campaigns.finish(campaign.number):
            done.finished += 1
        elif stopped := trip(self.campaigns, campaign):
            return stopped
        elif step := campaign.ramp and campaign.ramp.next(campaign.accounted, now, self.ramp_wait):
            if self.campaigns.widen(campaign, step) and not step.ripe:
                done.requeued += self.waker.wake(campaign, step.released // _SPARSE)
        elif is_stalled(campaign, now, self.stalled_after):
            done.requeued += self._requeue(campaign, now)
        return campaign

    def _requeue(self, campaign: Campaign, now: int) -> int:
        if not self.campaigns.note_enqueued(campaign, now):
            return 0
        send_rate = send_rate_of(self.send_limiter)
        rate = send_rate.account.rate if send_rate else 1.0
        return self.waker.wake(campaign, max(10, int(_AHEAD * rate / CHUNK)))

    def _may_continue(self, campaign: Campaign, now: int) -> bool:
        parking, send_rate = campaign.parking, send_rate_of(self.send_limiter)
        if parking is None or parking.reason.waits_for_a_person or send_rate is None:
            return False
        if parking.reason is ParkReason.QUOTA:
            remaining_quota = send_rate.remaining_quota(campaign.message_class)
            wanted = min(max(1, campaign.pending), max(1.0, _FREE_QUOTA * send_rate.account.quota))
            return remaining_quota >= wanted or (parking.until is not None and now >= parking.until)
        return send_rate.account.enabled and now >= max(parking.until or 0, send_rate.paused_until)

    def _wind_up(self, number: int) -> None:
        """A cancelled campaign is checked until nothing of it is in doubt; then it is retired."""
        chunks = self.campaigns.open_chunks(number, _AT_ONCE)
        for index in chunks:
            chunk = self.campaigns.chunk(number, index)
            if chunk and remaining(chunk, self.campaigns.rows(number, index))[1]:
                self.campaigns.doubt(number, index)
            self.campaigns.close_chunk(number, index)
        if not chunks and not self.campaigns.doubts(number):
            self.campaigns.retire(number)


def is_stalled(campaign: Campaign, now: int, after: int = STALLED_AFTER) -> bool:
    """Whether there was no progress for so long that no worker can be running any more."""
    attempts = campaign.attempts if campaign.enqueued_at > campaign.progress else 0
    return now - max(campaign.progress, campaign.enqueued_at) >= after << min(attempts, _LONGEST)
