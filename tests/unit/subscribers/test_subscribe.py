"""Subscribing: one per address and newsletter, under a number of its own."""

import time

import pytest

from optout import number
from optout.errors import AlreadySubscribed, NotFound, Unavailable
from optout.subscribers.subscribe import NewSubscriber, subscribe, subscribe_all
from optout.subscribers.subscriber import Status, require
from tests.support.fakes import InMemorySubscribers
from tests.support.samples import WORKSPACE, address, subscriber, subscribers


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


def test_who_comes_in_the_same_moment_gets_the_next_number(
    store: InMemorySubscribers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(number, "new", lambda at=None: 7)
    assert subscribe(store, WORKSPACE, "weekly", address("ada@example.com"), name=None).number == 7
    assert subscribe(store, WORKSPACE, "weekly", address("bob@example.com"), name=None).number == 8


def test_a_number_that_is_taken_is_left_to_its_owner(
    store: InMemorySubscribers, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(store, WORKSPACE, "weekly", address("ada@example.com"), name=None)
    numbers = iter([7, 2**52])  # the first one was seen before Ada came
    monkeypatch.setattr(store, "next_number", lambda workspace, newsletter: next(numbers))
    assert subscribe(store, WORKSPACE, "weekly", address("bob@example.com"), name=None).number == 2**52


def test_who_never_finds_a_free_number_is_told_to_ask_again(
    store: InMemorySubscribers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setattr(store, "next_number", lambda workspace, newsletter: 7)
    subscribe(store, WORKSPACE, "weekly", address("ada@example.com"), name=None)
    with pytest.raises(Unavailable):
        subscribe(store, WORKSPACE, "weekly", address("bob@example.com"), name=None)


def test_many_are_added_under_numbers_that_follow_each_other(store: InMemorySubscribers) -> None:
    people = [NewSubscriber(address(f"p{at}@example.com"), f"P{at}") for at in range(3)]
    made = subscribe_all(store, WORKSPACE, "weekly", people)
    assert [one.name for one in made] == ["P0", "P1", "P2"]
    assert [one.number - made[0].number for one in made] == [0, 1, 2]
    assert [require(store, WORKSPACE, "weekly", one.number) for one in made] == made


@pytest.mark.parametrize("double", ["p0@example.com", "P1@EXAMPLE.com", "there@example.com"])
def test_many_are_added_all_or_none(store: InMemorySubscribers, double: str) -> None:
    subscribe(store, WORKSPACE, "weekly", address("there@example.com"), name=None)
    people = [NewSubscriber(address(email)) for email in ("p0@example.com", "p1@example.com", double)]
    with pytest.raises(AlreadySubscribed):
        subscribe_all(store, WORKSPACE, "weekly", people)
    assert len(list(store.walk(WORKSPACE, "weekly"))) == 1


@pytest.mark.parametrize(("newsletter", "wanted"), [("daily", 5), ("weekly", 6), ("weekly", None)])
def test_a_number_of_another_newsletter_or_of_nobody_is_not_found(newsletter: str, wanted: int | None) -> None:
    store = subscribers(subscriber(5, "ada@example.com"))
    with pytest.raises(NotFound):
        require(store, WORKSPACE, newsletter, wanted)
