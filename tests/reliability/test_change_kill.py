"""Changing a subscriber of an interrupted batch, and dying while the batch is completed."""

from dataclasses import replace

import pytest

from optout.address import Address
from optout.aws.subscribers.store import DynamoDBSubscribers
from optout.errors import Conflict
from optout.subscribers.subscribe import NewSubscriber, subscribe_all
from optout.subscribers.subscriber import Subscriber
from tests.reliability.killing import killed_at
from tests.support.engine import Tables

NEW = Address.parse("new@example.com")
DECIDED = [(60, 1), (98, 2), (100, 2)]  # the size of a batch, and the call that decides it
MENDING = range(6)  # calls of a change that finds a batch half done


def died(engine: Tables, size: int, call: int) -> list[Subscriber]:
    """A batch whose process died as soon as it was decided."""
    new_subscribers = [NewSubscriber(Address.parse(f"p{at}@example.com")) for at in range(size)]
    with killed_at(engine.client, call, "after"):
        subscribe_all(engine.subscribers(), "acme", "weekly", new_subscribers)
    return list(engine.subscribers().walk("acme", "weekly"))[::-1]


def change(store: DynamoDBSubscribers, before: Subscriber, after: Subscriber) -> None:
    """Change as a use case does: a lost write is tried again."""
    for _ in range(3):
        try:
            store.change(before, after)
        except Conflict:
            continue
        return


@pytest.mark.parametrize(("size", "call"), DECIDED)
@pytest.mark.parametrize("at", [0, 1, 3, 4, -1])
@pytest.mark.parametrize("moves", [False, True], ids=["name", "address"])
def test_everybody_of_it_can_be_changed(engine: Tables, size: int, call: int, at: int, moves: bool) -> None:
    made, store = died(engine, size, call), engine.subscribers()
    after = replace(made[at], address=NEW) if moves else replace(made[at], name="New")
    change(store, made[at], after)
    expected = [after if one == made[at] else one for one in made]
    assert list(store.page("acme", "weekly", 0, 2**53, 1000).subscribers) == expected
    assert store.newest("acme", "weekly", 0, 1000) == (expected[::-1], size)
    for one in expected:
        assert store.get("acme", "weekly", one.number) == one
        assert store.numbers_of("acme", ["weekly"], one.address) == {"weekly": one.number}
    assert (store.numbers_of("acme", ["weekly"], made[at].address) == {}) is moves


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", MENDING)
def test_a_change_that_dies_is_made_or_not_and_can_be_made_again(engine: Tables, call: int, when: str) -> None:
    made = died(engine, 100, 2)
    after = replace(made[2], address=NEW)  # its address was reserved before
    with killed_at(engine.client, call, when):
        change(engine.subscribers(), made[2], after)
    store = engine.subscribers()
    there = store.get("acme", "weekly", made[2].number)
    assert there in (made[2], after)
    assert there
    assert store.numbers_of("acme", ["weekly"], there.address) == {"weekly": there.number}
    assert (store.numbers_of("acme", ["weekly"], NEW) == {}) is (there == made[2])
    if there == made[2]:
        change(store, made[2], after)
    assert [one.number for one in store.walk("acme", "weekly")] == [one.number for one in reversed(made)]
    assert store.numbers_of("acme", ["weekly"], NEW) == {"weekly": made[2].number}
    assert store.numbers_of("acme", ["weekly"], made[2].address) == {}
