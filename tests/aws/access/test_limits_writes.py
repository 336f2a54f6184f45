"""The writes of counting, and the limit under concurrent requests."""

from collections import Counter
from functools import partial
from itertools import chain, count
from typing import Any

import pytest

from optout.access.limit import Window
from optout.aws.access.limits import DynamoDBLimiter
from tests.aws.access.limits import LOCKOUT, MINUTE, NOON, Clock, clock, spend
from tests.support.crowds import at_once
from tests.support.engine import Tables
from tests.support.wire import Wire

__all__ = ["clock"]


class Calls:
    """The requests of a client to DynamoDB."""

    def __init__(self, tables: Tables) -> None:
        self.made: list[str] = []
        tables.client.meta.events.register("before-call.dynamodb", self._note)

    def _note(self, model: Any, **_: object) -> None:
        self.made.append(model.name)

    def taken(self) -> list[str]:
        made, self.made = self.made, []
        return made


def test_a_request_that_is_let_through_is_one_write(tables: Tables, clock: Clock) -> None:
    limiter, calls = tables.limiter(clock), Calls(tables)
    spend(limiter)
    assert calls.taken() == ["UpdateItem", "UpdateItem"]  # the first of a window
    spend(limiter)
    spend(limiter)
    assert calls.taken() == ["UpdateItem", "UpdateItem"]


def test_a_request_that_is_refused_is_one_attempt(tables: Tables, clock: Clock) -> None:
    limiter, calls = tables.limiter(clock), Calls(tables)
    spend(limiter, 3)
    calls.taken()
    spend(limiter)
    assert calls.taken() == ["UpdateItem"]
    for _ in range(4):
        limiter.fail("key#b", LOCKOUT)
    calls.taken()
    spend(limiter, subject="key#b")
    limiter.fail("key#b", LOCKOUT)
    assert calls.taken() == ["UpdateItem", "UpdateItem"]


def test_a_failure_is_one_write_but_for_the_first_and_the_last(tables: Tables, clock: Clock) -> None:
    limiter, calls = tables.limiter(clock), Calls(tables)
    writes = []
    for _ in range(4):
        limiter.fail("key#a", LOCKOUT)
        writes.append(len(calls.taken()))
    assert writes == [2, 1, 1, 2]


def test_everything_of_a_subject_is_one_item_that_outlives_its_windows(tables: Tables, clock: Clock) -> None:
    limiter = tables.limiter(clock)
    spend(limiter)
    spend(limiter, bucket="bulk")
    clock.now += 1_000
    limiter.fail("key#a", LOCKOUT)
    limiter.spend("key#a", "mailer", (MINUTE,))
    (item,) = tables.items("LimitsTable")
    assert NOON // 1000 + 86_400 < int(item["expires"]["N"]) <= NOON // 1000 + 2 * 86_400


def test_a_failure_that_many_others_forestall_is_refused_rather_than_uncounted() -> None:
    lost = (400, "ConditionalCheckFailedException", "another was first")
    limiter = DynamoDBLimiter(Wire("dynamodb", *[lost] * 20).client, "t", lambda: NOON)
    assert limiter.fail("source#a", LOCKOUT) == 1


@pytest.mark.parametrize("let", [1, 7, 100])
def test_many_at_once_get_exactly_what_the_window_allows(engine: Tables, let: int) -> None:
    windows = (Window(60, let), Window(3_600, let + 20))

    def ask(_: int) -> int:
        limiter = engine.limiter(lambda: NOON)
        return sum(not limiter.spend("key#a", "default", windows, LOCKOUT).retry_after for _ in range(10))

    assert sum(at_once(16, ask)) == let


def test_many_at_once_begin_a_new_window_once(engine: Tables) -> None:
    windows = (Window(60, 5), Window(3_600, 12))

    def ask(minute: int, _: int) -> int:
        limiter = engine.limiter(lambda: NOON + 60_000 * minute)
        return int(not limiter.spend("key#a", "default", windows).retry_after)

    assert [sum(at_once(16, partial(ask, minute))) for minute in range(4)] == [5, 5, 2, 0]


def test_while_the_clock_runs_no_window_is_overdrawn(engine: Tables) -> None:
    second, ticks = Window(1, 4), count(NOON, 7)

    def ask(_: int) -> list[int]:
        limiter = engine.limiter(lambda: next(ticks))
        answers = [limiter.spend("key#a", "default", (second,)) for _ in range(40)]
        return [spent.reset for spent in answers if not spent.retry_after]

    let_through = Counter(chain.from_iterable(at_once(16, ask)))
    assert len(let_through) == 5  # 640 times 7 milliseconds
    assert set(let_through.values()) == {4}


def test_many_failures_at_once_lock_out_exactly_then(engine: Tables) -> None:
    lockout = Window(300, 10)
    locked = at_once(16, lambda _: engine.limiter(lambda: NOON).fail("source#a", lockout))
    assert sorted(locked) == [0] * 10 + [300] * 6
