"""The ledger of a campaign: its recipients, the calls that send to them, and their delivery status.

The audience is walked once, with a saved cursor, into chunks of up to 250 recipients. A chunk is sent in blocks of up
to 50. The claim creates a block's row and the settle completes it, so a recipient's status is found by position: chunk,
block, index. All keys are deterministic; a repeat writes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from optout.address import Address

CHUNK = 250  # recipients; with the longest names they fit into one item of 400 KB
BLOCK = 50
PARTS = 20  # calls for recipients that were certainly not sent to, before they count as failed


@dataclass(frozen=True, slots=True)
class Cursor:
    """The position of the audience walk: the next chunk, and the newsletter and subscriber number it starts after."""

    chunk: int = 0
    newsletter: str = ""
    after: int = 0


@dataclass(frozen=True, slots=True)
class Recipient:
    """The recipient of a message; ``number`` is the subscriber's, or 0 for an address that is not subscribed."""

    number: int
    email: str
    name: str


class DeliveryStatus(StrEnum):
    """The delivery status of one recipient in one block. UNKNOWN: perhaps sent, without an event that proves it."""

    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A status with its detail: the message id when sent, otherwise the reason."""

    status: DeliveryStatus
    detail: str

    def final(self) -> "Outcome":
        """The same after the last attempt: RETRY becomes FAILED."""
        return Outcome(DeliveryStatus.FAILED, self.detail) if self.status is DeliveryStatus.RETRY else self

    def overrules(self, other: "Outcome") -> bool:
        """Whether this outcome, proved by an event, corrects another: UNKNOWN is decided, and an email that was first
        accepted and then rejected has FAILED."""
        is_rejected = self.status is DeliveryStatus.FAILED and other.status is DeliveryStatus.SENT
        return is_rejected or other.status is DeliveryStatus.UNKNOWN


Outcomes = Mapping[int, Outcome]  # by position in the chunk


@dataclass(frozen=True, slots=True)
class Block:
    """Up to 50 positions of a chunk that are sent in one call. ``part`` counts the follow-up calls for recipients that
    were certainly not sent to."""

    chunk: int
    index: int
    part: int
    positions: Sequence[int]

    @property
    def id(self) -> str:
        return f"{self.chunk}-{self.index}-{self.part}"

    @property
    def is_last_part(self) -> bool:
        return self.part + 1 >= PARTS

    def follow_up(self, outcomes: Outcomes) -> "Block | None":
        """The block of the recipients to retry; None if there are none."""
        left = tuple(at for at in self.positions if at in outcomes and outcomes[at].status is DeliveryStatus.RETRY)
        return replace(self, part=self.part + 1, positions=left) if left else None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Recipients in audience order, the size of their blocks, and where the walk continues (None: this was the last
    chunk). ``start`` counts the recipients before it.

    The block size is stored with the chunk: a run with other blocks would send some emails twice.
    """

    index: int
    recipients: Sequence[Recipient]
    next: Cursor | None
    block_size: int = BLOCK
    start: int = 0
    newsletter: str = ""

    def blocks(self) -> Sequence[Block]:
        everyone = range(len(self.recipients))
        starts = range(0, len(everyone), self.block_size)
        return [Block(self.index, i, 0, everyone[start : start + self.block_size]) for i, start in enumerate(starts)]


@dataclass(frozen=True, slots=True)
class Row:
    """A claimed block as it is stored: when it was claimed (epoch milliseconds), its outcomes once it is settled, and
    until then those that events prove."""

    block: Block
    claimed: int
    outcomes: Outcomes | None = None
    proven: Outcomes = field(default_factory=dict)

    @property
    def is_settled(self) -> bool:
        return self.outcomes is not None


def remaining(chunk: Chunk, rows: Iterable[Row]) -> tuple[list[Block], list[Row]]:
    """The blocks of a chunk that are not claimed yet, and the rows that are claimed and not settled."""
    found = {(row.block.index, row.block.part): row for row in rows}
    unclaimed: list[Block] = []
    for block in chunk.blocks():
        left: Block | None = block
        while left is not None:
            row = found.get((left.index, left.part))
            if row is None:
                unclaimed.append(left)
                break
            left = left.follow_up(row.outcomes or {})
    return unclaimed, [row for row in found.values() if not row.is_settled]


@dataclass(frozen=True, slots=True)
class Claim:
    """Whether the claim was won; ``mark`` identifies it."""

    won: bool
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A chunk with a claimed block that is not settled; ``at`` is when that was noted (epoch milliseconds)."""

    chunk: int
    at: int


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One recipient's entry of the ledger; the status is None until it is final."""

    recipient: Recipient
    status: DeliveryStatus | None
    detail: str


def entries(chunk: Chunk, rows: Iterable[Row]) -> Iterator[LedgerEntry]:
    """The entries of one chunk, from its rows in the order of their parts."""
    final: dict[int, Outcome] = {}
    for row in rows:
        final |= {
            at: outcome for at, outcome in (row.outcomes or {}).items() if outcome.status is not DeliveryStatus.RETRY
        }
    for position, recipient in enumerate(chunk.recipients):
        outcome = final.get(position)
        yield LedgerEntry(recipient, outcome.status if outcome else None, outcome.detail if outcome else "")


class Ledger(Protocol):
    """The chunks and blocks of campaigns as they are stored. Every method raises `Unavailable` when the store does not
    answer."""

    def put_chunk(self, number: int, chunk: Chunk) -> Chunk:
        """Store a chunk; returns the stored one if it exists already."""
        ...

    def chunk(self, number: int, index: int) -> Chunk | None:
        """A chunk of the audience."""
        ...

    def take_person(self, number: int, subscriber: int, address: Address) -> bool:
        """Whether this subscription (by its number) is the one of several that its owner is sent to through."""
        ...

    def open_chunks(self, number: int, limit: int) -> Sequence[int]:
        """The first chunks in which a recipient may have no final status yet."""
        ...

    def close_chunk(self, number: int, chunk: int) -> None:
        """Record that no recipient of a chunk needs another run."""
        ...

    def rows(self, number: int, chunk: int) -> Sequence[Row]:
        """The claimed blocks of a chunk in the order of their keys, strongly consistent."""
        ...

    def claim(self, number: int, block: Block) -> Claim:
        """Claim a block for one attempt; lost when it is claimed already, or the campaign may not send (any more)."""
        ...

    def settle(self, number: int, block: Block, outcomes: Outcomes, *, closes: bool = False) -> bool:
        """Store the outcomes of a claimed block, corrected by what events prove, and add up the counters, once; False
        when that was done before. ``closes`` its chunk too."""
        ...

    def settle_and_claim(self, number: int, block: Block, outcomes: Outcomes, following: Block) -> Claim:
        """Settle one block and claim another in one transaction. When the claim is lost, the block is settled all the
        same."""
        ...

    def release(self, number: int, block: Block, mark: str) -> None:
        """Release an own claim, when nothing of the block can have been sent."""
        ...

    def doubt(self, number: int, chunk: int) -> None:
        """Note that a chunk has a claimed block that is not settled."""
        ...

    def doubts(self, number: int) -> Sequence[Doubt]:
        """The chunks with such a note."""
        ...

    def forget(self, number: int, doubt: Doubt) -> None:
        """Delete a note, unless it was renewed."""
        ...

    def ledger(self, number: int) -> Iterator[LedgerEntry]:
        """Every recipient with its status, in audience order."""
        ...
