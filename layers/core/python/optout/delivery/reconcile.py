"""Reconcile: blocks that a lost answer or a dead worker left in doubt are settled by the provider's own events.

An event with the tags of a recipient proves that the email was accepted, or that it was rejected afterwards. Without
one, the email counts as not accepted only while events of later emails arrive and no file of older events is unread;
then it is sent again in a follow-up block. Otherwise the status is UNKNOWN until an event arrives. Nothing in doubt is
sent again in any other way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from optout.campaigns.campaign import Campaign, Campaigns
from optout.campaigns.ledger import DeliveryStatus, Doubt, Outcome, Outcomes, Row, remaining
from optout.campaigns.outcomes import count
from optout.delivery.event_store import EventStore, SentFiles
from optout.delivery.visit import Visited, visit
from optout.queue import Queue

_NO_EVENT = "no_send_event"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Timeouts after a claim, in milliseconds: the lifetime of its worker; when a missing event counts as "not sent";
    when to give up and report UNKNOWN. ``file`` is the greatest age of an event in a new file."""

    worker: int = 6 * 60 * 1000  # a worker lives for five minutes
    event: int = 30 * 60 * 1000
    give_up: int = 3 * 60 * 60 * 1000
    file: int = 15 * 60 * 1000


def decide(row: Row, now: int, alive_until: int, timeouts: Timeouts) -> Outcomes | None:
    """The outcomes of a block that was claimed and not settled; None when it is too early to decide.

    ``alive_until``: events of emails accepted until then have arrived (epoch milliseconds).
    """
    if now < row.claimed + timeouts.worker:
        return None
    outcomes = {at: row.proven[at] for at in row.block.positions if at in row.proven}
    missing = [at for at in row.block.positions if at not in row.proven]
    if not missing:
        return outcomes
    if now >= row.claimed + timeouts.event and alive_until > row.claimed + timeouts.worker:
        status = DeliveryStatus.UNKNOWN if row.block.is_last_part else DeliveryStatus.RETRY
    elif now >= row.claimed + timeouts.give_up:
        status = DeliveryStatus.UNKNOWN
    else:
        return None
    return outcomes | {at: Outcome(status, _NO_EVENT) for at in missing}


@dataclass(slots=True)
class Reconciled:
    """The result of one run: blocks settled, and recipients by status."""

    blocks: int = 0
    waiting: int = 0
    sent: int = 0
    again: int = 0
    unknown: int = 0
    finished: list[int] = field(default_factory=list)
    visited: Visited = field(default_factory=Visited)

    def add(self, outcomes: Outcomes) -> None:
        statuses: Mapping[str, int] = count(outcomes)
        self.blocks += 1
        self.sent += statuses.get(DeliveryStatus.SENT, 0)
        self.unknown += statuses.get(DeliveryStatus.UNKNOWN, 0)
        self.again += sum(outcome.status is DeliveryStatus.RETRY for outcome in outcomes.values())


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The ports of this use case. ``files`` is None where events do not come in files."""

    campaigns: Campaigns
    event_store: EventStore
    deliver: Queue
    timeouts: Timeouts = field(default_factory=Timeouts)
    files: SentFiles | None = None

    def reconcile(self, now: int, seconds_left: Callable[[], float] = lambda: inf) -> Reconciled:
        """Settle what can be decided, in every campaign that has not ended."""
        done, alive_until = Reconciled(), self._alive_until()

        def check(number: int) -> None:
            campaign, doubts = self.campaigns.get(number), self.campaigns.doubts(number)
            for doubt in doubts if campaign else ():
                self._settle(number, doubt, now, alive_until, done)
            if campaign and doubts:
                self._continue(campaign, doubts, done)

        done.visited = visit(self.campaigns, check, seconds_left)
        return done

    def _alive_until(self) -> int:
        """Read before any row: the events of a file that is deleted by then are in the rows."""
        oldest = self.files.oldest() if self.files else None
        alive_until = self.event_store.alive_until()
        return alive_until if oldest is None else min(alive_until, oldest - self.timeouts.file)

    def _settle(self, number: int, doubt: Doubt, now: int, alive_until: int, done: Reconciled) -> None:
        is_open = False
        for row in self.campaigns.rows(number, doubt.chunk):
            if row.is_settled:
                continue
            outcomes = decide(row, now, alive_until, self.timeouts)
            if outcomes is None:
                is_open = True
                done.waiting += 1
            elif self.campaigns.settle(number, row.block, outcomes):
                done.add(outcomes)
        if not is_open:
            self.campaigns.forget(number, doubt)

    def _continue(self, campaign: Campaign, doubts: Sequence[Doubt], done: Reconciled) -> None:
        """Enqueue what is to be sent again, close what is complete."""
        for doubt in doubts:
            chunk = self.campaigns.chunk(campaign.number, doubt.chunk)
            rows = self.campaigns.rows(campaign.number, doubt.chunk)
            unclaimed, unsettled = remaining(chunk, rows) if chunk else ([], [])
            if unclaimed and campaign.state.may_send:
                self.deliver.send([{"campaign": campaign.number, "chunk": doubt.chunk}])
            elif not unclaimed and not unsettled:
                self.campaigns.close_chunk(campaign.number, doubt.chunk)
        if self.campaigns.finish(campaign.number):
            done.finished.append(campaign.number)
