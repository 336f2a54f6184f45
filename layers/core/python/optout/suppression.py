"""The suppression list: who is left alone, how far, why, and since when.

A record is one (address, scope). Its reason can only grow stronger: complaint > hard bounce > a person's own opt-out >
the provider's list > soft bounces. The address's state (every scope in force) is the truth that a send reads; the
record and the history row are written with it in one transaction, each on the condition that the state is still the
one that was read, so a loser reads again and decides again.
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import uniform
from typing import Protocol

from optout import number
from optout.address import Address
from optout.errors import Conflict, NotFound, Protected, Unavailable
from optout.scope import Mail, MessageClass, Scope

_ATTEMPTS = 40  # 50 writers of one address at once all get through; see tests/flows
_PAUSE = 0.02  # seconds, grown and jittered


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


@dataclass(frozen=True, slots=True)
class Origin:
    """Who changed the list and through what. ``via`` is a dialect, ``link``, ``feedback`` or ``command``; ``actor`` an
    opaque id (a credential, a campaign, a feedback event), never a key or an address. The history keeps a keyed hash
    of the IP address; the record shows it in clear only where ``show_ip`` says that the dialect asks for it."""

    via: str
    actor: str = ""
    user_agent: str = ""
    ip: str = ""
    show_ip: bool = False


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


@dataclass(frozen=True, slots=True)
class AddressState:
    """Everything in force for one address; ``version`` counts its history rows."""

    workspace: str
    address: Address
    version: int = 0
    in_force: Mapping[Scope, InForce] = field(default_factory=dict)

    def stopping(self, mail: Mail) -> tuple[Scope, InForce] | None:
        """What stops this mail: the strongest reason, the oldest of equals; None when it may go."""
        covering = [(scope, rule) for scope, rule in self.in_force.items() if _stops(scope, rule, mail)]
        return max(covering, key=lambda rule: (rule[1].reason.strength, -rule[1].since), default=None)


@dataclass(frozen=True, slots=True)
class Change:
    """One step of an address's history, from version - 1 to version."""

    action: Action
    version: int
    at: int
    origin: Origin
    record: Suppression


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
        self, workspace: str, view: View, offset: int, limit: int, *, newest_first: bool
    ) -> tuple[Sequence[Suppression], int]:
        """The records in force from ``offset`` on, and how many there are; every page costs the same."""
        ...

    def walk(self, workspace: str, view: View, above: int, below: int, *, newest_first: bool) -> Iterable[Suppression]:
        """The records in force with above < number < below, read as they are asked for."""
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


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What `suppress` did: the record, and the action, None when nothing needed writing."""

    record: Suppression
    action: Action | None


@dataclass(frozen=True, slots=True)
class _Wish:
    """What somebody asked for, before it is known what is there."""

    workspace: str
    address: Address
    scope: Scope
    reason: Reason
    origin: Origin
    why: str
    repeat: bool

    def fresh(self, new: int) -> Suppression:
        at, ip = number.milliseconds(new), self.origin.ip if self.origin.show_ip else ""
        agent = self.origin.user_agent
        return Suppression(self.workspace, new, self.address, self.scope, self.reason, self.why, agent, ip, at, at)

    def applied_to(self, record: Suppression) -> tuple[Action | None, Suppression]:
        """What becomes of the record in force; no action when nothing needs writing."""
        again = replace(record, modified=max(number.now(), record.modified), revision=record.revision + 1)
        if self.reason.strength > record.reason.strength:
            return Action.STRENGTHENED, replace(again, reason=self.reason, why=self.why or record.why)
        return (Action.REPEATED, again) if self.repeat else (None, record)


def suppress(
    suppressions: Suppressions,
    workspace: str,
    address: Address,
    scope: Scope,
    reason: Reason,
    origin: Origin,
    *,
    why: str = "",
    repeat: bool = False,
) -> Suppressed:
    """Leave an address alone within a scope. Twice is once; ``repeat`` counts a revision for the second time."""
    wish = _Wish(workspace, address, scope, reason, origin, why, repeat)
    before = AddressState(workspace, address)  # most are new, and for those this guess saves the read
    for attempt in range(_ATTEMPTS):
        try:
            return _fulfil(suppressions, wish, before)
        except Conflict:
            _pause(attempt)
            before = suppressions.state(workspace, address)
    raise Unavailable


def _fulfil(suppressions: Suppressions, wish: _Wish, before: AddressState) -> Suppressed:
    rule = before.in_force.get(wish.scope)
    if rule is None:
        action: Action | None = Action.SUPPRESSED
        record = wish.fresh(suppressions.next_number(wish.workspace))
    else:
        existing = suppressions.get(wish.workspace, rule.number)
        if existing is None:  # lifted between the two reads
            raise Conflict
        action, record = wish.applied_to(existing)
    if action is not None:
        entry = InForce(record.number, record.reason, record.created)
        after = replace(before, version=before.version + 1, in_force={**before.in_force, wish.scope: entry})
        suppressions.commit(before, after, Change(action, after.version, record.modified, wish.origin, record))
    return Suppressed(record, action)


def lift(
    suppressions: Suppressions, workspace: str, record_number: int, origin: Origin, *, override: bool = False
) -> Suppression:
    """Take one record out of force, and nothing else; raises `NotFound`, or `Protected` without ``override``."""
    record = suppressions.get(workspace, record_number)
    for attempt in range(_ATTEMPTS):
        if record is None:
            raise NotFound(str(record_number))
        if record.reason.protected and not override:
            raise Protected
        before = suppressions.state(workspace, record.address)
        at = number.now()
        rest = {scope: entry for scope, entry in before.in_force.items() if entry.number != record_number}
        after = replace(before, version=before.version + 1, in_force=rest)
        lifted = replace(record, modified=max(at, record.modified), revision=record.revision + 1)
        try:
            suppressions.commit(before, after, Change(Action.LIFTED, after.version, at, origin, lifted))
        except Conflict:
            _pause(attempt)
            record = suppressions.get(workspace, record_number)
        else:
            return lifted
    raise Unavailable


def check(suppressions: Suppressions, workspace: str, address: Address, mails: Sequence[Mail] = ()) -> InForce | None:
    """The oldest rule that stops one of these mails (with none given: any rule at all); None is a no.

    A yes comes from the email index. An index may lag, and a late no would mail somebody who has left, so a no is
    given only by the strongly consistent state.
    """
    records = suppressions.for_email(workspace, address)
    indexed = {record.scope: InForce(record.number, record.reason, record.created) for record in records}
    return _oldest(indexed, mails) or _oldest(suppressions.state(workspace, address).in_force, mails)


def _oldest(in_force: Mapping[Scope, InForce], mails: Sequence[Mail]) -> InForce | None:
    rules = (
        entry for scope, entry in in_force.items() if not mails or any(_stops(scope, entry, mail) for mail in mails)
    )
    return min(rules, key=lambda rule: rule.since, default=None)


def _stops(scope: Scope, rule: InForce, mail: Mail) -> bool:
    return scope.covers(mail) and (rule.reason.protected or mail.message_class is MessageClass.MARKETING)


def _pause(attempt: int) -> None:
    if attempt:  # the first guess loses to a plain fact, not to a crowd
        time.sleep(uniform(0, min(1.0, _PAUSE * 2**attempt)))
