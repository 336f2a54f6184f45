"""Any page of a newsletter and its exact total: one contract for the fake and for DynamoDB."""

from collections.abc import Sequence
from itertools import count

import pytest

from optout.address import Address
from optout.aws import fences
from optout.subscribers.subscribe import NewSubscriber, subscribe, subscribe_all
from optout.subscribers.subscriber import Subscriber, Subscribers
from tests.aws.conftest import Stores
from tests.support.engine import Tables


@pytest.fixture
def store(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Subscribers:
    monkeypatch.setattr(fences, "FULL", 5)  # so that a few subscribers cross several fences
    stores.subscribers.open_newsletter("acme", "weekly")
    return stores.subscribers


def fill(store: Subscribers, size: int, newsletter: str = "weekly") -> Sequence[Subscriber]:
    """Subscribers that were added one by one, newest first."""
    people = [
        subscribe(store, "acme", newsletter, Address.parse(f"p{at}@example.com"), name=None) for at in range(size)
    ]
    return people[::-1]


def batch(store: Subscribers, name: str, size: int) -> Sequence[Subscriber]:
    """Subscribers that were added together, newest first."""
    people = [NewSubscriber(Address.parse(f"{name}{at}@example.com")) for at in range(size)]
    return list(subscribe_all(store, "acme", "weekly", people))[::-1]


def pages(store: Subscribers, size: int) -> Sequence[Subscriber]:
    """Every page, one after the other; each must know the same total."""
    found: list[Subscriber] = []
    totals = set()
    while True:
        page, total = store.newest("acme", "weekly", len(found), size)
        found += page
        totals.add(total)
        if not page:
            assert totals == {len(found)}
            return found


@pytest.mark.parametrize("size", [1, 4, 7, 100])
def test_pages_neither_overlap_nor_leave_a_gap(store: Subscribers, size: int) -> None:
    made = fill(store, 23)
    assert pages(store, size) == made
    assert list(store.walk("acme", "weekly")) == made


@pytest.mark.parametrize("sizes", [(1, 3, 6, 2), (50, 7, 1), (100, 3)])
def test_batches_and_singles_stand_in_the_order_in_which_they_came(store: Subscribers, sizes: Sequence[int]) -> None:
    made = [one for at, size in enumerate(sizes) for one in reversed(batch(store, f"b{at}-", size))][::-1]
    assert pages(store, 7) == pages(store, 100) == made


def test_another_newsletter_has_a_list_of_its_own(store: Subscribers) -> None:
    fill(store, 3, "daily")
    assert (list(pages(store, 2)), store.newest("acme", "daily", 0, 1)[1]) == ([], 3)


@pytest.mark.parametrize("offset", [6, 7, 10**6, 10**30])
def test_a_page_past_the_end_is_empty_and_knows_the_total(store: Subscribers, offset: int) -> None:
    fill(store, 6)
    page, total = store.newest("acme", "weekly", offset, 10)
    assert (list(page), total) == ([], 6)


def test_who_comes_between_the_counting_and_the_reading_shifts_nothing(tables: Tables) -> None:
    store = tables.subscribers()
    made = fill(store, 4)
    queries = count()

    def meanwhile(**_: object) -> None:
        if next(queries) == 1:
            subscribe(tables.subscribers(), "acme", "weekly", Address.parse("late@example.com"), name=None)

    tables.client.meta.events.register("before-call.dynamodb.Query", meanwhile)
    page, total = tables.subscribers().newest("acme", "weekly", 1, 2)
    assert (list(page), total) == (made[1:3], 4)
    assert tables.subscribers().newest("acme", "weekly", 0, 0)[1] == 5


def count_calls(tables: Tables) -> list[str]:
    """The DynamoDB operations that are made from now on."""
    calls: list[str] = []
    tables.client.meta.events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    return calls


@pytest.mark.parametrize("people", [1, 60])
def test_a_page_is_two_queries_however_many_there_are(
    tables: Tables, people: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fences, "FULL", 5)
    fill(tables.subscribers(), people)
    calls = count_calls(tables)
    for offset in (0, people - 1, people // 2):
        tables.subscribers().newest("acme", "weekly", offset, 4)
    assert calls == ["Query"] * 6


def test_the_first_page_reads_the_open_fence_and_no_more_than_one_other(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fences, "FULL", 5)
    fill(tables.subscribers(), 60)
    limits: list[int] = []

    def note(params: dict[str, int], **_: object) -> None:
        limits.append(params["Limit"])

    tables.client.meta.events.register("provide-client-params.dynamodb.Query", note)
    tables.subscribers().newest("acme", "weekly", 0, 4)
    assert limits == [2, 4]
