"""Sending a transactional mail all the same: for the few who may, and never without writing it down."""

from dataclasses import replace

from optout import clock
from optout.backoff import pause
from optout.errors import Conflict, Protected, Unavailable
from optout.origin import Origin
from optout.scope import Mail, MessageClass
from optout.suppressions.check import Decision, decide
from optout.suppressions.suppression import Action, AddressState, Change, Suppressions

_ATTEMPTS = 20


def override(suppressions: Suppressions, state: AddressState, mail: Mail, origin: Origin, why: str = "") -> Decision:
    """Pass over what stops a transactional mail, and write down who did, and which rule it was.

    The records stay as they are: the next mail needs an override of its own. Nothing is written when nothing stops the
    mail (any more). Raises `Protected` for any other mail.
    """
    if mail.message_class is not MessageClass.TRANSACTIONAL:
        raise Protected
    for attempt in range(_ATTEMPTS):
        decision = decide(state, mail)
        if decision.allowed:
            return decision
        try:
            _write(suppressions, state, decision, origin, why)
        except Conflict:
            pause(attempt)
            state = suppressions.state(state.workspace, state.address)
        else:
            return decision
    raise Unavailable


def _write(suppressions: Suppressions, before: AddressState, decision: Decision, origin: Origin, why: str) -> None:
    record = suppressions.get(before.workspace, decision.rules[0].entry.number)
    if record is None:  # lifted between the two reads
        raise Conflict
    after = replace(before, version=before.version + 1)
    reasons = (decision.rules[0].reason,)
    change = Change(Action.OVERRIDDEN, after.version, clock.now(), origin, record, reasons, why)
    suppressions.commit(before, after, change)
