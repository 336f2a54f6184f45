"""Explaining: the history tells every state that there was, and tells it in the order in which it came about."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.errors import Unavailable
from optout.scope import EVERYTHING, Mail, MessageClass, Scope
from optout.suppressions.check import decide
from optout.suppressions.explain import explain
from optout.suppressions.lift import lift
from optout.suppressions.override import override
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import Action, Cause, Change, Suppression
from tests.support.fakes import InMemorySuppressions
from tests.support.samples import ORIGIN, WORKSPACE, address, stop

ADA = address()
MARKETING = Scope.of(["marketing"])
RECEIPT = Mail("receipts", None, MessageClass.TRANSACTIONAL)
START = 1_787_580_922_000
MADE = Suppression(WORKSPACE, 1, ADA, EVERYTHING, (Cause(Reason.UNSUBSCRIBED, 1, 1),), "", "", 1, 1)


@dataclass
class Clock:
    """The time, in milliseconds, as it passes in a test."""

    at: int = START

    @contextmanager
    def running(self) -> Iterator[None]:
        with patch.object(time, "time_ns", lambda: self.at * 1_000_000):
            yield


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    with clock.running():
        yield clock


@pytest.fixture
def store() -> InMemorySuppressions:
    return InMemorySuppressions()


STEPS = st.lists(
    st.tuples(
        st.integers(1, 5_000),
        st.one_of(
            st.tuples(
                st.sampled_from([EVERYTHING, MARKETING, Scope.of(["trigger:7"], ["shop"])]),
                st.sampled_from(Reason),
                st.booleans(),
            ),
            st.sampled_from(["lift", "override"]),
        ),
    ),
    max_size=12,
)


@given(STEPS)
def test_the_history_tells_every_state_that_the_store_was_in(
    steps: list[tuple[int, tuple[Scope, Reason, bool] | str]],
) -> None:
    store, clock = InMemorySuppressions(), Clock()
    accepted = [(clock.at, store.state(WORKSPACE, ADA))]
    with clock.running():
        for passed, step in steps:
            clock.at += passed
            take(store, step)
            accepted.append((clock.at, store.state(WORKSPACE, ADA)))
    following = [at for at, _ in accepted[1:]]
    clock.at += 1_000
    with clock.running():
        for (at, state), next_at in zip(accepted, [*following, clock.at], strict=True):
            for moment in {at, next_at - 1}:
                assert explain(store, WORKSPACE, ADA, moment).state == state
        assert explain(store, WORKSPACE, ADA).state == accepted[-1][1]


def take(store: InMemorySuppressions, step: tuple[Scope, Reason, bool] | str) -> None:
    state = store.state(WORKSPACE, ADA)
    if isinstance(step, tuple):
        scope, reason, repeat = step
        stop(store, scope=scope, reason=reason, repeat=repeat)
    elif step == "override":
        override(store, state, RECEIPT, ORIGIN)
    elif state.in_force:
        oldest = min(entry.number for entry in state.in_force.values())
        lift(store, WORKSPACE, oldest, ORIGIN, Reason)


def changed_at(store: InMemorySuppressions, *times: int) -> None:
    """A person unsubscribes from one topic after another, each at its own time."""
    for topic, at in enumerate(times):
        before = store.state(WORKSPACE, ADA)
        record = replace(MADE, number=topic + 1, scope=Scope.of([f"trigger:{topic + 1}"]))
        after = replace(before, version=topic + 1, in_force={**before.in_force, record.scope: record.entry})
        store.commit(before, after, Change(Action.SUPPRESSED, topic + 1, at, ORIGIN, record, (record.reason,)))


def versions(store: InMemorySuppressions, *times: int) -> list[int]:
    return [explain(store, WORKSPACE, ADA, at).state.version for at in times]


def test_steps_of_one_millisecond_count_together(store: InMemorySuppressions) -> None:
    changed_at(store, 10, 20, 20, 30)
    assert versions(store, 9, 10, 19, 20, 29, 30) == [0, 1, 1, 3, 3, 4]


def test_where_a_clock_went_back_only_states_are_told_that_there_were(store: InMemorySuppressions) -> None:
    changed_at(store, 10, 40, 20, 50)
    assert versions(store, 10, 20, 39, 40, 50) == [1, 1, 1, 3, 4]


@pytest.mark.parametrize("at", [None, START])
def test_nothing_is_told_of_a_stranger(at: int | None, store: InMemorySuppressions) -> None:
    found = explain(store, WORKSPACE, ADA, at)
    assert (found.state, found.records, found.story) == (AddressState(WORKSPACE, ADA), [], [])


@pytest.mark.parametrize("at", [None, 100])
def test_the_story_is_told_newest_first_page_by_page(at: int | None, store: InMemorySuppressions) -> None:
    changed_at(store, 10, 20, 30, 40, 50)
    found = explain(store, WORKSPACE, ADA, at, limit=2)
    more = explain(store, WORKSPACE, ADA, at, below=4, limit=9)
    assert [change.version for change in found.story] == [5, 4]
    assert [change.version for change in more.story] == [3, 2, 1]
    assert found.state == more.state == store.state(WORKSPACE, ADA)
    assert len(found.records) == len(more.records) == 5


def test_an_earlier_story_has_no_later_change(store: InMemorySuppressions) -> None:
    changed_at(store, 10, 20, 30, 40, 50)
    assert [change.version for change in explain(store, WORKSPACE, ADA, 35, limit=2).story] == [3, 2]


class Counting(InMemorySuppressions):
    """A list that notes the versions of the changes that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[int] = []

    def history(self, *of: Any, **bounds: Any) -> Iterator[Change]:
        for change in super().history(*of, **bounds):
            self.read.append(change.version)
            yield change


def test_an_explanation_of_now_reads_no_more_of_the_history_than_it_tells() -> None:
    store = Counting()
    changed_at(store, *range(10, 60))
    explain(store, WORKSPACE, ADA, limit=3)
    assert store.read == [50, 49, 48]


def test_a_lifted_record_was_in_force_before(store: InMemorySuppressions, clock: Clock) -> None:
    record = stop(store, why="Too many mails").record
    clock.at += 60_000
    lift(store, WORKSPACE, record.number, ORIGIN)
    before, after = explain(store, WORKSPACE, ADA, START + 59_999), explain(store, WORKSPACE, ADA, START + 60_000)
    assert (before.records, [change.action for change in before.story]) == ([record], [Action.SUPPRESSED])
    assert not decide(before.state, Mail("marketing")).allowed
    assert (after.records, [change.action for change in after.story]) == ([], [Action.LIFTED, Action.SUPPRESSED])
    assert decide(after.state, Mail("marketing")).allowed


def test_a_reason_that_grew_later_was_weaker_before(store: InMemorySuppressions, clock: Clock) -> None:
    stop(store)
    clock.at += 1
    stop(store, reason=Reason.COMPLAINED)
    before, after = explain(store, WORKSPACE, ADA, START), explain(store, WORKSPACE, ADA)
    assert decide(before.state, RECEIPT).allowed
    assert not decide(after.state, RECEIPT).allowed
    assert after.state.in_force == {EVERYTHING: after.records[0].entry}
    assert [record.reason for record in (*before.records, *after.records)] == [Reason.UNSUBSCRIBED, Reason.COMPLAINED]


def test_before_the_first_step_nothing_was_known(store: InMemorySuppressions, clock: Clock) -> None:
    stop(store)
    found = explain(store, WORKSPACE, ADA, START - 1)
    assert (found.state, found.records, found.story) == (AddressState(WORKSPACE, ADA), [], [])


@pytest.mark.parametrize("ahead", [0, 1, 10**12])
def test_the_future_is_as_now(ahead: int, store: InMemorySuppressions, clock: Clock) -> None:
    stop(store)
    assert explain(store, WORKSPACE, ADA, clock.at + ahead) == explain(store, WORKSPACE, ADA)


def test_now_leaves_nothing_out_though_another_clock_runs_ahead(store: InMemorySuppressions, clock: Clock) -> None:
    stop(store)
    clock.at -= 120_000
    assert len(explain(store, WORKSPACE, ADA).story) == len(explain(store, WORKSPACE, ADA, clock.at).story) == 1


def test_records_in_force_come_oldest_first(store: InMemorySuppressions) -> None:
    first, second = stop(store, scope=MARKETING).record, stop(store).record
    stop(store, scope=MARKETING, repeat=True)
    assert [record.number for record in explain(store, WORKSPACE, ADA).records] == [first.number, second.number]


def test_a_silent_store_explains_nothing(store: InMemorySuppressions) -> None:
    store.down = True
    with pytest.raises(Unavailable):
        explain(store, WORKSPACE, ADA)
