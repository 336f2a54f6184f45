"""The suppression list: who is left alone, how far, why, and since when.

A record is one (address, scope). Its reason can only grow stronger: complaint > hard bounce > a person's own opt-out >
the provider's list > soft bounces. The address's state (every scope in force) is the truth that a send reads; the
record and the history row are written with it in one transaction.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

from optout.address import Address
from optout.number import ANYWHERE, Between
from optout.origin import Origin
from optout.scope import Mail, MessageClass, Scope


class Reason(StrEnum):
    """Why somebody is left alone."""

    UNSUBSCRIBED = "unsubscribed"
    ONE_CLICK = "one_click"
    MANUAL = "manual"
    IMPORTED = "imported"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    PROVIDER = "provider"
    SOFT_BOUNCED = "soft_bounced"

    @property
    def strength(self) -> int:
        return _STRENGTH.get(self, 3)

    @property
    def protected(self) -> bool:
        """Nobody lifts it by API, and it stops transactional mail too."""
        return self.strength > Reason.UNSUBSCRIBED.strength


_STRENGTH = {Reason.COMPLAINED: 5, Reason.BOUNCED: 4, Reason.PROVIDER: 2, Reason.SOFT_BOUNCED: 1}


class View(StrEnum):
    """Which records a listing shows: all, or those that a dialect of triggers can express."""

    ALL = "all"
    TRIGGERS = "triggers"

    def shows(self, scope: Scope) -> bool:
        return self is View.ALL or scope.is_everything or scope.trigger is not None


class Action(StrEnum):
    """What a history row tells."""

    SUPPRESSED = "suppressed"
    STRENGTHENED = "strengthened"
    REPEATED = "repeated"
    LIFTED = "lifted"
    OVERRIDDEN = "overridden"  # a mail went all the same; what is in force stays as it is


@dataclass(frozen=True, slots=True)
class Suppression:
    """One record of the list; times in epoch milliseconds, ``revision`` counts its changes from 0."""

    workspace: str
    number: int
    address: Address
    scope: Scope
    reason: Reason
    why: str
    user_agent: str
    ip: str
    created: int
    modified: int
    revision: int = 0


@dataclass(frozen=True, slots=True)
class InForce:
    """A scope in force: its record, its strongest reason, since when (epoch milliseconds)."""

    number: int
    reason: Reason
    since: int

    def stops(self, scope: Scope, mail: Mail) -> bool:
        """Whether this rule, in force for the scope, keeps the mail back."""
        return scope.covers(mail) and (self.reason.protected or mail.message_class is MessageClass.MARKETING)


class Rule(NamedTuple):
    """A scope and what is in force for it."""

    scope: Scope
    entry: InForce


@dataclass(frozen=True, slots=True)
class AddressState:
    """Everything in force for one address; ``version`` counts its history rows."""

    workspace: str
    address: Address
    version: int = 0
    in_force: Mapping[Scope, InForce] = field(default_factory=dict)

    def rules_against(self, mail: Mail) -> Sequence[Rule]:
        """Every rule that stops this mail, the strongest reason first, the oldest of equals before the others."""
        rules = [Rule(scope, entry) for scope, entry in self.in_force.items() if entry.stops(scope, mail)]
        return sorted(rules, key=lambda rule: (-rule.entry.reason.strength, rule.entry.since, rule.entry.number))

    def stopping(self, mail: Mail) -> Rule | None:
        """The rule that decides against this mail; None when it may go."""
        return next(iter(self.rules_against(mail)), None)


@dataclass(frozen=True, slots=True)
class Change:
    """One step of an address's history, from version - 1 to version; ``note`` is what was said about the step itself,
    while the record has its own ``why``."""

    action: Action
    version: int
    at: int
    origin: Origin
    record: Suppression
    note: str = ""


Names: TypeAlias = Collection[str]


class Suppressions(Protocol):
    """The list as it is stored. Every method raises `Unavailable` when the store does not answer."""

    def next_number(self, workspace: str) -> int:
        """A number for a new record, greater than that of every record of the workspace there is."""
        ...

    def get(self, workspace: str, record: int) -> Suppression | None:
        """The record in force under this number, strongly consistent."""
        ...

    def get_many(self, workspace: str, records: Collection[int]) -> Sequence[Suppression]:
        """Those of the records that are in force, strongly consistent, in any order."""
        ...

    def page(
        self, workspace: str, view: View, offset: int, limit: int, *, newest_first: bool, between: Between = ANYWHERE
    ) -> tuple[Sequence[Suppression], int]:
        """The records in force between two numbers, from ``offset`` on, and how many there are there altogether;
        every page costs the same."""
        ...

    def walk(
        self, workspace: str, view: View, *, newest_first: bool, between: Between = ANYWHERE, naming: Names = ()
    ) -> Iterable[Suppression]:
        """The records in force between two numbers, read as they are asked for; with ``naming`` only those whose
        scope names one of the topics or namespaces ("*" stands for everything)."""
        ...

    def for_email(self, workspace: str, address: Address) -> Sequence[Suppression]:
        """The records in force for an address, oldest first, by the email index: a yes is true, a no may be late."""
        ...

    def state(self, workspace: str, address: Address) -> AddressState:
        """The state of one address, strongly consistent."""
        ...

    def states(self, workspace: str, addresses: Iterable[Address]) -> Mapping[Address, AddressState]:
        """The states of up to 100 addresses, strongly consistent."""
        ...

    def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
        """Write state, record and history row together, if the state is still ``before``; else `Conflict`."""
        ...

    def history(self, workspace: str, address: Address) -> Sequence[Change]:
        """Every change of an address, oldest first."""
        ...

    def history_of(self, workspace: str, record: int) -> Sequence[Change]:
        """Every change of one record, oldest first, also of one that was lifted; empty when there never was one."""
        ...
