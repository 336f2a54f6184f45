"""Remove an entry from the suppression list."""

from dataclasses import replace

from optout import clock
from optout.backoff import ATTEMPTS, pause
from optout.errors import Conflict, NotFound, Protected, Unavailable
from optout.origin import Origin
from optout.suppressions.suppression import Action, Change, Suppression, Suppressions


def lift(
    suppressions: Suppressions, workspace: str, record_number: int, origin: Origin, *, override: bool = False
) -> Suppression:
    """Remove one record and return it. Raises `NotFound`, or `Protected` without ``override``."""
    record = suppressions.get(workspace, record_number)
    for attempt in range(ATTEMPTS):
        if record is None:
            raise NotFound(str(record_number))
        if record.reason.protected and not override:
            raise Protected
        before = suppressions.state(workspace, record.address)
        at = clock.now()
        rest = {scope: entry for scope, entry in before.in_force.items() if entry.number != record_number}
        after = replace(before, version=before.version + 1, in_force=rest)
        lifted = replace(record, modified=max(at, record.modified), revision=record.revision + 1)
        try:
            suppressions.commit(before, after, Change(Action.LIFTED, after.version, at, origin, lifted))
        except Conflict:
            if attempt:
                pause(attempt)
            record = suppressions.get(workspace, record_number)
        else:
            return lifted
    raise Unavailable
