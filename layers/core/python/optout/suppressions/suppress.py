"""Add an entry to the suppression list.

A change is written on the condition that the state of the address is still the one that was read. A lost write reads
and decides again.
"""

from dataclasses import dataclass, replace

from optout import clock, number
from optout.address import Address
from optout.backoff import ATTEMPTS, pause
from optout.errors import Conflict, Unavailable
from optout.origin import Origin
from optout.scope import Scope
from optout.suppressions.suppression import Action, AddressState, Change, InForce, Reason, Suppression, Suppressions


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The record, and the action that `suppress` took; None if nothing had to be written."""

    record: Suppression
    action: Action | None


@dataclass(frozen=True, slots=True)
class _Request:
    """The arguments of `suppress`."""

    workspace: str
    address: Address
    scope: Scope
    reason: Reason
    origin: Origin
    why: str
    repeat: bool

    def new_record(self, new: int) -> Suppression:
        at, ip = number.milliseconds(new), self.origin.ip if self.origin.show_ip else ""
        agent = self.origin.user_agent
        return Suppression(self.workspace, new, self.address, self.scope, self.reason, self.why, agent, ip, at, at)

    def applied_to(self, record: Suppression) -> tuple[Action | None, Suppression]:
        """The record in force after this request, and the action; None if nothing has to be written."""
        again = replace(record, modified=max(clock.now(), record.modified), revision=record.revision + 1)
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
    """Suppress an address within a scope. A second call changes nothing, unless its reason is stronger; ``repeat``
    counts it as a revision. Raises `Unavailable`."""
    request = _Request(workspace, address, scope, reason, origin, why, repeat)
    before = AddressState(workspace, address)  # most addresses are new, and this guess saves their read
    for attempt in range(ATTEMPTS):
        try:
            return _apply(suppressions, request, before)
        except Conflict:
            if attempt:  # a wrong first guess is not contention
                pause(attempt)
            before = suppressions.state(workspace, address)
    raise Unavailable


def _apply(suppressions: Suppressions, request: _Request, before: AddressState) -> Suppressed:
    rule = before.in_force.get(request.scope)
    if rule is None:
        action: Action | None = Action.SUPPRESSED
        record = request.new_record(suppressions.next_number(request.workspace))
    else:
        existing = suppressions.get(request.workspace, rule.number)
        if existing is None:  # lifted between the two reads
            raise Conflict
        action, record = request.applied_to(existing)
    if action is not None:
        entry = InForce(record.number, record.reason, record.created)
        after = replace(before, version=before.version + 1, in_force={**before.in_force, request.scope: entry})
        suppressions.commit(before, after, Change(action, after.version, record.modified, request.origin, record))
    return Suppressed(record, action)
