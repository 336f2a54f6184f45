"""Of all rows of an address the most restrictive one counts, in any order, however often a run dies or meets another.

The check and the addition therefore know all who have left before they read the first row.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count, permutations

import pytest

from optout.imports import control, run
from optout.imports.batch import mark, marks_of_those_who_left
from optout.imports.csv_rows import Row
from optout.imports.job import State, Survey, Tally
from optout.imports.lines import Place
from optout.imports.rejection import FileError, RowError
from tests.unit.imports.house import House, Killed, to_address, watched

HEADER = "email,status,name"
CHECKED, ADDED = 4, 3
# Everybody but Ann, Gus and Hal has left by some row.
ROWS = [
    "ann@x.org,subscribed,A",
    "bob@x.org,subscribed,B",
    "BOB@x.org,active,B",
    "cat@x.org,unsubscribed,C",
    "dan@x.org,subscribed,D",
    "eve@x.org,subscribed,E",
    "gus@x.org,subscribed,G",
    "",
    "Cat@x.org,subscribed,C",
    "bob@X.org,bounced,B",
    "ann@x.org,subscribed,A",
    "dan@x.org,,D",
    "Eve,E,eve@x.org,no,x",
    "hal@x.org,subscribed,H",
]
EXPECTED = Tally(rows=13, new=3, present=1, rejected=9, empty=1)
REASONS = {
    RowError.LEFT_IN_ANOTHER_ROW: 5,
    RowError.UNSUBSCRIBED: 1,
    RowError.BOUNCED: 1,
    RowError.UNKNOWN_STATUS: 1,
    RowError.TOO_MANY_COLUMNS: 1,
}


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr("time.sleep", lambda _: None)
    for name, size in (("CHECKED", CHECKED), ("ADDED", ADDED)):
        monkeypatch.setattr(run, name, size)
    return House()


def upload(house: House, rows: Sequence[str] = ROWS) -> None:
    house.files.upload(house.number, "\n".join([HEADER, *rows]).encode())


def asked(house: House, state: State) -> None:
    """An import that is to be read; one that is to be added is of a version that knew no survey."""
    upload(house)
    house.ask(control.check)
    if state is State.ADDING:
        house.run()
        house.ask(control.start)
        house.imports.save(replace(house.job, survey=None))


def assert_right(house: House, state: State) -> None:
    job = house.job
    assert job.state is (State.FINISHED if state is State.ADDING else State.CHECKED)
    assert job.current_pass
    assert (job.current_pass.tally, job.current_pass.reasons) == (EXPECTED, REASONS)
    assert house.emails == (["ann@x.org", "gus@x.org", "hal@x.org"] if state is State.ADDING else [])
    assert len(list(house.files.rejected(house.number, job.current_pass.index, 0))) == EXPECTED.rejected


@pytest.mark.parametrize(
    "last",
    [
        "ADA@x.org,unsubscribed,A",
        "ada@x.org,,A",
        "ada@x.org,whatever,A",
        "ada@x.org",
        "ada@x.org,pending,A",
        "ada@x.org,subscribed,A,x",
        "Ada <ada@x.org>,unsubscribed,A",
        "mailto:ada@x.org,unsubscribed,A",
        ",ada@x.org,unsubscribed",
        'x,"ada@x.org,unsubscribed',
        "ada@x.org,unsubscribed,=1",
    ],
)
def test_the_most_restrictive_row_of_an_address_counts_in_any_order(house: House, last: str) -> None:
    rows = ["ada@x.org,subscribed,A", last, "Ada@X.org,active,A"]
    for order in permutations(rows):
        assert house.check(*order, header=HEADER).new == 0
        assert house.job.check
        assert house.job.check.reasons[RowError.LEFT_IN_ANOTHER_ROW] == 2


def test_a_row_that_is_rejected_for_something_else_is_not_against_its_person(house: House) -> None:
    assert house.check("ada@x.org,subscribed,=1", "ada@x.org,subscribed,A", header=HEADER).new == 1


def test_who_has_left_is_counted_by_reason_and_listed_and_not_added(house: House) -> None:
    upload(house)
    house.ask(control.check)
    house.run()
    assert_right(house, State.CHECKED)
    house.ask(control.start)
    house.run()
    assert_right(house, State.ADDING)


def test_a_file_in_which_nobody_can_have_left_is_not_searched(house: House) -> None:
    house.check("a@x.org,A")
    assert house.job.survey is None
    house.check("a@x.org,1", header="email,UNSUB_TIME")
    assert house.job.survey is None


def test_another_file_is_searched_anew(house: House) -> None:
    assert house.check("ada@x.org,unsubscribed,A", header=HEADER).new == 0
    assert house.check("ada@x.org,subscribed,A", header=HEADER).new == 1


def test_a_search_is_progress(house: House) -> None:
    upload(house)
    house.ask(control.check)
    looks = iter([300.0])
    assert house.run(lambda: next(looks, 0.0)).unfinished
    survey, reading = house.job.survey, house.job.check
    assert reading
    assert survey
    assert (survey.rows, survey.marks, survey.done, reading.place) == (4, 1, False, Place())
    assert survey.place.line == 6


@pytest.mark.parametrize("most", [13, 14])
def test_a_search_is_bounded_by_rows(house: House, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MOST_ROWS", most)
    upload(house)
    house.ask(control.check)
    house.run()
    assert house.job.error is (FileError.TOO_MANY_ROWS if most == 13 else None)


def test_a_search_is_bounded_by_the_addresses_that_it_keeps(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MOST_ROWS", 10)
    house.check(",".join(f"p{at}@x.org" for at in range(11)), header=HEADER)
    assert (house.job.state, house.job.error) == (State.FAILED, FileError.TOO_MANY_ROWS)


@pytest.mark.parametrize("filler", ["x", "x@", "@", "a@b.c,"])
def test_a_row_that_cannot_be_read_is_searched_within_a_bounded_time(filler: str) -> None:
    raw = b"ada@x.org," + filler.encode() * (1_000_000 // len(filler))
    rows = [Row(2, Place(), raw, error=RowError.TOO_LONG)] * 10
    began = time.process_time()
    assert mark(to_address("ada@x.org")) in marks_of_those_who_left(rows, to_address)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("looks", [1, 2, 3])
@pytest.mark.parametrize("state", [State.CHECKING, State.ADDING])
def test_whatever_time_a_run_has_the_counts_are_the_same(house: House, state: State, looks: int) -> None:
    asked(house, state)
    for _ in range(20):
        left = iter([300.0] * looks)
        if not house.run(lambda left=left: next(left, 0.0)).unfinished:  # type: ignore[misc]
            break
    assert_right(house, state)


def test_an_import_under_way_in_an_earlier_version_adds_nobody_more_who_has_left(house: House) -> None:
    asked(house, State.ADDING)
    looks = iter([300.0] * 6)  # five of the survey, one of the addition
    house.run(lambda: next(looks, 0.0))
    job = house.job
    assert job.addition
    assert job.addition.tally.rows == ADDED
    house.imports.save(replace(job, survey=None))
    house.run()
    assert_right(house, State.ADDING)
    assert house.job.survey == Survey(2, job.survey.place if job.survey else Place(), 14, 4, done=True)


def once(at: int, act: Callable[[], object], calls: Iterator[int] | None = None) -> Callable[[], None]:
    """Act at one of the calls, which are counted."""
    calls = calls or count()

    def tell() -> None:
        if next(calls) == at:
            act()

    return tell


def die() -> None:
    raise Killed


def moments(state: State) -> int:
    """How many calls one run makes, counted twice."""
    house, calls = House(), count()
    with pytest.MonkeyPatch.context() as patched, watched(house, once(-1, die, calls)) as counted:
        for name, size in (("CHECKED", CHECKED), ("ADDED", ADDED)):
            patched.setattr(run, name, size)
        asked(house, state)
        counted.run(house.number, lambda: 300.0)
        assert_right(house, state)
    return next(calls)


POINTS = [(state, at) for state in (State.CHECKING, State.ADDING) for at in range(moments(state))]


@pytest.mark.parametrize(("state", "at"), POINTS)
def test_a_run_that_dies_anywhere_is_made_good_by_the_next(house: House, state: State, at: int) -> None:
    asked(house, state)
    with suppress(Killed), watched(house, once(at, die)) as dying:
        dying.run(house.number, lambda: 300.0)
    house.run()
    assert_right(house, state)


@pytest.mark.parametrize(("state", "at"), POINTS)
def test_a_run_that_overtakes_another_one_anywhere_changes_no_count(house: House, state: State, at: int) -> None:
    asked(house, state)
    with watched(house, once(at, house.run)) as overtaken:
        overtaken.run(house.number, lambda: 300.0)
    assert_right(house, state)


def test_the_points_cover_every_call_of_several_batches() -> None:
    assert len(POINTS) > 80
