"""Windows: the requests that they allow, their start and end, and their headers."""

from dataclasses import replace

import pytest

from optout.access.credential import Credential
from optout.access.limit import ANY, DEFAULT, FAILURES, Count, Limits, Spent, Window, network

NOW = 1_790_000_000_123
MINUTE = Window(60, 3)
HOUR = Window(3_600, 5)


def test_a_window_begins_with_its_first_request() -> None:
    assert MINUTE.spent(Count(), NOW) == Count(1, NOW + 60_000)


def test_a_window_that_goes_on_keeps_its_end() -> None:
    assert MINUTE.spent(Count(1, NOW + 1), NOW) == Count(2, NOW + 1)


def test_a_window_that_is_over_begins_anew() -> None:
    assert MINUTE.spent(Count(3, NOW), NOW) == Count(1, NOW + 60_000)


@pytest.mark.parametrize(
    ("count", "wait"),
    [
        (Count(), 0),
        (Count(2, NOW + 1), 0),
        (Count(3, NOW + 1), 1),
        (Count(4, NOW + 59_999), 59_999),
        (Count(3, NOW), 0),
        (Count(3, NOW - 1), 0),
    ],
    ids=str,
)
def test_only_a_full_window_that_goes_on_is_waited_for(count: Count, wait: int) -> None:
    assert MINUTE.wait(count, NOW) == wait


def test_a_failure_is_counted_like_a_request() -> None:
    assert MINUTE.failed(Count(1, NOW + 5), NOW) == Count(2, NOW + 5)


def test_the_last_failure_that_is_forgiven_locks_for_the_whole_time_from_then() -> None:
    assert MINUTE.failed(Count(2, NOW + 5), NOW) == Count(3, NOW + 60_000)


@pytest.mark.parametrize(("seconds", "allowed"), [(0, 1), (1, 0), (-1, 1), (60, -1)])
def test_there_is_no_window_that_lets_nothing_through(seconds: int, allowed: int) -> None:
    with pytest.raises(ValueError, match="at least one second and one request"):
        Window(seconds, allowed)


def test_the_window_with_the_least_left_speaks() -> None:
    counts = {MINUTE: Count(2, NOW + 60_000), HOUR: Count(5, NOW + 3_600_000)}
    assert Spent.of(counts, 1) == Spent(5, 0, NOW + 3_600_000, 1)


def test_of_two_full_windows_the_one_that_ends_last_speaks() -> None:
    counts = {MINUTE: Count(3, NOW + 60_000), HOUR: Count(5, NOW + 3_600_000)}
    assert Spent.of(counts).reset == NOW + 3_600_000


@pytest.mark.parametrize(("wait", "seconds"), [(0, 0), (1, 1), (999, 1), (1_000, 1), (1_001, 2)])
def test_nobody_is_told_to_come_back_too_early(wait: int, seconds: int) -> None:
    assert Spent.of({MINUTE: Count()}, wait).retry_after == seconds


DIALECT = Limits({DEFAULT: (MINUTE,), "bulk": (HOUR,)}, errors=Window(300, 30))
OWN = (Window(60, 10_000),)


@pytest.mark.parametrize(
    ("own", "bucket", "chosen"),
    [
        ({}, DEFAULT, (MINUTE,)),
        ({}, "bulk", (HOUR,)),
        ({DEFAULT: OWN}, DEFAULT, OWN),
        ({DEFAULT: OWN}, "bulk", (HOUR,)),
        ({ANY: OWN}, "bulk", OWN),
        ({ANY: OWN, "bulk": ()}, "bulk", ()),
        ({ANY: OWN}, "uncounted", ()),
    ],
    ids=str,
)
def test_a_caller_s_own_limits_come_before_the_dialect_s(
    own: dict[str, tuple[Window, ...]], bucket: str, chosen: tuple[Window, ...]
) -> None:
    assert DIALECT.of(bucket, own) == chosen


def test_a_caller_may_be_forgiven_more_or_anything() -> None:
    assert DIALECT.lockout({}) == Window(300, 30)
    assert DIALECT.lockout({FAILURES: OWN}) == DIALECT.lockout({ANY: OWN}) == OWN[0]
    assert DIALECT.lockout({FAILURES: ()}) is None


def test_a_dialect_that_counts_nothing_counts_nothing_for_anybody() -> None:
    assert Limits().of(DEFAULT, {ANY: OWN, DEFAULT: OWN}) == ()
    assert Limits().lockout({ANY: OWN, FAILURES: OWN}) is None


@pytest.mark.parametrize(
    ("ip", "whose"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::", "2001:db8:1:2::"),
        ("", ""),
        ("x", "x"),
    ],
)
def test_an_address_is_one_customer_s(ip: str, whose: str) -> None:
    assert network(ip) == whose


def test_a_user_s_tokens_are_counted_together_and_nobody_else_s() -> None:
    one = Credential("a" * 64, "acme", "chat", "user")
    assert one.holder == replace(one, key_hash="b" * 64).holder
    others = [replace(one, user="other"), replace(one, workspace="globex"), replace(one, user="")]
    assert len({one.holder, *(other.holder for other in others)}) == 4
    assert replace(one, user="").holder == "a" * 64
