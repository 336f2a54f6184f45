"""Explain why an address is or was suppressed. The history is complete, so every earlier state can be rebuilt."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from optout import clock
from optout.address import Address
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import VERSIONS, Action, Change, Suppression, Suppressions


@dataclass(frozen=True, slots=True)
class Explanation:
    """An address at one time: its state, the records in force (oldest first), and the latest changes up to then (newest
    first)."""

    state: AddressState
    records: Sequence[Suppression]
    story: Sequence[Change]

    @classmethod
    def of(cls, before: AddressState, records: Iterable[Suppression], story: Iterable[Change]) -> "Explanation":
        in_force = {record.scope: record.entry for record in records}
        state = AddressState(before.workspace, before.address, before.version, in_force)
        return cls(state, sorted(records, key=lambda record: record.number), list(story))


def explain(
    suppressions: Suppressions,
    workspace: str,
    address: Address,
    at: int | None = None,
    *,
    below: int = VERSIONS,
    limit: int = 100,
) -> Explanation:
    """The address at a time in epoch milliseconds; None, or a time in the future, means now. The story has at most
    ``limit`` changes, with versions below ``below``.

    Now costs the same for every history; an earlier time reads all changes up to then.
    """
    if at is not None and at < clock.now():
        return _rebuilt(suppressions, AddressState(workspace, address), at, below, limit)
    state = suppressions.state(workspace, address)
    records = suppressions.get_many(workspace, [entry.number for entry in state.in_force.values()])
    changes = suppressions.history(workspace, address, newest_first=True, below=min(below, state.version + 1))
    return Explanation.of(state, records, islice(changes, limit))


def _rebuilt(suppressions: Suppressions, nothing: AddressState, at: int, below: int, limit: int) -> Explanation:
    """Versions, not timestamps, define the order: if a clock jumped back, a later version still counts as later. So
    every state that is returned has existed."""
    version, records, story = 0, dict[int, Suppression](), deque[Change](maxlen=limit)
    changes = suppressions.history(nothing.workspace, nothing.address)
    for change in takewhile(lambda change: change.at <= at, changes):
        version = change.version
        if change.action is Action.LIFTED:
            records.pop(change.record.number, None)
        else:
            records[change.record.number] = change.record
        if version < below:
            story.appendleft(change)
    return Explanation.of(AddressState(nothing.workspace, nothing.address, version), records.values(), story)
