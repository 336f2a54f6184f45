"""Subscribing at once. Only a real engine can judge."""

from dataclasses import replace

import pytest

from optout.address import Address
from optout.aws import fences
from optout.errors import AlreadySubscribed, Conflict
from optout.subscribers.subscribe import NewSubscriber, subscribe, subscribe_all
from tests.support.crowds import at_once
from tests.support.engine import Tables

ADA = Address.parse("ada@example.com")


def people(name: str, count: int) -> list[NewSubscriber]:
    return [NewSubscriber(Address.parse(f"{name}-{at}@example.com")) for at in range(count)]


def listed(tables: Tables) -> list[int]:
    """The numbers of all subscribers, by pages with the right total."""
    found: list[int] = []
    while True:
        page, total = tables.subscribers().newest("acme", "weekly", len(found), 100)
        found += [one.number for one in page]
        if not page:
            assert total == len(found) == len(set(found))
            return found


def test_one_of_twenty_subscribes_an_address(engine: Tables) -> None:
    def try_to(_: int) -> bool:
        try:
            subscribe(engine.subscribers(), "acme", "weekly", ADA, name=None)
        except AlreadySubscribed:
            return False
        return True

    assert sum(at_once(20, try_to)) == 1
    assert len(listed(engine)) == 1


def test_twenty_different_people_are_all_subscribed_and_counted(
    engine: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fences, "FULL", 5)

    def one(at: int) -> int:
        address = Address.parse(f"p{at}@example.com")
        return subscribe(engine.subscribers(), "acme", "weekly", address, name=None).number

    made = at_once(20, one)
    assert listed(engine) == sorted(made, reverse=True)


@pytest.mark.parametrize("size", [40, 60, 100])
def test_of_batches_that_share_an_address_one_is_stored_whole(engine: Tables, size: int) -> None:
    """The shared address is among the reserved ones, and among the others."""
    for where in (0, size - 1):
        newsletter = f"n{where}"

        def try_to(at: int, where: int = where, newsletter: str = newsletter) -> bool:
            new_subscribers = people(f"b{at}", size)
            new_subscribers[where] = NewSubscriber(ADA)
            try:
                subscribe_all(engine.subscribers(), "acme", newsletter, new_subscribers)
            except AlreadySubscribed:
                return False
            return True

        assert sum(at_once(4, try_to)) == 1
        store = engine.subscribers()
        assert len(list(store.walk("acme", newsletter))) == store.newest("acme", newsletter, 0, 0)[1] == size


def test_batches_and_singles_at_once_lose_nobody(engine: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fences, "FULL", 20)

    def add(at: int) -> int:
        size = (1, 3, 60, 100)[at % 4]
        return len(subscribe_all(engine.subscribers(), "acme", "weekly", people(f"b{at}", size)))

    assert sum(at_once(8, add)) == len(listed(engine)) == 2 * 164


def test_of_many_who_want_the_same_new_address_one_gets_it(engine: Tables) -> None:
    made = [subscribe(engine.subscribers(), "acme", "weekly", one.address, name=None) for one in people("p", 8)]

    def move(at: int) -> bool:
        try:
            engine.subscribers().change(made[at], replace(made[at], address=ADA))
        except (AlreadySubscribed, Conflict):
            return False
        return True

    won = at_once(8, move)
    assert sum(won) == 1
    assert engine.subscribers().numbers_of("acme", ["weekly"], ADA) == {"weekly": made[list(won).index(True)].number}
    free = [
        one for at, one in enumerate(made) if engine.subscribers().numbers_of("acme", ["weekly"], one.address) == {}
    ]
    assert len(free) == 1
