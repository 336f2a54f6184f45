"""A campaign: one send to many, and the ledger that accounts for every recipient.

The audience is walked once, with a saved cursor, into chunks of up to 250 recipients. A chunk is sent in blocks of up
to 50. A block's row is made by the claim and completed by the settle, so a recipient's fate is found by position:
chunk, block, index. All keys are deterministic; a repeat writes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from optout.address import Address
from optout.scope import Mail, MessageClass
from optout.token import LinkScope

CHUNK = 250  # however long their names, they fit into one item of 400 KB
BLOCK = 50
PARTS = 20  # calls for what was surely not sent, before it counts as failed


class State(StrEnum):
    """Where a campaign stands."""

    ACCEPTED = "accepted"
    SENDING = "sending"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"

    @property
    def may_send(self) -> bool:
        return self in (State.ACCEPTED, State.SENDING)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the audience has been walked: the next chunk, and the newsletter and number it starts after."""

    chunk: int = 0
    newsletter: str = ""
    after: int = 0


@dataclass(frozen=True, slots=True)
class Campaign:
    """One send. ``only`` names the single recipient of a test send; ``counters`` are added up by the blocks."""

    number: int
    workspace: str
    sender: str
    topic: str | None
    message_class: MessageClass = MessageClass.MARKETING
    link_scope: LinkScope = LinkScope.EVERYTHING
    only: str | None = None
    state: State = State.ACCEPTED
    cursor: Cursor | None = field(default_factory=Cursor)
    chunks: int = 0
    counters: Mapping[str, int] = field(default_factory=dict)

    @property
    def mail(self) -> Mail:
        return Mail(self.topic, None, self.message_class)

    @property
    def accounted(self) -> int:
        """Recipients whose fate is written down; equals the audience when the campaign is finished."""
        return sum(self.counters.get(name, 0) for name in ("sent", "skipped", "failed"))


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message goes to; ``number`` is the subscriber's, 0 for somebody who is none."""

    number: int
    email: str
    name: str


class Fate(StrEnum):
    """What became of one recipient in one block."""

    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A fate with its detail: the message id when sent, otherwise the reason."""

    fate: Fate
    detail: str

    def final(self) -> "Outcome":
        """The same, when there will be no other try."""
        return Outcome(Fate.FAILED, self.detail) if self.fate is Fate.AGAIN else self


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

    def follow_up(self, outcomes: Mapping[int, Outcome]) -> "Block | None":
        """The block of those that were surely not sent."""
        left = tuple(position for position in self.positions if _is_again(outcomes.get(position)))
        return replace(self, part=self.part + 1, positions=left) if left else None


def _is_again(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.fate is Fate.AGAIN


@dataclass(frozen=True, slots=True)
class Chunk:
    """Recipients in audience order, the size of their blocks, and where the walk goes on (None: this was the last).

    The block size is stored with the chunk: a run that cut the blocks otherwise would send some people twice.
    """

    index: int
    recipients: Sequence[Recipient]
    next: Cursor | None
    block_size: int = BLOCK

    def blocks(self) -> Sequence[Block]:
        everyone = range(len(self.recipients))
        starts = range(0, len(everyone), self.block_size)
        return [Block(self.index, i, 0, everyone[start : start + self.block_size]) for i, start in enumerate(starts)]


@dataclass(frozen=True, slots=True)
class Claim:
    """Whether a block is ours; if not, its outcomes as far as settled."""

    won: bool
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One recipient's line of the ledger; the fate is None while its block is being sent."""

    recipient: Recipient
    fate: Fate | None
    detail: str


class Campaigns(Protocol):
    """Campaigns and their ledgers as they are stored. Every method raises `Unavailable` when the store is silent."""

    def create(self, campaign: Campaign, content: Mapping[str, str]) -> None:
        """Store a campaign with its content; raises `Conflict` when the number is taken."""
        ...

    def get(self, number: int) -> Campaign | None:
        """The campaign without its content, strongly consistent."""
        ...

    def content(self, number: int) -> Mapping[str, str]:
        """Subject, html and text templates and the constants they use."""
        ...

    def put_chunk(self, number: int, chunk: Chunk) -> Chunk:
        """Store a chunk, or answer the one that is there."""
        ...

    def chunk(self, number: int, index: int) -> Chunk | None:
        """A chunk of the audience."""
        ...

    def take_person(self, number: int, chunk: int, address: Address) -> bool:
        """Whether this chunk is the one that mails a person who is in several newsletters."""
        ...

    def advance(self, number: int, before: Cursor, chunk: Chunk) -> bool:
        """Move the cursor behind a stored chunk and count its recipients; False when that was done, or the campaign
        may not send."""
        ...

    def claim(self, number: int, block: Block) -> Claim:
        """Take a block for one attempt, if nobody has."""
        ...

    def settle(self, number: int, block: Block, outcomes: Mapping[int, Outcome]) -> bool:
        """Write a claimed block's outcomes and add them up, once; False when that was done before."""
        ...

    def release(self, number: int, block: Block) -> None:
        """Give a claim back, when nothing of the block can have been sent."""
        ...

    def cancel(self, number: int) -> bool:
        """Stop a campaign for good; False when it has ended already."""
        ...

    def finish(self, number: int) -> bool:
        """Mark a campaign finished if everybody is accounted for."""
        ...

    def record_feedback(self, number: int, block: str, index: str, kind: str) -> bool:
        """Count a bounce or complaint of one recipient, once."""
        ...

    def ledger(self, number: int) -> Iterator[LedgerEntry]:
        """Every recipient with its fate, in audience order."""
        ...


class Doorbell(Protocol):
    """Rings for a job: a message carries ids and says only that there is something to do."""

    def ring(self, messages: Iterable[Mapping[str, int]]) -> None:
        """Send messages; raises `Unavailable` when one of them did not get through."""
        ...
