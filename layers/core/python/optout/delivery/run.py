"""One run over a chunk: each block is claimed, sent in exactly one attempt, and settled."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import uniform

from optout.campaigns.campaign import Campaign, Campaigns
from optout.campaigns.ledger import Block, Chunk, Outcomes, remaining
from optout.campaigns.screen import apply_suppressions
from optout.delivery.sender import Report, Sender
from optout.errors import InDoubt, NotSent, Unavailable
from optout.provider.refusal import Refusal, classify
from optout.provider.send_rate import Lease, SendLimiter
from optout.suppressions.suppression import Suppressions

_SECONDS_NEEDED = 20.0  # to send a block (13) and to settle it (6); none is started with less time left
_THROTTLES = 5  # in a row, after which the rest is left to another run
_FOLLOW_UPS = 4  # of a block in one run; the rest is tried again after
_LATER = 30.0  # seconds
_LATE = 0.25  # seconds that slots stay usable after their time, so that they do not crowd the slots of other workers;
_FEW = 0.03  # a remainder worth this many seconds of the rate stays usable longer
_EARLY = (
    0.05  # seconds before its slot that a block is claimed and its suppressions are read, so that the call is on time
)


@dataclass(frozen=True, slots=True)
class ClaimedBlock:
    """A block that this run has claimed; ``mark`` identifies the claim."""

    block: Block
    mark: str


@dataclass(slots=True)
class SlotsInHand:
    """Leased slots that are not used yet; ``due`` is when the next one begins, by the monotonic clock."""

    left: int = 0
    spacing: float = 0.0
    due: float = 0.0

    @classmethod
    def of(cls, lease: Lease) -> "SlotsInHand":
        return cls(lease.count, lease.spacing, time.monotonic() + lease.wait)

    def covers(self, count: int) -> bool:
        return self.left >= count and (time.monotonic() - self.due < _LATE or self.left * self.spacing < _FEW)

    def use(self, count: int) -> None:
        self.left -= count
        self.due += count * self.spacing

    def wait(self, early: float = 0.0) -> None:
        time.sleep(max(0.0, self.due - early - time.monotonic()))


@dataclass(slots=True)
class Work:
    """The chunk to send, and the time left for it."""

    campaign: Campaign
    chunk: Chunk
    content: Mapping[str, str]
    seconds_left: Callable[[], float]

    @property
    def has_time(self) -> bool:
        return self.seconds_left() >= _SECONDS_NEEDED


class Run:
    """``todo`` holds the blocks that are not claimed as far as this run knows, the next one last."""

    def __init__(
        self, work: Work, campaigns: Campaigns, suppressions: Suppressions, send_limiter: SendLimiter, sender: Sender
    ) -> None:
        self.report = Report()
        self.is_done = self.is_closed = False
        self._work, self._number = work, work.campaign.number
        self._campaigns, self._suppressions, self._send_limiter, self._sender = (
            campaigns,
            suppressions,
            send_limiter,
            sender,
        )
        self._todo = list(reversed(work.chunk.blocks()))
        self._in_hand = SlotsInHand()
        self._throttles = 0

    def run(self) -> None:
        """Send until nothing is left, time runs out, the campaign stops, or the provider refuses."""
        claimed = self._claim_next()
        while claimed is not None:
            try:
                outcomes = self._send(claimed)
            except NotSent as refusal:
                self._back_off(claimed.block, refusal)
                claimed = self._claim_next()
            else:
                claimed = self._settle(claimed, outcomes)

    def _claim_next(self) -> ClaimedBlock | None:
        """Claim the next block."""
        while self._todo:
            if not self._work.has_time:
                self.report.retry_in = 0
                return None
            self._lease_slots(self._todo[-1])
            block = self._todo.pop()
            claim = self._campaigns.claim(self._number, block)
            if claim.won:
                return ClaimedBlock(block, claim.mark)
            if not self._may_send():
                return None
            self._reload()
        self.is_done = not self.report.doubtful and self.report.retry_in is None
        return None

    def _may_send(self) -> bool:
        """Why a claim was lost: the campaign may not send any more, or another run claimed the block."""
        campaign = self._campaigns.get(self._number)
        return campaign is not None and campaign.state.may_send

    def _reload(self) -> None:
        """Another run claimed blocks of this chunk: read what is left."""
        unclaimed, unsettled = remaining(self._work.chunk, self._campaigns.rows(self._number, self._work.chunk.index))
        self._todo = list(reversed(unclaimed))
        self.report.doubtful = len(unsettled)

    def _lease_slots(self, block: Block) -> None:
        """Lease slots for a block, and wait until the first is near."""
        need = len(block.positions)
        if self._in_hand.covers(need):
            return
        want = sum(len(one.positions) for one in self._todo)
        lease = self._send_limiter.lease(need, want, self._work.campaign.message_class)
        self._in_hand = SlotsInHand.of(lease)
        self._in_hand.wait(_EARLY)

    def _send(self, claimed: ClaimedBlock) -> Outcomes | None:
        """The outcomes of a claimed block; None when in doubt. A block that was certainly not sent is released.

        The suppressions are read after the claim, so an opt-out acknowledged before the claim is always seen.
        """
        work, block = self._work, claimed.block
        self._in_hand.wait(_EARLY)
        try:
            outcomes, messages = apply_suppressions(work.campaign, work.chunk, block, self._suppressions)
            if messages:
                self._in_hand.wait()
                self._in_hand.use(len(messages))
                outcomes |= self._sender.send(work.campaign, work.content, block, messages)
        except InDoubt:
            return None
        except (NotSent, Unavailable):
            self._campaigns.release(self._number, block, claimed.mark)
            raise
        self._throttles = 0
        if block.is_last_part:
            return {position: outcome.final() for position, outcome in outcomes.items()}
        return outcomes

    def _settle(self, claimed: ClaimedBlock, outcomes: Outcomes | None) -> ClaimedBlock | None:
        """Store the outcomes of a block; returns the next one, claimed in the same transaction if possible."""
        if outcomes is None:
            self.report.doubtful += 1
            return self._claim_next()
        self.report.add(outcomes)
        self._follow_up(claimed.block, outcomes)
        following = self._todo[-1] if self._todo and self._work.has_time else None
        if following is None or not self._in_hand.covers(len(following.positions)):
            closes = not self._todo and not self.report.doubtful and self.report.retry_in is None
            if self._campaigns.settle(self._number, claimed.block, outcomes, closes=closes):
                self.is_closed = closes
            else:
                self._reload()
            return self._claim_next()
        claim = self._campaigns.settle_and_claim(self._number, claimed.block, outcomes, following)
        if claim.won:
            return ClaimedBlock(self._todo.pop(), claim.mark)
        if not self._may_send():
            return None
        self._reload()
        return self._claim_next()

    def _follow_up(self, block: Block, outcomes: Outcomes) -> None:
        """Recipients whose email was certainly not sent are tried again at the end, at a lower rate."""
        follow_up = block.follow_up(outcomes)
        if follow_up is None:
            return
        self._slow_down()
        if follow_up.part % _FOLLOW_UPS:
            self._todo.insert(0, follow_up)
        else:
            self.report.retry_in = _LATER

    def _slow_down(self) -> None:
        self.report.throttled += 1
        self._send_limiter.slow_down()

    def _back_off(self, block: Block, refusal: NotSent) -> None:
        """Wait after a throttling answer, a few times. Any other refusal ends the run."""
        if classify(refusal) is not Refusal.THROTTLED:
            raise refusal
        self._todo.append(block)
        self._slow_down()
        self._throttles += 1
        if self._throttles >= _THROTTLES:
            raise refusal
        time.sleep(uniform(0.05, 0.2) * 2**self._throttles)
