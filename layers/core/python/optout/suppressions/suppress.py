"""Add an entry to the suppression list, or a reason to an entry.

A change is written on the condition that the state of the address is still the one that was read. A lost write reads
and decides again.
"""

from dataclasses import dataclass, replace

from optout import clock, number
from optout.address import Address
from optout.backoff import ATTEMPTS, pause
from optout.errors import Conflict, Problem, Unavailable, Unprocessable
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.suppressions.reason import Reason, Speaker
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import Action, Cause, Change, Suppression, Suppressions

MOST_SCOPES = 200  # of one address, besides everything: the state of an address is one item
LARGEST_SCOPES = 100_000  # bytes of their names together


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The record, and the action that `suppress` took; None if nothing had to be written."""

    record: Suppression
    action: Action | None

    @property
    def is_new(self) -> bool:
        """Whether the record did not exist before."""
        return self.action is Action.SUPPRESSED


@dataclass(frozen=True, slots=True)
class _Statement:
    """The arguments of `suppress`."""

    workspace: str
    address: Address
    scope: Scope
    reason: Reason
    origin: Origin
    why: str
    repeat: bool

    def cause(self, at: int) -> Cause:
        return Cause(self.reason, at, at, self.origin.via, self.origin.actor, self.why)

    def new_record(self, new: int) -> Suppression:
        at, ip = number.milliseconds(new), self.origin.ip if self.origin.show_ip else ""
        causes, agent = (self.cause(at),), self.origin.user_agent
        return Suppression(self.workspace, new, self.address, self.scope, causes, agent, ip, at, at)

    def applied_to(self, record: Suppression) -> tuple[Action | None, Suppression]:
        """The action, None if nothing has to be written, and the record in force after it."""
        now = max(clock.now(), record.modified)
        if self.reason in record.reasons:
            return (Action.REPEATED, record.stating(self.cause(now), now)) if self.repeat else (None, record)
        is_stronger = self.reason.strength > record.reason.strength
        return Action.STRENGTHENED if is_stronger else Action.ADDED, record.stating(self.cause(now), now)


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
    before: AddressState | None = None,
) -> Suppressed:
    """Suppress an address within a scope for a reason. If the reason is in force already, nothing changes; with
    ``repeat``, the time when it was last stated changes. ``before`` is the state, if it was read. Raises `Unavailable`.

    The scopes of an address are bounded, so that its state can always be written. Beyond the bound, an operator's new
    scope raises `Unprocessable`; a person's or the provider's reason suppresses everything instead.
    """
    statement = _Statement(workspace, address, scope, reason, origin, why, repeat)
    before = before or AddressState(workspace, address)  # most addresses are new, and this guess saves their read
    for attempt in range(ATTEMPTS):
        try:
            return _apply(suppressions, statement, before)
        except Conflict:
            if attempt:  # a wrong first guess is not contention
                pause(attempt)
            before = suppressions.state(workspace, address)
    raise Unavailable


def _apply(suppressions: Suppressions, statement: _Statement, before: AddressState) -> Suppressed:
    if statement.scope not in before.in_force and _is_full(before, statement.scope):
        if statement.reason.speaker is Speaker.OPERATOR:
            text = "The address has too many different scopes. Suppress it for everything instead."
            raise Unprocessable("body", Problem("scope", "too_many_scopes", text, MOST_SCOPES))
        statement = replace(statement, scope=EVERYTHING)
    entry = before.in_force.get(statement.scope)
    if entry is None:
        action: Action | None = Action.SUPPRESSED
        record = statement.new_record(suppressions.next_number(statement.workspace))
    else:
        existing = suppressions.get(statement.workspace, entry.number)
        if existing is None:  # lifted between the two reads
            raise Conflict
        action, record = statement.applied_to(existing)
    if action is not None:
        in_force = {**before.in_force, statement.scope: record.entry}
        after = replace(before, version=before.version + 1, in_force=in_force)
        reasons = (statement.reason,)
        change = Change(action, after.version, record.modified, statement.origin, record, reasons)
        suppressions.commit(before, after, change)
    return Suppressed(record, action)


def _is_full(state: AddressState, scope: Scope) -> bool:
    """Whether one more scope would pass the bounds; everything always fits."""
    if scope.is_everything:
        return False
    names = [one.key for one in (*state.in_force, scope) if not one.is_everything]
    return len(names) > MOST_SCOPES or sum(len(name.encode()) for name in names) > LARGEST_SCOPES
