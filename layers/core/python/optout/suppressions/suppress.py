"""Entering the list and leaving it.

Every change is written on the condition that the address's state is still the one that was read, so a loser reads again
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
    """Leave an address alone within a scope. Twice is once; ``repeat`` counts a revision for the second time."""
    wish = _Wish(workspace, address, scope, reason, origin, why, repeat)
    before = AddressState(workspace, address)  # most are new, and for those this guess saves the read
    for attempt in range(ATTEMPTS):
        try:
            return _fulfil(suppressions, wish, before)
        except Conflict:
            if attempt:  # the first guess loses to a plain fact, not to a crowd
                pause(attempt)
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
