"""The deadline of an invocation."""

from math import inf

import pytest

from optout import deadline
from optout.errors import Unavailable


class Clock:
    """The module ``time``, whose time only passes by sleeping."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(deadline, "time", made)
    return made


def test_without_a_deadline_everything_may_begin(clock: Clock) -> None:
    deadline.require(inf)


def test_what_fits_before_the_answer_may_begin_and_nothing_longer(clock: Clock) -> None:
    with deadline.within(10):
        deadline.require(10 - deadline.ANSWER)
        with pytest.raises(Unavailable):
            deadline.require(10)


def test_time_that_passes_is_gone(clock: Clock) -> None:
    with deadline.within(10):
        deadline.sleep(5)
        with pytest.raises(Unavailable):
            deadline.require(5)


def test_nobody_sleeps_past_the_deadline(clock: Clock) -> None:
    with deadline.within(10), pytest.raises(Unavailable):
        deadline.sleep(10)
    assert clock.now == 100


def test_what_follows_has_the_time_that_is_left_for_it(clock: Clock) -> None:
    with deadline.within(10):
        with deadline.leaving(4), pytest.raises(Unavailable):
            deadline.require(6)
        deadline.require(6)


def test_the_next_request_has_its_own_deadline(clock: Clock) -> None:
    with deadline.within(1):
        pass
    deadline.require(inf)
