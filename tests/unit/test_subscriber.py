"""Subscribing: one per address and newsletter, under a number of its own."""

import pytest

from optout import number
from optout.errors import AlreadySubscribed, NotFound, Unavailable
from optout.subscriber import Status, require, subscribe
from tests.fakes import InMemorySubscribers
from tests.unit.samples import WORKSPACE, address, subscriber, subscribers


@pytest.fixture
def store() -> InMemorySubscribers:
    return InMemorySubscribers()


def test_a_subscriber_is_found_under_its_number(store: InMemorySubscribers) -> None:
    made = subscribe(store, WORKSPACE, "weekly", address(), name="Ada", status=Status.PENDING)
    assert require(store, WORKSPACE, "weekly", made.number) == made
    assert number.milliseconds(made.number) == made.created


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.PENDING])
def test_an_address_is_in_a_newsletter_once_whatever_its_status(store: InMemorySubscribers, status: Status) -> None:
    subscribe(store, WORKSPACE, "weekly", address(), name=None, status=status)
    with pytest.raises(AlreadySubscribed):
        subscribe(store, WORKSPACE, "weekly", address("ADA@example.com"), name=None)
    assert subscribe(store, WORKSPACE, "daily", address(), name=None)


def test_a_number_that_is_taken_is_left_to_its_owner(
    store: InMemorySubscribers, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter([7, 7, 8])
    monkeypatch.setattr(number, "new", lambda at=None: next(numbers))
    assert subscribe(store, WORKSPACE, "weekly", address("ada@example.com"), name=None).number == 7
    assert subscribe(store, WORKSPACE, "weekly", address("bob@example.com"), name=None).number == 8


def test_who_never_finds_a_free_number_is_told_to_ask_again(
    store: InMemorySubscribers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(number, "new", lambda at=None: 7)
    subscribe(store, WORKSPACE, "weekly", address("ada@example.com"), name=None)
    with pytest.raises(Unavailable):
        subscribe(store, WORKSPACE, "weekly", address("bob@example.com"), name=None)


@pytest.mark.parametrize(("newsletter", "wanted"), [("daily", 5), ("weekly", 6), ("weekly", None)])
def test_a_number_of_another_newsletter_or_of_nobody_is_not_found(newsletter: str, wanted: int | None) -> None:
    store = subscribers(subscriber(5, "ada@example.com"))
    with pytest.raises(NotFound):
        require(store, WORKSPACE, newsletter, wanted)
