"""Send slots: leases that follow each other, so that all workers together keep to the rate."""

import time

import pytest

from optout import number
from optout.aws.slots import DynamoDBSlots
from optout.errors import NotSent
from tests.adapters.tables import Tables

NOON = 1_760_000_000_000


class Clock:
    """A time that stands still until it is moved; ``slept`` lists the seconds that somebody waited."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOON
        self.slept: list[float] = []
        monkeypatch.setattr(number, "now", lambda: self.now)
        monkeypatch.setattr(time, "sleep", self.slept.append)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, tables: Tables) -> Clock:
    """Stops after the tables are made: their making may wait in earnest."""
    return Clock(monkeypatch)


@pytest.fixture
def slots(tables: Tables) -> DynamoDBSlots:
    return tables.slots()


def test_the_first_does_not_wait(slots: DynamoDBSlots, clock: Clock) -> None:
    slots.take(50, 50.0)
    assert clock.slept == [0]


def test_every_lease_begins_where_the_last_one_ends(slots: DynamoDBSlots, clock: Clock) -> None:
    for count in (50, 10, 1, 25):
        slots.take(count, 50.0)
    assert clock.slept == [0, 1.0, 1.2, 1.22]


def test_time_that_nobody_used_is_gone(slots: DynamoDBSlots, clock: Clock) -> None:
    slots.take(50, 50.0)
    clock.now += 60_000
    slots.take(50, 50.0)
    slots.take(50, 50.0)
    assert clock.slept == [0, 0, 1.0]


def test_a_lease_that_is_partly_over_is_waited_out(slots: DynamoDBSlots, clock: Clock) -> None:
    slots.take(50, 50.0)
    clock.now += 400
    slots.take(50, 50.0)
    assert clock.slept == [0, 0.6]


def test_a_worker_with_a_slow_clock_waits_behind_the_others(slots: DynamoDBSlots, clock: Clock) -> None:
    slots.take(50, 50.0)
    clock.now -= 2_000
    slots.take(50, 50.0)
    assert clock.slept == [0, 3.0]


def test_slots_that_are_too_far_off_are_not_waited_for(slots: DynamoDBSlots, clock: Clock) -> None:
    slots.take(50, 5.0)
    with pytest.raises(NotSent):
        slots.take(50, 5.0)
    assert clock.slept == [0]
    clock.now += 5_000
    slots.take(50, 5.0)
    assert clock.slept == [0, 5.0]


@pytest.mark.parametrize(("count", "rate"), [(1, 1.0), (14, 14.0), (3, 7.0), (1, 700.0), (50, 300.0), (1, 5000.0)])
def test_no_lease_is_shorter_than_the_rate_asks(slots: DynamoDBSlots, clock: Clock, count: int, rate: float) -> None:
    slots.take(count, rate)
    slots.take(count, rate)
    assert clock.slept[1] >= count / rate
