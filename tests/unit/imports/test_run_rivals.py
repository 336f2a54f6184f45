"""Runs of one import that die or overlap at any of their calls: every row is added once and counted once."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from random import Random
from threading import Semaphore, Thread, local

import pytest

from optout.address import Address
from optout.imports import control
from optout.imports import run as import_run
from optout.imports.job import State, Tally
from optout.subscribers.subscribe import subscribe
from tests.support.samples import WORKSPACE
from tests.unit.imports.house import NEWSLETTER, House, Killed, addresses, watched

# Three batches of either kind, with people who come again in the same batch and in the next one.
CHECKED, ADDED = 20, 19
ROWS = [*addresses(26), "nobody,N", *addresses(4), *addresses(12, 24), "x@example.com,=1"]
ADA = Address.parse("p25@example.com")
EXPECTED = Tally(rows=44, new=36, present=6, rejected=2)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(import_run, "CHECKED", CHECKED)
    monkeypatch.setattr(import_run, "ADDED", ADDED)
    return House()


def asked(house: House, state: State) -> None:
    """An import that is to be read."""
    if state is State.ADDING:
        house.check(*ROWS)
        house.ask(control.start)
    else:
        house.files.upload(house.number, "\n".join(["email,name", *ROWS]).encode())
        house.ask(control.check)


def assert_right(house: House, state: State) -> None:
    job = house.job
    assert job.state is (State.FINISHED if state is State.ADDING else State.CHECKED)
    assert job.current_pass
    assert job.current_pass.tally == EXPECTED
    assert house.emails == ([f"p{at}@example.com" for at in range(36)] if state is State.ADDING else [])
    assert [row.line for row in house.files.rejected(house.number, job.current_pass.index, 0)] == [28, 45]


def moments(state: State) -> int:
    """How many calls one run makes, counted twice."""
    house, calls = House(), 0

    def tell() -> None:
        nonlocal calls
        calls += 1

    with pytest.MonkeyPatch.context() as patched, watched(house, tell) as run:
        patched.setattr(import_run, "CHECKED", CHECKED)
        patched.setattr(import_run, "ADDED", ADDED)
        asked(house, state)
        run.run(house.number, lambda: 300.0)
        assert_right(house, state)
    return calls


POINTS = [(state, at) for state in (State.CHECKING, State.ADDING) for at in range(moments(state))]


def test_the_rounds_cover_every_call_of_several_batches() -> None:
    assert len(POINTS) > 60


@pytest.mark.parametrize(("state", "at"), POINTS)
def test_a_run_that_dies_anywhere_is_made_good_by_the_next(house: House, state: State, at: int) -> None:
    asked(house, state)
    calls = count()

    def die() -> None:
        if next(calls) == at:
            raise Killed

    with pytest.raises(Killed), watched(house, die) as run:
        run.run(house.number, lambda: 300.0)
    house.run()
    assert_right(house, state)


@pytest.mark.parametrize(("state", "at"), POINTS)
def test_a_run_that_overtakes_another_one_anywhere_changes_no_count(house: House, state: State, at: int) -> None:
    asked(house, state)
    calls = count()

    def meet() -> None:
        if next(calls) == at:
            house.run()

    with watched(house, meet) as run:
        run.run(house.number, lambda: 300.0)
    assert_right(house, state)


@pytest.mark.parametrize("pause", range(1, 14, 4))
@pytest.mark.parametrize("at", range(moments(State.ADDING)))
def test_a_run_that_another_one_passes_for_a_while_changes_no_count(house: House, at: int, pause: int) -> None:
    """The other one dies after some calls, while the first is still there; a third one ends it."""
    asked(house, State.ADDING)
    calls, others = count(), count()

    def die() -> None:
        if next(others) == pause:
            raise Killed

    def meet() -> None:
        if next(calls) == at:
            with suppress(Killed), watched(house, die) as other:
                other.run(house.number, lambda: 300.0)

    with watched(house, meet) as run:
        run.run(house.number, lambda: 300.0)
    house.run()
    assert_right(house, State.ADDING)


@pytest.mark.parametrize("at", range(moments(State.ADDING)))
def test_whoever_is_subscribed_meanwhile_counts_as_present_or_as_new_and_is_there_once(house: House, at: int) -> None:
    asked(house, State.ADDING)
    calls = count()

    def meet() -> None:
        if next(calls) == at and not house.subscribers.numbers_of(WORKSPACE, [NEWSLETTER], ADA):
            subscribe(house.subscribers, WORKSPACE, NEWSLETTER, ADA, name="Meanwhile")

    with watched(house, meet) as run:
        run.run(house.number, lambda: 300.0)
    job = house.job
    assert job.state is State.FINISHED
    assert job.addition
    tally = job.addition.tally
    meanwhile = sum(one.name == "Meanwhile" for one in house.people)
    assert (tally.rows, tally.rejected, tally.new + tally.present) == (44, 2, 42)
    assert tally.new == 36 - meanwhile
    assert sorted(house.emails) == sorted(f"p{at}@example.com" for at in range(36))


def move_everybody(house: House) -> None:
    """Every subscriber changes the address."""
    for one in house.people:
        house.subscribers.change(one, replace(one, address=Address.parse(f"new-{one.address.original}")))


def assert_nobody_twice(house: House) -> None:
    assert (house.job.state, house.job.addition and house.job.addition.tally) == (
        State.FINISHED,
        Tally(rows=44, new=44),
    )
    assert sorted(one.name or "" for one in house.people) == sorted(f"P {at}" for at in range(44))


@pytest.mark.parametrize("at", range(moments(State.ADDING)))
def test_who_changes_address_after_a_run_has_died_is_added_and_counted_once(house: House, at: int) -> None:
    house.check(*addresses(44))
    house.ask(control.start)
    calls = count()

    def die() -> None:
        if next(calls) == at:
            raise Killed

    with suppress(Killed), watched(house, die) as run:
        run.run(house.number, lambda: 300.0)
    move_everybody(house)
    house.run()
    assert_nobody_twice(house)


@pytest.mark.parametrize("at", range(moments(State.ADDING)))
def test_who_changes_address_while_a_run_is_overtaken_is_added_and_counted_once(house: House, at: int) -> None:
    house.check(*addresses(44))
    house.ask(control.start)
    calls = count()

    def meet() -> None:
        if next(calls) == at:
            house.run()
            move_everybody(house)

    with watched(house, meet) as run:
        run.run(house.number, lambda: 300.0)
    assert_nobody_twice(house)


class Turns:
    """Lets several threads go on one at a time, each for one call, in an order that a seed decides."""

    def __init__(self, seed: int, actors: int) -> None:
        self._random, self._batons = Random(seed), {at: Semaphore(0) for at in range(actors)}
        self._own = local()

    def pass_on(self) -> None:
        """At a call, one of the runs continues."""
        self._wake()
        self._batons[self._own.index].acquire()

    def _wake(self) -> None:
        if self._batons:
            self._batons[self._random.choice(sorted(self._batons))].release()

    def together(self, act: Callable[[], None]) -> None:
        """Every actor does it, and all of them to their end."""
        failed: list[BaseException] = []

        def turn(index: int, baton: Semaphore) -> None:
            self._own.index = index
            baton.acquire()
            try:
                act()
            except BaseException as error:
                failed.append(error)
            del self._batons[index]
            self._wake()

        threads = [Thread(target=turn, args=entry) for entry in self._batons.items()]
        for thread in threads:
            thread.start()
        self._wake()
        for thread in threads:
            thread.join()
        assert failed == []


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("state", [State.CHECKING, State.ADDING])
def test_runs_that_meet_in_any_order_change_no_count(house: House, state: State, seed: int) -> None:
    asked(house, state)
    turns = Turns(seed, actors=2 + seed % 2)

    def act() -> None:
        with watched(house, turns.pass_on) as run:
            run.run(house.number, lambda: 300.0)

    turns.together(act)
    assert_right(house, state)
