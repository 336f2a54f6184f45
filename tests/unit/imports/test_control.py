"""The order of an import: upload, check, addition of the checked rows."""

from collections.abc import Callable

import pytest

from optout.errors import AlreadyStarted, FileChanged, NotChecked, NotFound, NotUploaded, Unavailable
from optout.imports import control
from optout.imports.job import Import, State, Tally
from tests.support.samples import WORKSPACE
from tests.unit.imports.house import NEWSLETTER, House


@pytest.fixture
def house() -> House:
    return House()


def test_a_new_import_waits_for_its_file(house: House) -> None:
    assert house.job == Import(WORKSPACE, NEWSLETTER, house.number)
    assert house.job.state is State.WAITING


def test_a_failed_import_can_be_checked_again_with_another_file(house: House) -> None:
    house.check(header="wrong")
    assert house.check("ada@example.com,A") == Tally(rows=1, new=1)
    assert (house.job.state, house.job.error) == (State.CHECKED, None)


def test_nothing_is_checked_before_there_is_a_file(house: House) -> None:
    with pytest.raises(NotUploaded):
        house.ask(control.check)
    assert house.queue.sent == []


def test_nothing_is_added_that_was_not_checked_to_its_end(house: House) -> None:
    house.files.upload(house.number, b"email\na@example.com")
    with pytest.raises(NotChecked):
        house.ask(control.start)
    house.ask(control.check)
    with pytest.raises(NotChecked):
        house.ask(control.start)


def test_another_file_than_the_checked_one_is_not_added(house: House) -> None:
    house.check("a@example.com,A")
    house.files.upload(house.number, b"email\nb@example.com")
    with pytest.raises(FileChanged):
        house.ask(control.start)
    house.files.upload(house.number, b"email,name\na@example.com,A")
    assert house.add().new == 1


def test_a_checked_file_that_is_gone_is_not_added(house: House) -> None:
    house.check("a@example.com,A")
    house.files.lose(house.number)
    with pytest.raises(NotUploaded):
        house.ask(control.start)


def test_a_file_that_is_replaced_before_it_is_checked_is_checked_from_its_beginning(house: House) -> None:
    house.files.upload(house.number, b"email\na@example.com\nb@example.com")
    first = house.ask(control.check)
    house.files.upload(house.number, b"email\nc@example.com")
    second = house.ask(control.check)
    assert first.check
    assert second.check
    assert (first.check.index, second.check.index) == (1, 2)
    house.run()
    assert house.job.check
    assert house.job.check.tally == Tally(rows=1, new=1)


def test_asking_twice_rings_twice_and_changes_nothing(house: House) -> None:
    house.files.upload(house.number, b"email\na@example.com")
    assert house.ask(control.check) == house.ask(control.check)
    house.run()
    assert house.ask(control.start) == house.ask(control.start)
    assert house.queue.sent == [{"import": house.number}] * 4
    house.run()
    house.run()
    finished = house.job
    assert house.ask(control.start) == finished
    assert house.queue.sent == [{"import": house.number}] * 4
    assert house.emails == ["a@example.com"]


def test_what_was_added_is_not_checked_again(house: House) -> None:
    house.check("a@example.com,A")
    house.ask(control.start)
    for _ in range(2):
        with pytest.raises(AlreadyStarted):
            house.ask(control.check)
        house.run()


def test_a_doorbell_that_fails_is_pressed_by_whoever_asks_again(house: House) -> None:
    house.files.upload(house.number, b"email\na@example.com")
    house.queue.broken = True
    with pytest.raises(Unavailable):
        house.ask(control.check)
    house.queue.broken = False
    house.ask(control.check)
    assert house.queue.sent == [{"import": house.number}]


@pytest.mark.parametrize("ask", [control.check, control.start])
def test_nobody_finds_the_import_of_another_workspace(house: House, ask: Callable[..., Import]) -> None:
    with pytest.raises(NotFound):
        house.ask(ask, "rival")
    for number in (None, house.number + 1):
        with pytest.raises(NotFound):
            ask(house.imports, house.files, house.queue, WORKSPACE, number)
