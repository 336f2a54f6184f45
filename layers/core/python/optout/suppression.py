"""The suppression list: who is left alone, how far, why, and since when.

A record is one (address, scope). Its reason can only grow stronger: complaint > hard bounce > a person's own opt-out >
the provider's list > soft bounces. The address's state (every scope in force) is the truth that a send reads; the
record and the history row are written with it in one transaction, each on the condition that the state is still the
one that was read, so a loser reads again and decides again.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
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

    def get(self, workspace: str, record: int) -> Suppression | None:
        """The record in force under this number, strongly consistent."""
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
    before = AddressState(workspace, address)  # most are new, and for those this guess saves the read
    for attempt in range(_ATTEMPTS):
        existing = before.in_force.get(scope)
        record = suppressions.get(workspace, existing.number) if existing else None
        if existing is None or record is not None:  # else it was lifted between the two reads
            at = number.now()
            ip = origin.ip if origin.show_ip else ""
            fresh = Suppression(workspace, number.new(at), address, scope, reason, why, origin.user_agent, ip, at, at)
            action, wanted = _decide(record, fresh, repeat=repeat)
            if action is None:
                return Suppressed(wanted, None)
            entry = InForce(wanted.number, wanted.reason, wanted.created)
            after = replace(before, version=before.version + 1, in_force={**before.in_force, scope: entry})
            try:
                suppressions.commit(before, after, Change(action, after.version, at, origin, wanted))
                return Suppressed(wanted, action)
            except Conflict:
                pass
        _pause(attempt)
        before = suppressions.state(workspace, address)
    raise Unavailable


def _decide(record: Suppression | None, fresh: Suppression, *, repeat: bool) -> tuple[Action | None, Suppression]:
    """What becomes of the record in force when ``fresh`` is asked for."""
    if record is None:
        return Action.SUPPRESSED, fresh
    again = replace(record, modified=max(fresh.created, record.modified), revision=record.revision + 1)
    if fresh.reason.strength > record.reason.strength:
        return Action.STRENGTHENED, replace(again, reason=fresh.reason, why=fresh.why or record.why)
    return (Action.REPEATED, again) if repeat else (None, record)


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
