"""The sweeper: whatever has stopped goes on, though a message was lost, a worker killed or a whole queue purged.

DynamoDB knows what is left, so ringing once more is always safe: who rings for what is done already wakes a worker
that finds nothing to do.
"""

from collections import Counter
from dataclasses import dataclass, field

from optout.campaigns.campaign import Campaign, Campaigns, ParkReason, State
from optout.campaigns.ledger import CHUNK, remaining
from optout.campaigns.ramp import WAIT
from optout.campaigns.transitions import lift
from optout.campaigns.wake import Waking
from optout.delivery.breaker import trip
from optout.errors import NotSent
from optout.provider.pace import Pace, Slots

STALLED_AFTER = 3 * 60 * 1000  # milliseconds without progress, twice as long after every ring that brought none


_LONGEST = 4  # doublings


_AHEAD = 900.0  # seconds' worth of chunks that are rung for at once


_ROOM = 0.05  # of the day's quota that must be free before a campaign goes on early


_SPARSE = 100  # recipients in a chunk; where there are fewer, the next ring is for what was left out


_AT_ONCE = 100  # chunks of a cancelled campaign that one sweep looks through


@dataclass(slots=True)
class Swept:
    """What one sweep did. ``parked`` counts the campaigns that wait, by reason."""

    rung: int = 0
    lifted: int = 0
    finished: int = 0
    parked: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Sweep:
    """The ports that sweeping needs, and the one use case over them."""

    campaigns: Campaigns
    slots: Slots
    waking: Waking
    stalled_after: int = STALLED_AFTER
    ramp_wait: int = WAIT

    def sweep(self, now: int) -> Swept:
        """Look at every campaign that has not ended."""
        done = Swept()
        for number in self.campaigns.unended():
            campaign = self.campaigns.get(number)
            if campaign is None:
                continue
            if campaign.state is State.SCHEDULED:
                done.rung += self.waking.call(campaign, now)
            elif campaign.state is State.PARKED and self._may_go_on(campaign, now):
                campaign = lift(self.campaigns, number).campaign
                done.lifted += int(campaign.state.may_send)
                done.rung += self._ring(campaign, now) if campaign.state.may_send else 0
            elif campaign.state.may_send:
                campaign = self._look_after(campaign, now, done)
            elif campaign.state is State.CANCELLED:
                self._wind_up(number)
            if campaign.state is State.PARKED and campaign.parking:
                done.parked[campaign.parking.reason.value] += 1
        return done

    def _look_after(self, campaign: Campaign, now: int, done: Swept) -> Campaign:
        """A campaign at work ends, is stopped, goes on to the next slice, or is rung for when nobody is at it."""
        if self.campaigns.finish(campaign.number):
            done.finished += 1
        elif stopped := trip(self.campaigns, campaign):
            return stopped
        elif step := campaign.ramp and campaign.ramp.next(campaign.accounted, now, self.ramp_wait):
            if self.campaigns.widen(campaign, step) and not step.ripe:
                done.rung += self.waking.wake(campaign, step.released // _SPARSE)
        elif is_stalled(campaign, now, self.stalled_after):
            done.rung += self._ring(campaign, now)
        return campaign

    def _ring(self, campaign: Campaign, now: int) -> int:
        if not self.campaigns.note_rung(campaign, now):
            return 0
        pace = self._pace()
        rate = pace.account.rate if pace else 1.0
        return self.waking.wake(campaign, max(10, int(_AHEAD * rate / CHUNK)))

    def _may_go_on(self, campaign: Campaign, now: int) -> bool:
        parking, pace = campaign.parking, self._pace()
        if parking is None or parking.reason.waits_for_a_person or pace is None:
            return False
        if parking.reason is ParkReason.QUOTA:
            room = pace.room(campaign.message_class)
            wanted = min(max(1, campaign.pending), max(1.0, _ROOM * pace.account.quota))
            return room >= wanted or (parking.until is not None and now >= parking.until)
        return pace.account.enabled and now >= max(parking.until or 0, pace.shut_until)

    def _pace(self) -> Pace | None:
        try:
            return self.slots.pace()
        except NotSent:
            return None

    def _wind_up(self, number: int) -> None:
        """A cancelled campaign is looked at until nothing of it is in doubt; then it is left alone."""
        chunks = self.campaigns.open_chunks(number, _AT_ONCE)
        for index in chunks:
            chunk = self.campaigns.chunk(number, index)
            if chunk and remaining(chunk, self.campaigns.rows(number, index))[1]:
                self.campaigns.doubt(number, index)
            self.campaigns.close_chunk(number, index)
        if not chunks and not self.campaigns.doubts(number):
            self.campaigns.retire(number)


def is_stalled(campaign: Campaign, now: int, after: int = STALLED_AFTER) -> bool:
    """Whether nothing has happened for so long that nobody can be at it any more."""
    rings = campaign.rings if campaign.rung > campaign.progress else 0
    return now - max(campaign.progress, campaign.rung) >= after << min(rings, _LONGEST)
