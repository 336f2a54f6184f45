"""A campaign: one send to many, its life, and counters that add up at every moment of it.

    scheduled ──> accepted ──> expanding ──> sending ──> finished
        │            └─────────────┴────────────┴──> parked (and back)
        └────────────┴─────────────┴────────────┴──> paused (and back), cancelled

A scheduled campaign waits for its time. Paused is a person's doing; parked is ours, when the provider takes nothing,
with the reason and when to look again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from optout.campaigns.ledger import Chunk, Cursor, Ledger
from optout.campaigns.ramp import Ramp
from optout.messages.link_token import LinkScope
from optout.number import earliest
from optout.scope import Mail, MessageClass

_FATES = ("sent", "skipped", "failed", "unknown")


class State(StrEnum):
    """Where a campaign stands."""

    SCHEDULED = "scheduled"
    ACCEPTED = "accepted"
    EXPANDING = "expanding"
    SENDING = "sending"
    PAUSED = "paused"
    PARKED = "parked"
    CANCELLED = "cancelled"
    FINISHED = "finished"

    @property
    def may_send(self) -> bool:
        return self in AT_WORK

    @property
    def has_ended(self) -> bool:
        return not MOVES[self]

    def may_become(self, other: "State") -> bool:
        return other in MOVES[self]


AT_WORK = (State.ACCEPTED, State.EXPANDING, State.SENDING)


_STOPS = frozenset({State.PAUSED, State.PARKED, State.CANCELLED})


MOVES: Mapping[State, frozenset[State]] = {
    State.SCHEDULED: frozenset({State.ACCEPTED, State.PAUSED, State.CANCELLED}),
    State.ACCEPTED: _STOPS | {State.EXPANDING, State.SENDING},
    State.EXPANDING: _STOPS | {State.SENDING},
    State.SENDING: _STOPS | {State.FINISHED},
    State.PAUSED: frozenset({State.SCHEDULED, *AT_WORK, State.CANCELLED}),
    State.PARKED: frozenset({*AT_WORK, State.PAUSED, State.CANCELLED}),
    State.CANCELLED: frozenset(),
    State.FINISHED: frozenset(),
}


class ParkReason(StrEnum):
    """Why a campaign waits without anybody having paused it."""

    QUOTA = "quota"
    PROVIDER_PAUSED = "provider_paused"
    CONFIG = "config"
    BOUNCES = "bounces"
    COMPLAINTS = "complaints"

    @classmethod
    def _missing_(cls, value: object) -> "ParkReason":
        """A reason that another version of the code knows: after a rollback it must not stop the sweeper."""
        return cls.CONFIG

    @property
    def waits_for_a_person(self) -> bool:
        return self not in (ParkReason.QUOTA, ParkReason.PROVIDER_PAUSED)

    @property
    def is_of_its_own_making(self) -> bool:
        """Whether the campaign's mails are the reason, not the provider."""
        return self in (ParkReason.BOUNCES, ParkReason.COMPLAINTS)


@dataclass(frozen=True, slots=True)
class Parking:
    """Why a campaign is parked, the provider's word for it, and when it is looked at again (epoch milliseconds)."""

    reason: ParkReason
    cause: str = ""
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One send. ``only`` names the single recipient of a test send, ``query`` selects among the audience ("" is
    everybody); ``counters`` are added up by the blocks.

    Nothing of it goes out before ``not_before`` (epoch milliseconds, 0 is at once); ``ramp`` says how many of its
    audience may be mailed by now (None: all). ``excused`` are its counters as a person saw them who let it go on.
    ``progress`` is when it last got on and ``rung`` when the sweeper last rang for it (epoch milliseconds), ``rings``
    how often in a row without progress.
    """

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
    parking: Parking | None = None
    progress: int = 0
    rung: int = 0
    rings: int = 0
    query: str = ""
    not_before: int = 0
    ramp: Ramp | None = None
    excused: Mapping[str, int] = field(default_factory=dict)

    def may_mail(self, chunk: Chunk) -> bool:
        """Whether a chunk may be sent now."""
        return self.state.may_send and (self.ramp is None or chunk.start < self.ramp.released)

    @property
    def bound(self) -> int:
        """Who has this number or a greater one was not there when it began, and is not in its audience."""
        return max(self.number, earliest(self.not_before))

    @property
    def mail(self) -> Mail:
        return Mail(self.topic, None, self.message_class)

    @property
    def audience(self) -> int:
        """Everybody the walk has met so far."""
        return self.counters.get("audience", 0)

    @property
    def accounted(self) -> int:
        """Recipients whose fate is written down; equals the audience when the campaign is finished."""
        return sum(self.counters.get(name, 0) for name in _FATES)

    @property
    def pending(self) -> int:
        """Recipients without a fate: to be sent, being sent, or never to be sent when it was cancelled."""
        return self.audience - self.accounted

    @property
    def at_work(self) -> State:
        """The state in which it goes on from where its walk has got."""
        if self.cursor is None:
            return State.SENDING
        return State.ACCEPTED if self.cursor == Cursor() else State.EXPANDING


@dataclass(frozen=True, slots=True)
class Request:
    """What a campaign was made for: ``key`` tells one request from another, ``digest`` what it asked for."""

    key: str
    digest: str


class Campaigns(Ledger, Protocol):
    """Campaigns and their ledgers as they are stored. Every method raises `Unavailable` when the store is silent."""

    def create(self, campaign: Campaign, content: Mapping[str, str], request: Request | None = None) -> None:
        """Store a campaign with its content; raises `Conflict` when the number is taken, or the request's key."""
        ...

    def made_for(self, key: str) -> tuple[Request, int] | None:
        """The request with this key and the number of its campaign, strongly consistent."""
        ...

    def newest(self, workspace: str, before: int, limit: int) -> Sequence[Campaign]:
        """Up to ``limit`` campaigns of a workspace with smaller numbers, newest first."""
        ...

    def get(self, number: int) -> Campaign | None:
        """The campaign without its content, strongly consistent."""
        ...

    def content(self, number: int) -> Mapping[str, str]:
        """Subject, html and text templates and the constants they use."""
        ...

    def order(self, number: int, index: int) -> tuple[Campaign | None, Chunk | None]:
        """A campaign and one of its chunks at once, strongly consistent."""
        ...

    def unended(self) -> Sequence[int]:
        """The campaigns that have not ended, oldest first, and cancelled ones with a block in doubt."""
        ...

    def advance(self, number: int, before: Cursor, chunk: Chunk) -> bool:
        """Move the cursor behind a stored chunk and count its recipients; False when that was done, or the campaign
        may not send."""
        ...

    def move(
        self,
        campaign: Campaign,
        to: State,
        parking: Parking | None = None,
        excused: Mapping[str, int] | None = None,
    ) -> bool:
        """Change the state of a campaign, and what is excused if that is said; False when it is not as it was read any
        more."""
        ...

    def widen(self, campaign: Campaign, ramp: Ramp) -> bool:
        """Take a step of the ramp; False when it was taken, or the campaign may not send."""
        ...

    def finish(self, number: int) -> bool:
        """Mark a campaign finished if everybody is accounted for."""
        ...

    def note_rung(self, campaign: Campaign, now: int) -> bool:
        """Write down that the sweeper rings; False when another one does."""
        ...

    def retire(self, number: int) -> None:
        """Take a cancelled campaign off the list of those that have not ended."""
        ...

    def record_feedback(self, number: int, block: str, index: str, kind: str) -> bool:
        """Count a bounce or complaint of one recipient, once."""
        ...
