"""A bulk is all or nothing, wherever its process dies."""

from collections.abc import Iterator, Sequence

import pytest

from optout.address import Address
from optout.aws import fences
from optout.aws.subscribers.store import DynamoDBSubscribers
from optout.errors import AlreadySubscribed
from optout.subscribers.subscribe import NewSubscriber, subscribe, subscribe_all
from optout.subscribers.subscriber import Subscriber
from tests.reliability.killing import killed_at
from tests.support.engine import Tables

# How many calls a bulk of this size makes: fence and transaction; one more that writes the rows apart; two more where
# a few addresses are reserved before.
CALLS = {1: 2, 2: 2, 49: 2, 50: 3, 97: 3, 98: 5, 99: 5, 100: 5}
POINTS = [
    (size, call, when, before)
    for size, calls in CALLS.items()
    for call in range(calls)
    for when in ("before", "after")
    for before in (0, 5)
]
NEWSLETTER = "weekly"


@pytest.fixture(autouse=True)
def _five_fill_a_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fences, "FULL", 5)


def people(size: int) -> list[NewSubscriber]:
    return [NewSubscriber(Address.parse(f"p{at}@example.com"), f"P {at}") for at in range(size)]


def listed(store: DynamoDBSubscribers) -> Sequence[Subscriber]:
    """All subscribers by pages, each with the right total."""
    found: list[Subscriber] = []
    while True:
        page, total = store.newest("acme", NEWSLETTER, len(found), 30)
        found += page
        if not page:
            assert total == len(found)
            return found


def agreed(store: DynamoDBSubscribers) -> Sequence[Subscriber]:
    """All subscribers, as every way of reading must find them."""
    found = listed(store)
    assert list(store.walk("acme", NEWSLETTER)) == found
    assert list(store.page("acme", NEWSLETTER, 0, 2**53, 1000).subscribers) == found[::-1]
    assert list(pages(store, 7)) == found[::-1]
    for one in (*found[:2], *found[-10:]):  # the first ones of a large batch have reserved addresses
        assert store.get("acme", NEWSLETTER, one.number) == one
        assert store.numbers_of("acme", [NEWSLETTER], one.address) == {NEWSLETTER: one.number}
    return found


def pages(store: DynamoDBSubscribers, limit: int) -> Iterator[Subscriber]:
    """All subscribers in the order of a campaign's expansion."""
    after: int | None = 0
    while after is not None:
        page = store.page("acme", NEWSLETTER, after, 2**53, limit)
        yield from page.subscribers
        after = page.after


def test_there_are_a_hundred_rounds_at_least() -> None:
    assert len(POINTS) >= 100


@pytest.mark.parametrize(("size", "calls"), CALLS.items())
def test_the_rounds_cover_every_call(engine: Tables, size: int, calls: int) -> None:
    made: list[str] = []
    engine.client.meta.events.register("before-call.dynamodb", lambda model, **_: made.append(model.name))
    subscribe_all(engine.subscribers(), "acme", NEWSLETTER, people(size))
    assert len(made) == calls


@pytest.mark.parametrize(("size", "call", "when", "before"), POINTS)
def test_all_or_nothing(engine: Tables, size: int, call: int, when: str, before: int) -> None:
    there = [
        subscribe(engine.subscribers(), "acme", NEWSLETTER, Address.parse(f"old{at}@example.com"), name=None)
        for at in range(before)
    ]
    with killed_at(engine.client, call, when):
        subscribe_all(engine.subscribers(), "acme", NEWSLETTER, people(size))
    store = engine.subscribers()
    found = agreed(store)
    assert len(found) in (before, before + size)
    assert found[len(found) - before :] == there[::-1]
    if len(found) == before:
        assert all(store.numbers_of("acme", [NEWSLETTER], one.address) == {} for one in people(size)[:: size // 7 + 1])
        subscribe_all(store, "acme", NEWSLETTER, people(size))
        assert len(agreed(engine.subscribers())) == before + size
    else:
        for one in (people(size)[0], people(size)[-1]):
            with pytest.raises(AlreadySubscribed):
                subscribe(store, "acme", NEWSLETTER, one.address, name=None)


@pytest.mark.parametrize("at", [0, 3, 4, 99])
@pytest.mark.parametrize(("call", "when"), [(call, when) for call in range(1, 5) for when in ("before", "after")])
def test_one_of_a_batch_that_died_can_be_taken_by_somebody_else_or_is_there(
    engine: Tables, at: int, call: int, when: str
) -> None:
    with killed_at(engine.client, call, when):
        subscribe_all(engine.subscribers(), "acme", NEWSLETTER, people(100))
    store, wanted = engine.subscribers(), people(100)[at].address
    if found := listed(store):
        assert store.for_email("acme", wanted) is None  # this newsletter was not created
        with pytest.raises(AlreadySubscribed):
            subscribe(store, "acme", NEWSLETTER, wanted, name=None)
        assert listed(store) == found
    else:
        made = subscribe(store, "acme", NEWSLETTER, wanted, name=None)
        assert agreed(store) == [made]
        with pytest.raises(AlreadySubscribed):
            subscribe_all(store, "acme", NEWSLETTER, people(100))
