"""The contract of `Limiter`, kept by the fake and by DynamoDB alike."""

from collections.abc import Callable

import pytest

from optout.access.limit import Limiter, Spent, Window
from optout.errors import Unavailable
from tests.aws.access.limits import ALL, DAY, LOCKOUT, NOON, Clock, spend
from tests.support.engine import Tables
from tests.support.fakes import InMemoryLimiter


@pytest.fixture
def limiter(anywhere: Tables | None, clock: Clock) -> Limiter:
    return anywhere.limiter(clock) if anywhere else InMemoryLimiter(clock)


def test_as_many_as_the_window_allows_are_let_through(limiter: Limiter) -> None:
    assert [spend(limiter).retry_after for _ in range(5)] == [0, 0, 0, 60, 60]


def test_what_is_left_is_told(limiter: Limiter, clock: Clock) -> None:
    assert spend(limiter) == Spent(3, 2, NOON + 60_000)
    clock.now += 10_000
    assert spend(limiter, 2) == Spent(3, 0, NOON + 60_000)
    assert spend(limiter) == Spent(3, 0, NOON + 60_000, 50)


def test_who_comes_back_when_told_is_let_through_and_not_a_moment_earlier(limiter: Limiter, clock: Clock) -> None:
    clock.now += 700
    retry_after = spend(limiter, 4).retry_after
    clock.now += 1000 * retry_after - 1
    assert spend(limiter).retry_after == 1
    clock.now += 1
    assert spend(limiter).retry_after == 0


def test_a_refused_request_is_counted_in_no_window(limiter: Limiter, clock: Clock) -> None:
    spend(limiter, 20)
    clock.now += 60_000
    assert [spend(limiter).retry_after for _ in range(3)] == [0, 0, 3_540]


def test_every_window_is_its_own(limiter: Limiter, clock: Clock) -> None:
    let_through = []
    for minute in range(130):
        clock.now = NOON + 60_000 * minute
        let_through.append(sum(not spend(limiter).retry_after for _ in range(4)))
    assert (let_through[0], let_through[1], let_through[60]) == (3, 2, 1)
    assert sum(let_through) == DAY.allowed


def test_the_longest_of_the_full_windows_says_when(limiter: Limiter, clock: Clock) -> None:
    spend(limiter, 3)
    clock.now += 60_000
    spend(limiter, 2)
    clock.now += 3_540_000
    assert spend(limiter, 2) == Spent(6, 0, NOON + 86_400_000, 82_800)


def test_buckets_and_subjects_are_counted_apart(limiter: Limiter) -> None:
    spend(limiter, 4)
    assert spend(limiter, bucket="bulk").retry_after == 0
    assert spend(limiter, subject="key#b").retry_after == 0


def test_a_limit_that_was_changed_holds_at_once(limiter: Limiter) -> None:
    spend(limiter, 3)
    assert limiter.spend("key#a", "default", (Window(60, 4),)).remaining == 0
    assert limiter.spend("key#a", "default", (Window(60, 2),)).retry_after == 60


def test_failures_are_forgiven_up_to_a_point(limiter: Limiter, clock: Clock) -> None:
    assert [limiter.fail("key#a", LOCKOUT) for _ in range(3)] == [0, 0, 0]
    clock.now += 100_000
    assert limiter.locked("key#a", LOCKOUT) == 0
    assert limiter.fail("key#a", LOCKOUT) == 0  # the last one
    clock.now += 1
    assert limiter.locked("key#a", LOCKOUT) == limiter.fail("key#a", LOCKOUT) == 300


def test_a_lockout_ends(limiter: Limiter, clock: Clock) -> None:
    for _ in range(9):
        limiter.fail("key#a", LOCKOUT)
    clock.now += 300_000
    assert limiter.locked("key#a", LOCKOUT) == limiter.fail("key#a", LOCKOUT) == 0


def test_failures_that_are_far_apart_lock_nobody_out(limiter: Limiter, clock: Clock) -> None:
    for _ in range(20):
        assert limiter.fail("key#a", LOCKOUT) == 0
        clock.now += 100_001


def test_who_is_locked_out_is_refused_in_every_bucket_and_spends_nothing(limiter: Limiter, clock: Clock) -> None:
    spend(limiter)
    for _ in range(4):
        limiter.fail("key#a", LOCKOUT)
    assert spend(limiter, bucket="bulk").retry_after == spend(limiter).retry_after == 300
    clock.now += 300_000
    assert spend(limiter).remaining == 2
    assert limiter.locked("key#b", LOCKOUT) == 0


def test_a_lockout_that_is_not_asked_about_stops_nobody(limiter: Limiter) -> None:
    for _ in range(4):
        limiter.fail("key#a", LOCKOUT)
    assert limiter.spend("key#a", "default", ALL).retry_after == 0


def test_one_failure_may_be_enough(limiter: Limiter) -> None:
    once = Window(300, 1)
    assert [limiter.fail("key#a", once) for _ in range(2)] == [0, 300]


def test_a_failure_that_is_taken_back_was_none(limiter: Limiter, clock: Clock) -> None:
    for _ in range(9):
        assert limiter.fail("key#a", LOCKOUT) == 0
        limiter.take_back("key#a", LOCKOUT, clock.now)


def test_a_failure_that_filled_a_lockout_can_be_taken_back(limiter: Limiter, clock: Clock) -> None:
    for _ in range(4):
        limiter.fail("key#a", LOCKOUT)
    limiter.take_back("key#a", LOCKOUT, clock.now)
    assert [limiter.fail("key#a", LOCKOUT) for _ in range(2)] == [0, 300]


def test_a_failure_of_an_earlier_window_is_taken_back_from_no_later_one(limiter: Limiter, clock: Clock) -> None:
    limiter.fail("key#a", LOCKOUT)
    earlier = clock.now
    clock.now += 300_000
    for _ in range(4):
        limiter.fail("key#a", LOCKOUT)
    limiter.take_back("key#a", LOCKOUT, earlier)
    assert limiter.locked("key#a", LOCKOUT) == 300


def test_where_nothing_was_counted_nothing_is_taken_back(limiter: Limiter, clock: Clock) -> None:
    limiter.take_back("key#a", LOCKOUT, clock.now)
    limiter.fail("key#a", LOCKOUT)
    for _ in range(5):
        limiter.take_back("key#a", LOCKOUT, clock.now)
    assert [limiter.fail("key#a", LOCKOUT) for _ in range(5)] == [0, 0, 0, 0, 300]


def test_a_fake_that_is_down_does_not_answer(clock: Clock) -> None:
    fake = InMemoryLimiter(clock)
    fake.down = True
    with pytest.raises(Unavailable):
        spend(fake)


def test_a_table_that_does_not_answer_is_said_to(tables: Tables, clock: Clock) -> None:
    limiter = tables.limiter(clock)
    tables.client.delete_table(TableName=tables.names["LimitsTable"])
    asks: list[Callable[[], object]] = [
        lambda: spend(limiter),
        lambda: limiter.fail("a", LOCKOUT),
        lambda: limiter.take_back("a", LOCKOUT, NOON),
        lambda: limiter.locked("a", LOCKOUT),
    ]
    for ask in asks:
        with pytest.raises(Unavailable):
            ask()
