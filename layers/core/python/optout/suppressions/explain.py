"""Why is, or was, this address left alone? The history is complete, so it tells every state there has been."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from optout import clock
from optout.address import Address
from optout.suppressions.suppression import Action, AddressState, Change, InForce, Suppression, Suppressions


@dataclass(frozen=True, slots=True)
class Explanation:
    """An address at one time: its state, the records in force (oldest first), and what had happened by then."""

    state: AddressState
    records: Sequence[Suppression]
    story: Sequence[Change]


def explain(suppressions: Suppressions, workspace: str, address: Address, at: int | None = None) -> Explanation:
    """The address at a time in epoch milliseconds; left out, or still to come, it is now."""
    history = suppressions.history(workspace, address)
    story = history if at is None or at >= clock.now() else until(history, at)
    records = sorted(_in_force(story), key=lambda record: record.number)
    return Explanation(state_at(workspace, address, story), records, story)


def state_at(workspace: str, address: Address, history: Sequence[Change], at: int | None = None) -> AddressState:
    """The state after what had happened by then; without a time, after all of it."""
    story = history if at is None else until(history, at)
    in_force = {record.scope: InForce.of(record) for record in _in_force(story)}
    return AddressState(workspace, address, story[-1].version if story else 0, in_force)


def until(history: Sequence[Change], at: int) -> Sequence[Change]:
    """The steps up to a time. Their order is that of the versions: where a clock went back, what stands behind a later
    step counts as later too, so that only states are told that there have been."""
    return list(takewhile(lambda change: change.at <= at, history))


def _in_force(story: Iterable[Change]) -> Iterable[Suppression]:
    records: dict[int, Suppression] = {}
    for change in story:
        if change.action is Action.LIFTED:
            records.pop(change.record.number, None)
        else:
            records[change.record.number] = change.record
    return records.values()
