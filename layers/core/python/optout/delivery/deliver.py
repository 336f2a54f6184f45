"""Deliver a chunk by the send protocol: claim, send once, settle.

A block is claimed by one conditional write, sent in exactly one attempt, and settled by one transaction that adds up
the counters. If the run continues and the campaign may still send, the same transaction claims the next block. A lost
answer leaves the block claimed: only the provider's own events decide its outcome. The suppressions are read between
the claim and the call.

After a refusal the queue message is done: the chunk is enqueued again with a delay, or the campaign is parked and the
sweeper enqueues it. So a refusal never uses up the receive count of a message.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import uniform

from optout import clock
from optout.campaigns.campaign import Campaigns, Parking, ParkReason
from optout.campaigns.transitions import park
from optout.delivery.run import Run, Work
from optout.delivery.sender import Report, Sender
from optout.errors import NotSent
from optout.provider.refusal import Refusal, classify
from optout.provider.send_rate import SendLimiter
from optout.suppressions.suppression import Suppressions

_PAUSE = 15 * 60 * 1000  # milliseconds until the next attempt after the provider paused the account


@dataclass(slots=True)
class Delivery:
    """The ports of this use case."""

    campaigns: Campaigns
    suppressions: Suppressions
    send_limiter: SendLimiter
    sender: Sender
    _content: dict[int, Mapping[str, str]] = field(default_factory=dict, init=False)

    def deliver(self, number: int, chunk_index: int, seconds_left: Callable[[], float]) -> Report:
        """Send what is left of a chunk, as far as the provider, the time and the campaign's state allow. A chunk beyond
        the ramp is left: the sweeper enqueues it when the ramp reaches it."""
        campaign, chunk = self.campaigns.with_chunk(number, chunk_index)
        if campaign is None or chunk is None or not campaign.may_mail(chunk):
            return Report()
        work = Work(campaign, chunk, self._content_of(number), seconds_left)
        run = Run(work, self.campaigns, self.suppressions, self.send_limiter, self.sender)
        try:
            run.run()
        except NotSent as refusal:
            self._handle_refusal(number, refusal, run.report)
        if run.report.doubtful:
            self.campaigns.doubt(number, chunk_index)
        elif run.is_done:
            if not run.is_closed:
                self.campaigns.close_chunk(number, chunk_index)
            run.report.campaign_finished = self.campaigns.finish(number)
        return run.report

    def _content_of(self, number: int) -> Mapping[str, str]:
        """The content of a campaign never changes, so it is read once."""
        if number not in self._content:
            self._content = {number: self.campaigns.content(number)}
        return self._content[number]

    def _handle_refusal(self, number: int, refusal: NotSent, report: Report) -> None:
        """Retry later, or park the campaign."""
        report.parking = self._parking(refusal)
        if report.parking is None:
            report.retry_in = max(refusal.wait, 1.0) + uniform(0, 5)
        else:
            park(self.campaigns, number, report.parking)

    def _parking(self, refusal: NotSent) -> Parking | None:
        now = clock.now()
        match classify(refusal):
            case Refusal.QUOTA:
                return Parking(ParkReason.QUOTA, refusal.cause, self.send_limiter.send_rate().quota_returns(now))
            case Refusal.PROVIDER_PAUSED:
                self.send_limiter.pause(now + _PAUSE)
                return Parking(ParkReason.PROVIDER_PAUSED, refusal.cause, now + _PAUSE)
            case Refusal.CONFIG:
                return Parking(ParkReason.CONFIG, refusal.cause)
        return None
