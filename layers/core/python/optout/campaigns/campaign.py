"""A campaign: one send to many recipients, its states, and counters that always add up.

    stored ──> scheduled ──> accepted ──> expanding ──> sending ──> finished
       │          │             └─────────────┴────────────┴──> parked (and back)
       └──────────┴─────────────┴─────────────┴────────────┴──> paused (and back; not from stored), cancelled

A campaign is stored until its queue message is accepted. When its request fails before that, nothing sends it later,
because the caller will send the request again; it is cancelled. A scheduled campaign waits for its time. A person
pauses it; the mailer parks it when the provider accepts nothing or the breaker opens, with the reason and the time of
the next check.
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

_ACCOUNTED = ("sent", "skipped", "failed", "unknown")


class State(StrEnum):
    """The state of a campaign."""

    STORED = "stored"
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
    State.STORED: frozenset({State.SCHEDULED, State.ACCEPTED, State.CANCELLED}),
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
    """Why a campaign is parked."""

    QUOTA = "quota"
    PROVIDER_PAUSED = "provider_paused"
    CONFIG = "config"
    BOUNCES = "bounces"
    COMPLAINTS = "complaints"
    REJECTIONS = "rejections"

    @classmethod
    def _missing_(cls, value: object) -> "ParkReason":
        """A reason written by a newer version: after a rollback it must not stop the sweeper."""
        return cls.CONFIG

    @property
    def waits_for_a_person(self) -> bool:
        return self not in (ParkReason.QUOTA, ParkReason.PROVIDER_PAUSED)

    @property
    def is_of_its_own_making(self) -> bool:
        """Whether the campaign's own emails are the reason, not the provider."""
        return self in (ParkReason.BOUNCES, ParkReason.COMPLAINTS, ParkReason.REJECTIONS)


@dataclass(frozen=True, slots=True)
class Parking:
    """Why a campaign is parked, the provider's error code, and the time of the next check (epoch milliseconds)."""

    reason: ParkReason
    cause: str = ""
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One send. ``test_recipient`` is the single recipient of a test send, ``query`` selects from the audience ("":
    everyone); ``counters`` are added up by the blocks.

    Nothing is sent before ``not_before`` (epoch milliseconds; 0: at once). ``ramp`` limits how much of the audience may
    be mailed by now (None: all). ``excused`` are the counters at the last resume after the breaker opened. ``progress``
    is the time of the last progress and ``enqueued_at`` of the sweeper's last attempt (epoch milliseconds);
    ``attempts`` counts those without progress in a row.
    """

    number: int
    workspace: str
    sender: str
    topic: str | None
    message_class: MessageClass = MessageClass.MARKETING
    link_scope: LinkScope = LinkScope.EVERYTHING
    test_recipient: str | None = None
    state: State = State.ACCEPTED
    cursor: Cursor | None = field(default_factory=Cursor)
    chunks: int = 0
    counters: Mapping[str, int] = field(default_factory=dict)
    parking: Parking | None = None
    progress: int = 0
    enqueued_at: int = 0
    attempts: int = 0
    query: str = ""
    not_before: int = 0
    ramp: Ramp | None = None
    excused: Mapping[str, int] = field(default_factory=dict)

    def may_mail(self, chunk: Chunk) -> bool:
        """Whether a chunk may be sent now."""
        return self.state.may_send and (self.ramp is None or chunk.start < self.ramp.released)

    @property
    def bound(self) -> int:
        """Subscribers with this number or a greater one joined after the start, and are not in the audience."""
        return max(self.number, earliest(self.not_before))

    @property
    def mail(self) -> Mail:
        return Mail(self.topic, None, self.message_class)

    @property
    def audience(self) -> int:
        """Recipients found by the audience walk so far."""
        return self.counters.get("audience", 0)

    @property
    def accounted(self) -> int:
        """Recipients with a final status; equals the audience when the campaign is finished."""
        return sum(self.counters.get(name, 0) for name in _ACCOUNTED)

    @property
    def pending(self) -> int:
        """Recipients without a final status; they stay pending in a cancelled campaign."""
        return self.audience - self.accounted

    @property
    def released(self) -> State:
        """The state after `State.STORED`."""
        return State.SCHEDULED if self.not_before else State.ACCEPTED

    @property
    def at_work(self) -> State:
        """The state in which it continues from its cursor."""
        if self.cursor is None:
            return State.SENDING
        return State.ACCEPTED if self.cursor == Cursor() else State.EXPANDING


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """An idempotency key of the API, hashed, and the digest of the draft it was first used with."""

    key: str
    digest: str


class Campaigns(Ledger, Protocol):
    """Campaigns and their ledgers as they are stored. Every method raises `Unavailable` when the store does not
    answer."""

    def create(
        self, campaign: Campaign, content: Mapping[str, str], idempotency_key: IdempotencyKey | None = None
    ) -> None:
        """Store a campaign with its content; raises `Conflict` when the number or the idempotency key is taken."""
        ...

    def find_by_key(self, key: str) -> tuple[IdempotencyKey, int] | None:
        """The stored idempotency key and the number of its campaign, strongly consistent."""
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

    def with_chunk(self, number: int, index: int) -> tuple[Campaign | None, Chunk | None]:
        """A campaign and one of its chunks in one read, strongly consistent."""
        ...

    def unended(self, workspace: str = "") -> Sequence[int]:
        """Campaigns (of a workspace) that have not ended, oldest first, and cancelled ones with a block in doubt."""
        ...

    def advance(self, number: int, before: Cursor, chunk: Chunk) -> bool:
        """Move the cursor past a stored chunk and count its recipients; False when that was done before, or the
        campaign may not send."""
        ...

    def move(
        self,
        campaign: Campaign,
        to: State,
        parking: Parking | None = None,
        excused: Mapping[str, int] | None = None,
    ) -> bool:
        """Change the state, and ``excused`` if given; False when the stored campaign has changed since it was read."""
        ...

    def widen(self, campaign: Campaign, ramp: Ramp) -> bool:
        """Take a step of the ramp; False when it was taken before, or the campaign may not send."""
        ...

    def finish(self, number: int) -> bool:
        """Mark a campaign finished if every recipient is accounted for."""
        ...

    def note_enqueued(self, campaign: Campaign, now: int) -> bool:
        """Record an attempt of the sweeper; False when another sweeper made it."""
        ...

    def retire(self, number: int) -> None:
        """Remove a cancelled campaign from the list of campaigns that have not ended."""
        ...

    def record_feedback(self, number: int, block: str, index: str, kind: str) -> bool:
        """Count a bounce or complaint of one recipient, once."""
        ...
