"""The check and the addition of an import: the outcome of each row, and failures."""

from collections.abc import Callable

import pytest

from optout.address import Address
from optout.errors import NotChecked, Unavailable
from optout.imports import batch, control, run
from optout.imports.job import State, Tally
from optout.imports.rejection import FileError, RowError
from optout.imports.run import Ran
from optout.scope import EVERYTHING, Scope, newsletter_topic
from optout.subscribers.subscribe import subscribe
from optout.subscribers.subscriber import Status
from optout.suppressions.reason import Reason
from tests.support.samples import WORKSPACE, stop
from tests.unit.imports.house import NEWSLETTER, House, addresses


@pytest.fixture
def house() -> House:
    return House()


def seconds(*left: float) -> Callable[[], float]:
    """So many seconds at one look after the other, then none."""
    remaining = iter(left)
    return lambda: next(remaining, 0.0)


def test_a_check_counts_and_adds_nobody(house: House) -> None:
    subscribe(house.subscribers, WORKSPACE, NEWSLETTER, Address.parse("Old@Example.com"), name="Old")
    there = house.people
    tally = house.check("old@example.com,X", "new@example.com,N", "NEW@example.com,M", "nobody,N", "x@example.com,=1")
    assert tally == Tally(rows=5, new=1, present=2, rejected=2)
    assert house.job.state is State.CHECKED
    assert house.people == there
    assert list(house.files.rejected(house.number, 1, 0)) == [
        (5, RowError.BAD_EMAIL, "nobody,N"),
        (6, RowError.FORMULA, "x@example.com,=1"),
    ]


def test_what_was_checked_is_what_is_added(house: House) -> None:
    subscribe(house.subscribers, WORKSPACE, NEWSLETTER, Address.parse("Old@Example.com"), name="Old")
    rows = ["old@example.com,X", "new@example.com, N ", "NEW@example.com,M", "nobody,N", "oe@münchen.de,Ö"]
    checked = house.check(*rows)
    assert house.add() == checked
    assert house.job.state is State.FINISHED
    assert [(one.address.original, one.name, one.status) for one in house.people] == [
        ("Old@Example.com", "Old", Status.ACTIVE),
        ("new@example.com", "N", Status.ACTIVE),
        ("oe@münchen.de", "Ö", Status.ACTIVE),
    ]
    assert house.people[2].address.domain == "xn--mnchen-3ya.de"


def test_an_address_that_ses_cannot_send_to_is_rejected_by_the_check_and_the_addition(house: House) -> None:
    expected = Tally(rows=3, new=1, rejected=2)
    assert house.check("müller@bücher.example,M", "mueller@bücher.example,M", "ö@example.com,=1") == expected
    assert house.add() == expected
    assert house.emails == ["mueller@bücher.example"]
    for index in (1, 2):
        assert [(row.line, row.error) for row in house.files.rejected(house.number, index, 0)] == [
            (2, RowError.UNDELIVERABLE),
            (4, RowError.FORMULA),
        ]


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 999, 1000, 1001, 2500])
def test_everybody_of_a_file_of_any_length_is_counted_and_added_once(house: House, size: int) -> None:
    rows = [*addresses(size), *addresses(size)]
    expected = Tally(rows=2 * size, new=size, present=size)
    assert house.check(*rows) == expected
    assert house.add() == expected
    assert house.emails == [row.partition(",")[0] for row in addresses(size)]
    assert house.job.addition
    assert house.job.file
    assert house.job.addition.place.offset == house.job.file.size


@pytest.mark.parametrize("scope", [EVERYTHING, Scope.of([newsletter_topic(NEWSLETTER)])])
@pytest.mark.parametrize("reason", [Reason.UNSUBSCRIBED, Reason.COMPLAINED])
def test_who_has_left_is_told_and_stays_unsubscribed(house: House, scope: Scope, reason: Reason) -> None:
    stop(house.suppressions, "gone@example.com", scope, reason)
    before = house.suppressions.state(WORKSPACE, Address.parse("gone@example.com"))
    assert house.check("gone@example.com,G", "ada@example.com,A", "GONE@example.com,G").left == 1
    house.add()
    assert house.emails == ["gone@example.com", "ada@example.com"]
    assert house.suppressions.state(WORKSPACE, Address.parse("gone@example.com")) == before


def test_who_has_left_something_else_has_not_left(house: House) -> None:
    stop(house.suppressions, "ada@example.com", Scope.of([newsletter_topic("daily")]))
    assert house.check("ada@example.com,A").left == 0


def test_who_is_there_is_left_as_they_are(house: House) -> None:
    there = subscribe(
        house.subscribers,
        WORKSPACE,
        NEWSLETTER,
        Address.parse("Ada@example.com"),
        name="Ada",
        status=Status.PENDING,
    )
    house.check("ada@example.com,Somebody else")
    assert house.add() == Tally(rows=1, present=1)
    assert house.people == [there]


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("contact,name", FileError.NO_EMAIL_COLUMN),
        ("", FileError.NO_EMAIL_COLUMN),
        ("email,email", FileError.COLUMN_TWICE),
    ],
)
def test_a_wrong_header_fails_the_import_and_adds_nobody(house: House, header: str, error: FileError) -> None:
    house.check("ada@example.com,A", header=header)
    assert (house.job.state, house.job.error) == (State.FAILED, error)
    with pytest.raises(NotChecked):
        house.ask(control.start)
    assert house.people == []


def test_a_file_of_too_many_rows_is_not_taken(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MOST_ROWS", 10)
    house.check(*addresses(11))
    assert (house.job.state, house.job.error) == (State.FAILED, FileError.TOO_MANY_ROWS)
    house.check(*addresses(10))
    assert house.job.state is State.CHECKED


@pytest.mark.parametrize("empty", ["", " ", ",", '"",""'])
def test_empty_rows_are_counted_apart_and_are_progress(house: House, empty: str) -> None:
    rows = [*addresses(2), *[empty] * 1500, "nobody", *addresses(2, 1), empty]
    house.files.upload(house.number, "\n".join(["email,name", *rows, ""]).encode())
    house.ask(control.check)
    house.run(seconds(300.0))
    assert house.job.check
    assert house.job.check.tally == Tally(rows=2, new=2, empty=998)
    house.run()
    expected = Tally(rows=5, new=3, present=1, rejected=1, empty=1501)
    assert house.job.check.tally == expected
    assert house.add() == expected


@pytest.mark.parametrize("empty", ["", " ", ",", '"",""'])
def test_a_file_of_empty_rows_comes_to_an_end(house: House, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MOST_ROWS", 2000)
    house.check(*[empty] * 1999, "a@example.com", "")
    assert (house.job.state, house.job.check and house.job.check.tally.empty) == (State.CHECKED, 1999)
    house.check(*[empty] * 2000, "a@example.com", "")
    assert (house.job.state, house.job.error) == (State.FAILED, FileError.TOO_MANY_ROWS)


def test_a_batch_of_long_rows_ends_early(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_BYTES", 100_000)
    house.files.upload(house.number, b"email\n" + (b"x" * 20_000 + b"\n") * 20)
    house.ask(control.check)
    house.run(seconds(300.0))
    assert house.job.check
    assert (house.job.state, house.job.check.tally) == (State.CHECKING, Tally(rows=6, rejected=6))
    house.run()
    assert (house.job.state, house.job.check.tally) == (State.CHECKED, Tally(rows=20, rejected=20))


@pytest.mark.parametrize(("lost", "error"), [(True, FileError.GONE), (False, FileError.CHANGED)])
def test_a_file_that_changes_while_it_is_read_fails_the_import(house: House, lost: bool, error: FileError) -> None:
    house.check("a@example.com,A")
    house.ask(control.start)
    house.files.lose(house.number) if lost else house.files.upload(house.number, b"email\nb@example.com")
    house.run()
    assert (house.job.state, house.job.error, house.people) == (State.FAILED, error, [])


@pytest.mark.parametrize("looks", [1, 2, 3, 5])
def test_whatever_time_a_run_has_the_counts_are_the_same(house: House, looks: int) -> None:
    rows = [*addresses(2500), "nobody", *addresses(700), *addresses(300, 2400)]
    house.files.upload(house.number, "\n".join(["email,name", *rows]).encode())
    expected = Tally(rows=3501, new=2700, present=800, rejected=1)
    for ask, finish in ((control.check, State.CHECKED), (control.start, State.FINISHED)):
        house.ask(ask)
        runs: list[Ran] = []
        while not runs or runs[-1].unfinished:
            runs.append(house.run(seconds(*[300.0] * looks)))
            assert len(runs) <= 40
        assert house.job.state is finish
        assert len(runs) > 1 or looks == 5
        assert [sum(column) for column in zip(*(ran.tally for ran in runs), strict=True)] == [*expected]
    assert house.job.check
    assert house.job.addition
    assert house.job.check.tally == house.job.addition.tally == expected
    assert house.emails == [f"p{at}@example.com" for at in range(2700)]


def test_without_time_nothing_is_begun(house: House) -> None:
    house.check("a@example.com,A")
    house.ask(control.start)
    assert house.run(lambda: 14.9).unfinished
    assert house.people == []


def test_a_job_that_nobody_asked_for_does_nothing(house: House) -> None:
    assert house.run() == Ran(state=State.WAITING)
    house.number += 1
    assert house.run() == Ran()


@pytest.mark.parametrize("store", ["imports", "files", "subscribers", "suppressions"])
def test_a_store_that_stays_silent_ends_the_run_and_costs_nothing(
    house: House, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_LONGEST_PAUSE", 0.0)
    for ask in (control.check, control.start):
        house.files.upload(house.number, "\n".join(["email,name", "x", *addresses(250)]).encode())
        house.ask(ask)
        if not (store == "suppressions" and ask is control.start):  # only the check reads suppressions
            getattr(house, store).down = True
            with pytest.raises(Unavailable):
                house.run()
            getattr(house, store).down = False
        house.run()
    assert house.job.check
    assert house.job.addition
    assert house.job.check.tally == house.job.addition.tally == Tally(rows=251, new=250, rejected=1)
    assert len(house.people) == 250


def test_a_store_that_is_silent_for_a_moment_is_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.check(*addresses(250))
    house.ask(control.start)
    pauses: list[float] = []

    def wait(pause: float) -> None:
        pauses.append(pause)
        house.subscribers.down = len(pauses) < 3

    monkeypatch.setattr("time.sleep", wait)
    house.subscribers.down = True
    assert house.run().state is State.FINISHED
    assert len(pauses) == 3
    assert len(house.people) == 250


def test_progress_can_be_read(house: House) -> None:
    house.files.upload(house.number, "\n".join(["email,name", *addresses(2500)]).encode())
    house.ask(control.check)
    house.run(seconds(300.0))
    reading = house.job.current_pass
    assert reading
    assert house.job.file
    assert reading.tally.rows == 1000
    assert 0 < reading.place.offset < house.job.file.size
    assert reading.finished is None
    house.run()
    assert house.job.current_pass
    assert house.job.current_pass.finished
    assert house.job.current_pass.tally.rows == 2500
