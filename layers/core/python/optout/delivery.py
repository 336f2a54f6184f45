"""The send protocol: claim, send once, settle.

A block is claimed by one conditional write, sent by exactly one attempt, and settled by one write that adds up the
counters. An answer that was lost leaves the block claimed: only the provider's own events may say what became of it.
The suppressions are read between the claim and the call.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from optout.address import Address
from optout.campaign import Block, Campaign, Campaigns, Chunk, Fate, Outcome, Recipient
from optout.errors import BadAddress, InDoubt, NotSent, Unavailable
from optout.suppression import Suppressions

_SECONDS_NEEDED = 15.0  # a block may take as long: no new one is begun with less
_STATE_GOOD_FOR = 2.0  # seconds: a pause or a cancel stops a worker that soon


@dataclass(frozen=True, slots=True)
class Message:
    """One recipient's place in a call: position in the chunk, and whom it goes to."""

    position: int
    recipient: Recipient


class Sender(Protocol):
    """What carries mail away. One call is one attempt."""

    def rate(self) -> float:
        """Mails per second that the provider allows now."""
        ...

    def send(
        self, campaign: Campaign, content: Mapping[str, str], block: Block, messages: Sequence[Message]
    ) -> Mapping[int, Outcome]:
        """Position to outcome; raises `NotSent` when all of it was refused, `InDoubt` when the answer is lost."""
        ...


class Slots(Protocol):
    """The send rate shared by all workers."""

    def take(self, count: int, rate: float) -> None:
        """Wait for ``count`` slots; raises `NotSent` when they are too far off."""
        ...


@dataclass(slots=True)
class Report:
    """What one run over a chunk did. ``doubtful`` counts blocks whose answer was lost; ``unfinished`` asks for
    another run; ``campaign_finished`` is true for the run that accounted for the last recipient."""

    sent: int = 0
    skipped: int = 0
    failed: int = 0
    doubtful: int = 0
    unfinished: bool = False
    campaign_finished: bool = False

    def add(self, outcomes: Mapping[int, Outcome]) -> None:
        fates = Counter(outcome.fate for outcome in outcomes.values())
        self.sent += fates[Fate.SENT]
        self.skipped += fates[Fate.SKIPPED]
        self.failed += fates[Fate.FAILED]


@dataclass(frozen=True, slots=True)
class Delivery:
    """The ports that delivering needs, and the one use case over them."""

    campaigns: Campaigns
    suppressions: Suppressions
    slots: Slots
    sender: Sender

    def deliver(self, number: int, chunk_index: int, seconds_left: Callable[[], float]) -> Report:
        """Send what is left of a chunk; raises `NotSent` when the provider takes nothing now."""
        report = Report()
        chunk = self.campaigns.chunk(number, chunk_index)
        campaign, read_at = self.campaigns.get(number), time.monotonic()
        if campaign is None or chunk is None or not campaign.state.may_send:
            return report
        content = self.campaigns.content(number)
        todo = list(reversed(chunk.blocks()))
        while todo:
            if seconds_left() < _SECONDS_NEEDED:
                report.unfinished = True
                return report
            if time.monotonic() - read_at > _STATE_GOOD_FOR:
                campaign, read_at = self.campaigns.get(number), time.monotonic()
                if campaign is None or not campaign.state.may_send:
                    return report
            block = todo.pop()
            outcomes = self._deliver_block(campaign, chunk, block, content, report)
            if follow_up := block.follow_up(outcomes):
                todo.append(follow_up)
        report.campaign_finished = self.campaigns.finish(number)
        return report

    def _deliver_block(
        self, campaign: Campaign, chunk: Chunk, block: Block, content: Mapping[str, str], report: Report
    ) -> Mapping[int, Outcome]:
        """Claim, send once, settle; the outcomes as far as they are known."""
        claim = self.campaigns.claim(campaign.number, block)
        if not claim.won:
            return claim.outcomes
        outcomes = self._send(campaign, chunk, block, content)
        if outcomes is None:
            report.doubtful += 1
            return {}
        self.campaigns.settle(campaign.number, block, outcomes)
        report.add(outcomes)
        return outcomes

    def _send(
        self, campaign: Campaign, chunk: Chunk, block: Block, content: Mapping[str, str]
    ) -> Mapping[int, Outcome] | None:
        """The outcomes of a claimed block, None when in doubt. What cannot have been sent gives its claim back.

        The suppressions are read after the claim, so an opt-out acknowledged before the claim is always seen.
        """
        try:
            self.slots.take(len(block.positions), self.sender.rate())
            outcomes, messages = self._sift(campaign, chunk, block)
            if messages:
                outcomes |= self.sender.send(campaign, content, block, messages)
        except InDoubt:
            return None
        except (NotSent, Unavailable):
            self.campaigns.release(campaign.number, block)
            raise
        if block.is_last_part:
            return {position: outcome.final() for position, outcome in outcomes.items()}
        return outcomes

    def _sift(self, campaign: Campaign, chunk: Chunk, block: Block) -> tuple[dict[int, Outcome], list[Message]]:
        """Who is left out and why, and who is to be mailed."""
        outcomes: dict[int, Outcome] = {}
        addresses: dict[int, Address] = {}
        for position in block.positions:
            try:
                addresses[position] = Address.parse(chunk.recipients[position].email)
            except BadAddress:
                outcomes[position] = Outcome(Fate.FAILED, "bad_address")
        states = self.suppressions.states(campaign.workspace, addresses.values())
        messages = []
        for position, address in addresses.items():
            if rule := states[address].stopping(campaign.mail):
                outcomes[position] = Outcome(Fate.SKIPPED, rule[1].reason.value)
            elif not address.deliverable:
                outcomes[position] = Outcome(Fate.FAILED, "not_ascii")
            else:
                messages.append(Message(position, chunk.recipients[position]))
        return outcomes, messages
