"""The history of a record, in force or lifted."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from optout.errors import NotFound
from optout.suppressions.suppression import VERSIONS, Change, Suppressions


@dataclass(frozen=True, slots=True)
class History:
    """The latest change of a record, and a page of its changes, newest first."""

    latest: Change
    changes: Sequence[Change]


def history_of(
    suppressions: Suppressions, workspace: str, record: int, *, below: int = VERSIONS, limit: int = 100
) -> History:
    """At most ``limit`` changes of a record, with versions below ``below``; raises `NotFound` if it never existed."""
    latest = next(iter(suppressions.history_of(workspace, record)), None)
    if latest is None:
        raise NotFound(str(record))
    return History(latest, list(islice(suppressions.history_of(workspace, record, below=below), limit)))
