"""Override the suppression list for one transactional email. It takes a permission and is always recorded."""

from dataclasses import replace

from optout import clock
from optout.backoff import pause
from optout.errors import Conflict, Protected, Unavailable
from optout.origin import Origin
from optout.scope import Mail, MessageClass
from optout.suppressions.check import Decision, decide
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import Action, Change, Suppressions

_ATTEMPTS = 20


def override(suppressions: Suppressions, state: AddressState, mail: Mail, origin: Origin, why: str = "") -> Decision:
    """Override the rules that stop a transactional email, and record the origin and the first rule in the history.

    The records do not change, so the next email needs its own override. Nothing is written if no rule stops the email,
    or if nothing can be delivered to the address. Raises `Protected` for a marketing email.
    """
    if mail.message_class is not MessageClass.TRANSACTIONAL:
        raise Protected
    for attempt in range(_ATTEMPTS):
        decision = decide(state, mail)
        if not decision.rules or not decision.deliverable:
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
