"""The suppression list: suppressed addresses, each with scope, reasons and times.

There is one record per address and scope. It holds every reason in force, each with its own dates, origin and text. The
strongest reason decides. State, record and history row are written in one transaction.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, Self, TypeAlias

from optout.address import Address
from optout.number import ANYWHERE, Between
from optout.origin import Origin
from optout.scope import Scope
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState, InForce, Stated

VERSIONS = 10**8  # above the version of every change of an address


class View(StrEnum):
    """The records of a listing: all, or those that a dialect with triggers can express."""

    ALL = "all"
    TRIGGERS = "triggers"

    def shows(self, scope: Scope) -> bool:
        return self is View.ALL or scope.is_everything or scope.trigger is not None


class Action(StrEnum):
    """The action that a history row records."""

    SUPPRESSED = "suppressed"
    STRENGTHENED = "strengthened"  # a reason was added that is stronger than all before
    ADDED = "added"  # a reason was added that is not
    REPEATED = "repeated"
    REDUCED = "reduced"  # some reasons were removed, others stay in force
    LIFTED = "lifted"
    OVERRIDDEN = "overridden"  # an email was sent despite a rule, which stays in force


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason in force. ``since`` and ``last`` (the last time that it was stated) are in epoch milliseconds. ``via``
    and ``actor`` (an id) are its origin, ``why`` is its text."""

    reason: Reason
    since: int
    last: int
    via: str = ""
    actor: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Suppression:
    """One record of the list. Times are in epoch milliseconds, ``revision`` counts its changes from 0. ``causes`` holds
    each reason once, the strongest first."""

    workspace: str
    number: int
    address: Address
    scope: Scope
    causes: tuple[Cause, ...]
    user_agent: str
    ip: str
    created: int
    modified: int
    revision: int = 0

    @property
    def reason(self) -> Reason:
        """The strongest reason."""
        return self.causes[0].reason

    @property
    def why(self) -> str:
        """The text of the strongest reason."""
        return self.causes[0].why

    @property
    def reasons(self) -> frozenset[Reason]:
        return frozenset(cause.reason for cause in self.causes)

    @property
    def entry(self) -> InForce:
        """The record as its address's state holds it."""
        return InForce(self.number, self.created, {one.reason: Stated(one.since, one.last) for one in self.causes})

    def stating(self, cause: Cause, at: int) -> Self:
        """The record after a reason was stated: added, or stated again with the text and date that it has."""
        known = next((one for one in self.causes if one.reason is cause.reason), None)
        stated = replace(known, last=max(known.last, cause.last)) if known else cause
        return self._with((stated, *(one for one in self.causes if one is not known)), at)

    def without(self, removed: Collection[Cause], at: int) -> Self:
        """The record without some of its reasons; without any left it is the tombstone, with the reasons it had."""
        left = tuple(cause for cause in self.causes if cause not in removed)
        return self._with(left or self.causes, at)

    def _with(self, causes: tuple[Cause, ...], at: int) -> Self:
        ordered = tuple(sorted(causes, key=lambda cause: (-cause.reason.strength, cause.since, cause.reason)))
        return replace(self, causes=ordered, modified=max(at, self.modified), revision=self.revision + 1)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an address, from version - 1 to version. ``record`` is the record after it. ``reasons`` are those
    that were added, repeated or removed. ``note`` is about the change, a cause's ``why`` about the suppression."""

    action: Action
    version: int
    at: int
    origin: Origin
    record: Suppression
    reasons: tuple[Reason, ...] = ()
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

    def states_in(self, workspaces: Iterable[str], address: Address) -> Mapping[str, AddressState]:
        """The states of one address by workspace, strongly consistent."""
        ...

    def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
        """Write state, record and history row in one transaction; raises `Conflict` if the state is not ``before``."""
        ...

    def history(
        self, workspace: str, address: Address, *, newest_first: bool = False, below: int = VERSIONS
    ) -> Iterable[Change]:
        """The changes of an address with a version below a bound, read lazily."""
        ...

    def history_of(self, workspace: str, record: int, *, below: int = VERSIONS) -> Iterable[Change]:
        """The changes of one record, newest first, read lazily, even after it was lifted; none if it never existed."""
        ...
