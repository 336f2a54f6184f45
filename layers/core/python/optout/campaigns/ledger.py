"""The ledger of a campaign: who is to be mailed, in which call, and what became of it.

The audience is walked once, with a saved cursor, into chunks of up to 250 recipients. A chunk is sent in blocks of up
to 50. A block's row is made by the claim and completed by the settle, so a recipient's fate is found by position:
chunk, block, index. All keys are deterministic; a repeat writes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from optout.address import Address

CHUNK = 250  # however long their names, they fit into one item of 400 KB
BLOCK = 50
PARTS = 20  # calls for what was surely not sent, before it counts as failed


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the audience has been walked: the next chunk, and the newsletter and number it starts after."""

    chunk: int = 0
    newsletter: str = ""
    after: int = 0


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message goes to; ``number`` is the subscriber's, 0 for somebody who is none."""

    number: int
    email: str
    name: str


class Fate(StrEnum):
    """What became of one recipient in one block. UNKNOWN: perhaps sent, and nobody has told."""

    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A fate with its detail: the message id when sent, otherwise the reason."""

    fate: Fate
    detail: str

    def final(self) -> "Outcome":
        """The same, when there will be no other try."""
        return Outcome(Fate.FAILED, self.detail) if self.fate is Fate.AGAIN else self


Outcomes = Mapping[int, Outcome]  # by position in the chunk


def count(outcomes: Outcomes) -> dict[str, int]:
    """Fates, and reasons of those left out; who is to be tried again has no fate yet."""
    final = [outcome for outcome in outcomes.values() if outcome.fate is not Fate.AGAIN]
    reasons = [f"{Fate.SKIPPED}_{outcome.detail}" for outcome in final if outcome.fate is Fate.SKIPPED]
    return Counter([outcome.fate.value for outcome in final] + reasons)


@dataclass(frozen=True, slots=True)
class Block:
    """Up to 50 positions of a chunk that go out in one call. ``part`` counts the calls for what was surely not sent."""

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
        """The block of those that were surely not sent."""
        left = tuple(at for at in self.positions if at in outcomes and outcomes[at].fate is Fate.AGAIN)
        return replace(self, part=self.part + 1, positions=left) if left else None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Recipients in audience order, the size of their blocks, and where the walk goes on (None: this was the last).
    ``start`` counts the recipients before it.

    The block size is stored with the chunk: a run that cut the blocks otherwise would send some people twice.
    """

    index: int
    recipients: Sequence[Recipient]
    next: Cursor | None
    block_size: int = BLOCK
    start: int = 0

    def blocks(self) -> Sequence[Block]:
        everyone = range(len(self.recipients))
        starts = range(0, len(everyone), self.block_size)
        return [Block(self.index, i, 0, everyone[start : start + self.block_size]) for i, start in enumerate(starts)]


@dataclass(frozen=True, slots=True)
class Row:
    """A claimed block as it is stored: when it was claimed (epoch milliseconds), its outcomes once it is settled, and
    until then the message ids of the recipients that the provider has told of."""

    block: Block
    claimed: int
    outcomes: Outcomes | None = None
    seen: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_settled(self) -> bool:
        return self.outcomes is not None


def remaining(chunk: Chunk, rows: Iterable[Row]) -> tuple[list[Block], list[Row]]:
    """What of a chunk nobody has claimed yet, and the rows that are claimed and not settled."""
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
    """Whether a block is ours; the mark says whose it is."""

    won: bool
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A chunk with a block that was claimed and not settled by a run that met it; ``at`` is when it was noted."""

    chunk: int
    at: int


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One recipient's line of the ledger; the fate is None while there is none yet."""

    recipient: Recipient
    fate: Fate | None
    detail: str


def entries(chunk: Chunk, rows: Iterable[Row]) -> Iterator[LedgerEntry]:
    """The lines of one chunk, from its rows in the order of their parts."""
    final: dict[int, Outcome] = {}
    for row in rows:
        final |= {at: outcome for at, outcome in (row.outcomes or {}).items() if outcome.fate is not Fate.AGAIN}
    for position, recipient in enumerate(chunk.recipients):
        outcome = final.get(position)
        yield LedgerEntry(recipient, outcome.fate if outcome else None, outcome.detail if outcome else "")


class Ledger(Protocol):
    """The chunks and blocks of campaigns as they are stored. Every method raises `Unavailable` when the store is
    silent."""

    def put_chunk(self, number: int, chunk: Chunk) -> Chunk:
        """Store a chunk, or answer the one that is there."""
        ...

    def chunk(self, number: int, index: int) -> Chunk | None:
        """A chunk of the audience."""
        ...

    def take_person(self, number: int, chunk: int, address: Address) -> bool:
        """Whether this chunk is the one that mails a person who is in several newsletters."""
        ...

    def open_chunks(self, number: int, limit: int) -> Sequence[int]:
        """The first chunks in which somebody may have no fate yet."""
        ...

    def close_chunk(self, number: int, chunk: int) -> None:
        """Say that everybody in a chunk has a fate, or will get none."""
        ...

    def rows(self, number: int, chunk: int) -> Sequence[Row]:
        """The claimed blocks of a chunk in the order of their keys, strongly consistent."""
        ...

    def claim(self, number: int, block: Block) -> Claim:
        """Take a block for one attempt, if nobody has."""
        ...

    def settle(self, number: int, block: Block, outcomes: Outcomes, *, closes: bool = False) -> bool:
        """Write a claimed block's outcomes and add them up, once; False when that was done before. ``closes`` its
        chunk too."""
        ...

    def settle_and_claim(self, number: int, block: Block, outcomes: Outcomes, following: Block) -> Claim:
        """Settle one block and claim another in one step; the claim is lost when the campaign may not send any more,
        and the block is settled all the same."""
        ...

    def release(self, number: int, block: Block, mark: str) -> None:
        """Give one's own claim back, when nothing of the block can have been sent."""
        ...

    def doubt(self, number: int, chunk: int) -> None:
        """Note that a chunk has a block that was claimed and not settled."""
        ...

    def doubts(self, number: int) -> Sequence[Doubt]:
        """The chunks that are noted."""
        ...

    def forget(self, number: int, doubt: Doubt) -> None:
        """Take a note back, unless it was made anew."""
        ...

    def ledger(self, number: int) -> Iterator[LedgerEntry]:
        """Every recipient with its fate, in audience order."""
        ...
