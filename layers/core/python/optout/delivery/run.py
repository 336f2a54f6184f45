"""One run over a chunk: block after block is claimed, sent by exactly one attempt, and settled."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import uniform

from optout.campaigns.campaign import Campaign, Campaigns
from optout.campaigns.ledger import Block, Chunk, Outcomes, remaining
from optout.campaigns.screen import sift
from optout.delivery.sender import Report, Sender
from optout.errors import InDoubt, NotSent, Unavailable
from optout.provider.pace import Slots, Turn
from optout.provider.refusal import Refusal, judge
from optout.suppressions.suppression import Suppressions

_SECONDS_NEEDED = 15.0  # a block may take as long: no new one is begun with less
_THROTTLES = 5  # in a row, before a run leaves the rest to another one
_FOLLOW_UPS = 4  # of a block in one run: what is not taken by then is tried again later,
_LATER = 30.0  # seconds later
_LATE = 0.25  # seconds that slots may be used after their time: later they would crowd those of others,
_EARLY = 0.05  # seconds before its slot begins that a block is claimed and read up on, so that the call is on time
_FEW = 0.03  # unless there are only as many as the rate allows in this part of a second


@dataclass(frozen=True, slots=True)
class Held:
    """A block of ours."""

    block: Block
    mark: str


@dataclass(slots=True)
class Lease:
    """Slots in hand; ``due`` is when the next one begins, by the monotonic clock."""

    left: int = 0
    spacing: float = 0.0
    due: float = 0.0

    @classmethod
    def of(cls, turn: Turn) -> "Lease":
        return cls(turn.count, turn.spacing, time.monotonic() + turn.wait)

    def covers(self, count: int) -> bool:
        return self.left >= count and (time.monotonic() - self.due < _LATE or self.left * self.spacing < _FEW)

    def use(self, count: int) -> None:
        self.left -= count
        self.due += count * self.spacing

    def wait(self, early: float = 0.0) -> None:
        time.sleep(max(0.0, self.due - early - time.monotonic()))


@dataclass(slots=True)
class Order:
    """What a run is to send, and for how long it may."""

    campaign: Campaign
    chunk: Chunk
    content: Mapping[str, str]
    seconds_left: Callable[[], float]

    @property
    def has_time(self) -> bool:
        return self.seconds_left() >= _SECONDS_NEEDED


class Run:
    """``todo`` holds the blocks that nobody has claimed, as far as is known, the next one last."""

    def __init__(
        self, order: Order, campaigns: Campaigns, suppressions: Suppressions, slots: Slots, sender: Sender
    ) -> None:
        self.report = Report()
        self.is_done = self.is_closed = False
        self._order, self._number = order, order.campaign.number
        self._campaigns, self._suppressions, self._slots, self._sender = campaigns, suppressions, slots, sender
        self._todo = list(reversed(order.chunk.blocks()))
        self._lease = Lease()
        self._throttles = 0
        self._is_fresh = True  # the campaign has been read just now

    def go(self) -> None:
        """Send until there is nothing left, or no time, or the campaign or the provider says stop."""
        held = self._claim_next()
        while held is not None:
            try:
                outcomes = self._send(held)
            except NotSent as refusal:
                self._back_off(held.block, refusal)
                held = self._claim_next()
            else:
                held = self._settle(held, outcomes)

    def _claim_next(self) -> Held | None:
        """The next block that is ours."""
        while self._todo:
            if not self._order.has_time:
                self.report.ring_in = 0
                return None
            self._take_slots(self._todo[-1])
            if not self._is_fresh and not self._may_send():
                return None
            block = self._todo.pop()
            claim = self._campaigns.claim(self._number, block)
            if claim.won:
                return Held(block, claim.mark)
            self._look()
        self.is_done = not self.report.doubtful and self.report.ring_in is None
        return None

    def _look(self) -> None:
        """Somebody else has been here: see what is left."""
        unclaimed, unsettled = remaining(self._order.chunk, self._campaigns.rows(self._number, self._order.chunk.index))
        self._todo = list(reversed(unclaimed))
        self.report.doubtful = len(unsettled)

    def _take_slots(self, block: Block) -> None:
        """Have slots for a block in hand, and wait for the first of them."""
        need = len(block.positions)
        if self._lease.covers(need):
            return
        want = sum(len(one.positions) for one in self._todo)
        turn = self._slots.take(need, want, self._order.campaign.message_class)
        self._lease = Lease.of(turn)
        self._lease.wait(_EARLY)
        self._is_fresh = self._is_fresh and turn.wait <= 0

    def _may_send(self) -> bool:
        campaign = self._campaigns.get(self._number)
        return campaign is not None and campaign.state.may_send

    def _send(self, held: Held) -> Outcomes | None:
        """The outcomes of a claimed block, None when in doubt. What cannot have been sent gives its claim back.

        The suppressions are read after the claim, so an opt-out acknowledged before the claim is always seen.
        """
        order, block = self._order, held.block
        self._is_fresh = False
        self._lease.wait(_EARLY)
        try:
            outcomes, messages = sift(order.campaign, order.chunk, block, self._suppressions)
            if messages:
                self._lease.wait()
                self._lease.use(len(messages))
                outcomes |= self._sender.send(order.campaign, order.content, block, messages)
        except InDoubt:
            return None
        except (NotSent, Unavailable):
            self._campaigns.release(self._number, block, held.mark)
            raise
        self._throttles = 0
        if block.is_last_part:
            return {position: outcome.final() for position, outcome in outcomes.items()}
        return outcomes

    def _settle(self, held: Held, outcomes: Outcomes | None) -> Held | None:
        """Write down what became of a block; the next one, claimed in the same step where that can be."""
        if outcomes is None:
            self.report.doubtful += 1
            return self._claim_next()
        self.report.add(outcomes)
        self._follow_up(held.block, outcomes)
        following = self._todo[-1] if self._todo and self._order.has_time else None
        if following is None or not self._lease.covers(len(following.positions)):
            closes = not self._todo and not self.report.doubtful and self.report.ring_in is None
            if self._campaigns.settle(self._number, held.block, outcomes, closes=closes):
                self.is_closed = closes
            else:
                self._look()
            return self._claim_next()
        claim = self._campaigns.settle_and_claim(self._number, held.block, outcomes, following)
        if claim.won:
            return Held(self._todo.pop(), claim.mark)
        if not self._may_send():
            return None
        self._look()
        return self._claim_next()

    def _follow_up(self, block: Block, outcomes: Outcomes) -> None:
        """Entries that were surely not sent are tried again after everybody else, and slower."""
        follow_up = block.follow_up(outcomes)
        if follow_up is None:
            return
        self._slow_down()
        if follow_up.part % _FOLLOW_UPS:
            self._todo.insert(0, follow_up)
        else:
            self.report.ring_in = _LATER

    def _slow_down(self) -> None:
        self.report.throttled += 1
        self._slots.slow_down()

    def _back_off(self, block: Block, refusal: NotSent) -> None:
        """A throttle is waited out, a few times; every other refusal ends the run."""
        if judge(refusal) is not Refusal.RATE:
            raise refusal
        self._todo.append(block)
        self._slow_down()
        self._throttles += 1
        if self._throttles >= _THROTTLES:
            raise refusal
        time.sleep(uniform(0.05, 0.2) * 2**self._throttles)
