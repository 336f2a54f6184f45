"""The send protocol: claim, send once, settle.

A block is claimed by one conditional write, sent by exactly one attempt, and settled by one write that adds up the
counters and, where the run goes on, claims the next block, if the campaign still may send. An answer that was lost
leaves the block claimed: only the provider's own events may say what became of it. The suppressions are read between
the claim and the call.

Whatever the provider refuses, the message that rang is done with: it is rung for again later, or the campaign is
parked and the sweeper rings. A refusal never uses up the tries of a message.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import uniform

from optout import clock
from optout.campaigns.campaign import Campaigns, Parking, ParkReason
from optout.campaigns.transitions import park
from optout.delivery.run import Order, Run
from optout.delivery.sender import Report, Sender
from optout.errors import NotSent
from optout.provider.pace import Slots
from optout.provider.refusal import Refusal, judge
from optout.suppressions.suppression import Suppressions

_SHUT_FOR = 15 * 60 * 1000  # milliseconds after which a provider that has paused us is asked again


@dataclass(slots=True)
class Delivery:
    """The ports that delivering needs, and the one use case over them."""

    campaigns: Campaigns
    suppressions: Suppressions
    slots: Slots
    sender: Sender
    _content: dict[int, Mapping[str, str]] = field(default_factory=dict, init=False)

    def deliver(self, number: int, chunk_index: int, seconds_left: Callable[[], float]) -> Report:
        """Send what is left of a chunk, as far as the provider, the clock and the campaign's state let us. A chunk
        that the ramp has not reached is rung for when it has."""
        campaign, chunk = self.campaigns.order(number, chunk_index)
        if campaign is None or chunk is None or not campaign.may_mail(chunk):
            return Report()
        order = Order(campaign, chunk, self._content_of(number), seconds_left)
        run = Run(order, self.campaigns, self.suppressions, self.slots, self.sender)
        try:
            run.go()
        except NotSent as refusal:
            self._give_way(number, refusal, run.report)
        if run.report.doubtful:
            self.campaigns.doubt(number, chunk_index)
        elif run.is_done:
            if not run.is_closed:
                self.campaigns.close_chunk(number, chunk_index)
            run.report.campaign_finished = self.campaigns.finish(number)
        return run.report

    def _content_of(self, number: int) -> Mapping[str, str]:
        """A campaign's content never changes, so it is read once."""
        if number not in self._content:
            self._content = {number: self.campaigns.content(number)}
        return self._content[number]

    def _give_way(self, number: int, refusal: NotSent, report: Report) -> None:
        """Ring later, or park the campaign."""
        report.parking = self._parking(refusal)
        if report.parking is None:
            report.ring_in = max(refusal.wait, 1.0) + uniform(0, 5)
        else:
            park(self.campaigns, number, report.parking)

    def _parking(self, refusal: NotSent) -> Parking | None:
        now = clock.now()
        match judge(refusal):
            case Refusal.QUOTA:
                return Parking(ParkReason.QUOTA, refusal.cause, self.slots.pace().quota_returns(now))
            case Refusal.PROVIDER_PAUSED:
                self.slots.shut(now + _SHUT_FOR)
                return Parking(ParkReason.PROVIDER_PAUSED, refusal.cause, now + _SHUT_FOR)
            case Refusal.CONFIG:
                return Parking(ParkReason.CONFIG, refusal.cause)
        return None
