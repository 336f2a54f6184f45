"""Explain why an address is or was suppressed. The history is complete, so every earlier state can be rebuilt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from optout import clock
from optout.address import Address
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import Action, Change, Suppression, Suppressions


@dataclass(frozen=True, slots=True)
class Explanation:
    """An address at one time: its state, the records in force (oldest first), and the changes up to then."""

    state: AddressState
    records: Sequence[Suppression]
    story: Sequence[Change]


def explain(suppressions: Suppressions, workspace: str, address: Address, at: int | None = None) -> Explanation:
    """The address at a time in epoch milliseconds. None, or a time in the future, means now."""
    history = suppressions.history(workspace, address)
    story = history if at is None or at >= clock.now() else until(history, at)
    records = sorted(_in_force(story), key=lambda record: record.number)
    return Explanation(state_at(workspace, address, story), records, story)


def state_at(workspace: str, address: Address, history: Sequence[Change], at: int | None = None) -> AddressState:
    """The state at a time (epoch milliseconds; None: after the last change)."""
    story = history if at is None else until(history, at)
    in_force = {record.scope: record.entry for record in _in_force(story)}
    return AddressState(workspace, address, story[-1].version if story else 0, in_force)


def until(history: Sequence[Change], at: int) -> Sequence[Change]:
    """The changes up to a time. Versions, not timestamps, define the order: if a clock jumped back, a later version
    still counts as later. So every state that is returned has existed."""
    return list(takewhile(lambda change: change.at <= at, history))


def _in_force(story: Iterable[Change]) -> Iterable[Suppression]:
    records: dict[int, Suppression] = {}
    for change in story:
        if change.action is Action.LIFTED:
            records.pop(change.record.number, None)
        else:
            records[change.record.number] = change.record
    return records.values()
