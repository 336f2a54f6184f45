"""The suppression list: suppressed addresses, each with scope, reason and time.

There is one record per address and scope. Its reason can only become stronger: complaint > hard bounce > a person's own
opt-out > the provider's list > soft bounces. A send reads the state of the address, which holds all scopes in force.
State, record and history row are written in one transaction.
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
    """The reason of a suppression."""

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
        """Whether the reason stops transactional email too, and removing it needs an override permission."""
        return self.strength > Reason.UNSUBSCRIBED.strength


_STRENGTH = {Reason.COMPLAINED: 5, Reason.BOUNCED: 4, Reason.PROVIDER: 2, Reason.SOFT_BOUNCED: 1}


class View(StrEnum):
    """The records of a listing: all, or those that a dialect with triggers can express."""

    ALL = "all"
    TRIGGERS = "triggers"

    def shows(self, scope: Scope) -> bool:
        return self is View.ALL or scope.is_everything or scope.trigger is not None


class Action(StrEnum):
    """The action that a history row records."""

    SUPPRESSED = "suppressed"
    STRENGTHENED = "strengthened"
    REPEATED = "repeated"
    LIFTED = "lifted"
    OVERRIDDEN = "overridden"  # an email was sent despite a rule, which stays in force


@dataclass(frozen=True, slots=True)
class Suppression:
    """One record of the list. Times are in epoch milliseconds, ``revision`` counts its changes from 0."""

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
    """The entry of a scope in force: record number, strongest reason, start (epoch milliseconds)."""

    number: int
    reason: Reason
    since: int

    def stops(self, scope: Scope, mail: Mail) -> bool:
        """Whether this entry, in force for the scope, stops the email."""
        return scope.covers(mail) and (self.reason.protected or mail.message_class is MessageClass.MARKETING)


class Rule(NamedTuple):
    """A scope and its entry."""

    scope: Scope
    entry: InForce


@dataclass(frozen=True, slots=True)
class AddressState:
    """All scopes in force for one address; ``version`` counts its history rows."""

    workspace: str
    address: Address
    version: int = 0
    in_force: Mapping[Scope, InForce] = field(default_factory=dict)

    def rules_against(self, mail: Mail) -> Sequence[Rule]:
        """All rules that stop an email: the strongest reason first, then the oldest."""
        rules = [Rule(scope, entry) for scope, entry in self.in_force.items() if entry.stops(scope, mail)]
        return sorted(rules, key=lambda rule: (-rule.entry.reason.strength, rule.entry.since, rule.entry.number))

    def stopping(self, mail: Mail) -> Rule | None:
        """The first rule that stops an email; None if it may be sent."""
        return next(iter(self.rules_against(mail)), None)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an address, from version - 1 to version; ``note`` is about the change, the record's ``why`` about
    the suppression."""

    action: Action
    version: int
    at: int
    origin: Origin
    record: Suppression
    note: str = ""


Names: TypeAlias = Collection[str]


class Suppressions(Protocol):
    """The stored list. Every method raises `Unavailable` if the store does not answer."""

    def next_number(self, workspace: str) -> int:
        """A number for a new record, greater than all numbers in the workspace."""
        ...

    def get(self, workspace: str, record: int) -> Suppression | None:
        """The record in force with this number, strongly consistent."""
        ...

    def get_many(self, workspace: str, records: Collection[int]) -> Sequence[Suppression]:
        """The records in force among these numbers, strongly consistent, in any order."""
        ...

    def page(
        self, workspace: str, view: View, offset: int, limit: int, *, newest_first: bool, between: Between = ANYWHERE
    ) -> tuple[Sequence[Suppression], int]:
        """A page of the records in force in a range of numbers, and their total; every page costs the same."""
        ...

    def walk(
        self, workspace: str, view: View, *, newest_first: bool, between: Between = ANYWHERE, naming: Names = ()
    ) -> Iterable[Suppression]:
        """All records in force in a range of numbers, read lazily; with ``naming`` only those whose scope names one of
        the topics or namespaces ("*" is everything)."""
        ...

    def for_email(self, workspace: str, address: Address) -> Sequence[Suppression]:
        """The records in force for an address, oldest first, by the eventually consistent email index: a new record
        may be missing."""
        ...

    def state(self, workspace: str, address: Address) -> AddressState:
        """The state of one address, strongly consistent."""
        ...

    def states(self, workspace: str, addresses: Iterable[Address]) -> Mapping[Address, AddressState]:
        """The states of up to 100 addresses, strongly consistent."""
        ...

    def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
        """Write state, record and history row in one transaction; raises `Conflict` if the state is not ``before``."""
        ...

    def history(self, workspace: str, address: Address) -> Sequence[Change]:
        """All changes of an address, oldest first."""
        ...

    def history_of(self, workspace: str, record: int) -> Sequence[Change]:
        """All changes of one record, oldest first, even after it was lifted; empty if it never existed."""
        ...
