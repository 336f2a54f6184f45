"""The reconciler: what a lost answer or a dead worker left in doubt is settled by the provider's own events.

An event with the tags of a recipient proves that its mail was accepted. Its absence proves something only while the
events of later mail arrive, and no file of older ones is still to be read; then the mail goes out again in a follow-up
block. Otherwise the recipient's fate is UNKNOWN, until an event tells after all. Nothing in doubt is sent again in any
other way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from optout.campaigns.campaign import Campaign, Campaigns
from optout.campaigns.ledger import Doubt, Fate, Outcome, Outcomes, Row, count, remaining
from optout.delivery.evidence import Evidence, SentFiles
from optout.queue import Doorbell

_NO_EVENT = "no_send_event"


@dataclass(frozen=True, slots=True)
class Patience:
    """Milliseconds after the claim: until when its worker may be at it, when a missing event begins to mean something,
    and when nobody waits any longer for proof that events arrive at all. And how long events gather for a file."""

    worker: int = 6 * 60 * 1000  # a worker lives for five minutes
    event: int = 30 * 60 * 1000
    proof: int = 3 * 60 * 60 * 1000
    file: int = 15 * 60 * 1000  # an event may be older than its file by so much


def decide(row: Row, now: int, alive_until: int, patience: Patience) -> Outcomes | None:
    """The outcomes of a block that was claimed and not settled; None when it is too early to tell.

    ``alive_until``: events of mail accepted up to then have arrived.
    """
    if now < row.claimed + patience.worker:
        return None
    outcomes = {at: Outcome(Fate.SENT, row.seen[at]) for at in row.block.positions if at in row.seen}
    missing = [at for at in row.block.positions if at not in row.seen]
    if not missing:
        return outcomes
    if now >= row.claimed + patience.event and alive_until > row.claimed + patience.worker:
        fate = Fate.UNKNOWN if row.block.is_last_part else Fate.AGAIN
    elif now >= row.claimed + patience.proof:
        fate = Fate.UNKNOWN
    else:
        return None
    return outcomes | {at: Outcome(fate, _NO_EVENT) for at in missing}


@dataclass(slots=True)
class Reconciled:
    """What one run did: blocks settled, and recipients by what became of them."""

    blocks: int = 0
    waiting: int = 0
    sent: int = 0
    again: int = 0
    unknown: int = 0
    finished: list[int] = field(default_factory=list)

    def add(self, outcomes: Outcomes) -> None:
        fates: Mapping[str, int] = count(outcomes)
        self.blocks += 1
        self.sent += fates.get(Fate.SENT, 0)
        self.unknown += fates.get(Fate.UNKNOWN, 0)
        self.again += sum(outcome.fate is Fate.AGAIN for outcome in outcomes.values())


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The ports that reconciling needs, and the one use case over them. ``files`` is None where each event comes by
    itself."""

    campaigns: Campaigns
    evidence: Evidence
    deliver: Doorbell
    patience: Patience = field(default_factory=Patience)
    files: SentFiles | None = None

    def reconcile(self, now: int) -> Reconciled:
        """Settle what can be settled in every campaign that has not ended."""
        done, alive_until = Reconciled(), self._arrived_until()
        for number in self.campaigns.unended():
            campaign, doubts = self.campaigns.get(number), self.campaigns.doubts(number)
            for doubt in doubts if campaign else ():
                self._look_into(number, doubt, now, alive_until, done)
            if campaign and doubts:
                self._go_on(campaign, doubts, done)
        return done

    def _arrived_until(self) -> int:
        """Asked before any row is read: what is in a file that is gone by now is in the rows."""
        oldest = self.files.oldest() if self.files else None
        alive_until = self.evidence.alive_until()
        return alive_until if oldest is None else min(alive_until, oldest - self.patience.file)

    def _look_into(self, number: int, doubt: Doubt, now: int, alive_until: int, done: Reconciled) -> None:
        is_open = False
        for row in self.campaigns.rows(number, doubt.chunk):
            if row.is_settled:
                continue
            outcomes = decide(row, now, alive_until, self.patience)
            if outcomes is None:
                is_open = True
                done.waiting += 1
            elif self.campaigns.settle(number, row.block, outcomes):
                done.add(outcomes)
        if not is_open:
            self.campaigns.forget(number, doubt)

    def _go_on(self, campaign: Campaign, doubts: Sequence[Doubt], done: Reconciled) -> None:
        """Ring for what is to be sent again, close what is complete."""
        for doubt in doubts:
            chunk = self.campaigns.chunk(campaign.number, doubt.chunk)
            rows = self.campaigns.rows(campaign.number, doubt.chunk)
            unclaimed, unsettled = remaining(chunk, rows) if chunk else ([], [])
            if unclaimed and campaign.state.may_send:
                self.deliver.ring([{"campaign": campaign.number, "chunk": doubt.chunk}])
            elif not unclaimed and not unsettled:
                self.campaigns.close_chunk(campaign.number, doubt.chunk)
        if self.campaigns.finish(campaign.number):
            done.finished.append(campaign.number)
