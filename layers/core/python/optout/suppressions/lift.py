"""Remove reasons from the suppression list: those that the caller may remove, and no others."""

from collections.abc import Collection
from dataclasses import replace

from optout import clock
from optout.backoff import ATTEMPTS, pause
from optout.errors import Conflict, NotFound, Protected, Unavailable
from optout.origin import Origin
from optout.suppressions.reason import OPT_OUTS, Reason, Speaker
from optout.suppressions.suppression import Action, Cause, Change, Suppression, Suppressions

OVERRIDE = "override"  # the permission to remove the provider's reasons
REMOVE_OWN_OPT_OUT = "remove-own-opt-out"  # the permission to remove a person's own opt-out
OPERATORS = frozenset(reason for reason in Reason if reason.speaker is Speaker.OPERATOR)
OWN_OPT_OUTS = frozenset(reason for reason in OPT_OUTS if reason.speaker is Speaker.PERSON)
BY_CONSENT = OPT_OUTS  # what the person's own later consent removes: never a bounce or a complaint


def removable(permissions: Collection[str]) -> frozenset[Reason]:
    """The reasons that a key with these permissions may remove. A complaint takes both."""
    providers = frozenset(reason for reason in Reason if reason.speaker is Speaker.PROVIDER)
    found = OPERATORS
    if OVERRIDE in permissions:
        found |= providers
    if REMOVE_OWN_OPT_OUT in permissions:
        found |= OWN_OPT_OUTS
    if {OVERRIDE, REMOVE_OWN_OPT_OUT} <= set(permissions):
        found |= {Reason.COMPLAINED}
    return found


def lift(
    suppressions: Suppressions,
    workspace: str,
    record_number: int,
    origin: Origin,
    may: Collection[Reason] = OPERATORS,
    *,
    stated_before: int | None = None,
) -> Suppression:
    """Remove the reasons of one record that the caller may remove, and were last stated before a time (epoch
    milliseconds; None: at any time). Without any reason left the record is lifted.

    Raises `NotFound`, or `Protected` when the record stays in force for other reasons; what may be removed is removed
    all the same.
    """
    record = suppressions.get(workspace, record_number)
    for attempt in range(ATTEMPTS):
        if record is None:
            raise NotFound(str(record_number))
        removed = [cause for cause in record.causes if _may_remove(cause, may, stated_before)]
        if not removed:
            raise Protected
        try:
            lifted = _remove(suppressions, record, removed, origin)
        except Conflict:
            if attempt:
                pause(attempt)
            record = suppressions.get(workspace, record_number)
        else:
            if len(removed) < len(record.causes):
                raise Protected
            return lifted
    raise Unavailable


def _may_remove(cause: Cause, may: Collection[Reason], stated_before: int | None) -> bool:
    return cause.reason in may and (stated_before is None or cause.last < stated_before)


def _remove(suppressions: Suppressions, record: Suppression, removed: Collection[Cause], origin: Origin) -> Suppression:
    before, at = suppressions.state(record.workspace, record.address), clock.now()
    rest = {scope: entry for scope, entry in before.in_force.items() if entry.number != record.number}
    after_record, action = record.without(removed, at), Action.LIFTED
    if len(removed) < len(record.causes):
        action = Action.REDUCED
        rest[record.scope] = after_record.entry
    after = replace(before, version=before.version + 1, in_force=rest)
    reasons = tuple(cause.reason for cause in removed)
    suppressions.commit(before, after, Change(action, after.version, at, origin, after_record, reasons))
    return after_record
