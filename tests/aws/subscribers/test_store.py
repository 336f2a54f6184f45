"""The contract of `Subscribers`, kept by the fake and by DynamoDB alike."""

from dataclasses import replace

import pytest

from optout.address import Address
from optout.errors import AlreadySubscribed, Conflict
from optout.subscribers.subscriber import Page, Status, Subscriber
from tests.aws.conftest import Stores

ADA = Address.parse("Ada@Example.com")


@pytest.fixture
def everything(stores: Stores) -> Stores:
    """Two newsletters are open in one workspace, one in another."""
    for newsletter in ("weekly", "daily"):
        stores.subscribers.open_newsletter("acme", newsletter)
    stores.subscribers.open_newsletter("rival", "theirs")
    return stores


def row(number: int = 5, email: str = "Ada@Example.com", newsletter: str = "weekly") -> Subscriber:
    return Subscriber("acme", newsletter, number, Address.parse(email), "Ada", Status.ACTIVE, 1000)


@pytest.mark.parametrize(
    "made",
    [
        row(),
        replace(row(), name=None, status=Status.PENDING),
        replace(row(), name=""),
        replace(
            row(), address=Address.parse("j\u00f6@M\u00fcnchen.de", "xn--mnchen-3ya.de"), name="J\u00f6 \U0001f600"
        ),
    ],
    ids=["plain", "no name", "empty name", "beyond ASCII"],
)
def test_a_subscriber_is_read_back_whole(everything: Stores, made: Subscriber) -> None:
    store = everything.subscribers
    store.add(made)
    assert store.get("acme", "weekly", 5) == made
    assert store.find("acme", 5) == made
    assert store.for_email("acme", made.address) == made
    assert store.numbers_of("acme", ["weekly", "daily"], made.address) == {"weekly": 5}
    assert store.page("acme", "weekly", 0, 100, 10) == Page([made], None)


def test_an_address_is_in_a_newsletter_once(everything: Stores) -> None:
    store = everything.subscribers
    store.add(row())
    with pytest.raises(AlreadySubscribed):
        store.add(row(6, "ADA@example.com"))
    assert store.get("acme", "weekly", 6) is None


def test_the_same_subscriber_again_is_subscribed_already(everything: Stores) -> None:
    everything.subscribers.add(row())
    with pytest.raises(AlreadySubscribed):
        everything.subscribers.add(row())


@pytest.mark.parametrize("taken", [5, 4])
def test_a_number_that_is_not_greater_than_all_before_is_a_conflict(everything: Stores, taken: int) -> None:
    store, bob = everything.subscribers, row(taken, "bob@example.com")
    store.add(row())
    with pytest.raises(Conflict):
        store.add(bob)
    assert store.get("acme", "weekly", 5) == row()
    assert store.numbers_of("acme", ["weekly"], bob.address) == {}
    assert store.next_number("acme", "weekly") > 5


def test_the_next_number_is_greater_than_all_before_even_ahead_of_the_clock(everything: Stores) -> None:
    everything.subscribers.add(row(2**53 - 100))
    assert everything.subscribers.next_number("acme", "weekly") == 2**53 - 99
    assert everything.subscribers.next_number("acme", "daily") < 2**53 - 100


def test_newsletters_share_people_and_nothing_else(everything: Stores) -> None:
    store = everything.subscribers
    store.add(row())
    store.add(row(6, "ada@example.com", "daily"))
    assert store.numbers_of("acme", ["weekly", "daily", "unknown"], ADA) == {"weekly": 5, "daily": 6}
    assert store.numbers_of("acme", ["daily"], ADA) == {"daily": 6}
    assert store.get("acme", "daily", 5) is None
    found = store.for_email("acme", ADA)
    assert found
    assert found.newsletter == "daily"


def test_workspaces_do_not_see_each_other(everything: Stores) -> None:
    store = everything.subscribers
    store.add(row())
    assert store.find("rival", 5) is None
    assert store.for_email("rival", ADA) is None
    assert store.get("rival", "weekly", 5) is None
    store.add(replace(row(), workspace="rival", newsletter="theirs"))
    assert store.find("acme", 5) == row()


def test_newsletters_are_listed_by_name_and_opened_once(everything: Stores) -> None:
    everything.subscribers.open_newsletter("acme", "weekly")
    assert list(everything.subscribers.newsletters("acme")) == ["daily", "weekly"]
    assert list(everything.subscribers.newsletters("nobody")) == []


def test_pages_follow_each_other_in_the_order_of_numbers(everything: Stores) -> None:
    store, numbers = everything.subscribers, [7, 9, 30, 100, 2**52]
    for number in numbers:
        store.add(row(number, f"p{number}@example.com"))
    accepted: list[int] = []
    after: int | None = 0
    pages = 0
    while after is not None:
        page = store.page("acme", "weekly", after, 2**53, 2)
        accepted += [subscriber.number for subscriber in page.subscribers]
        after, pages = page.after, pages + 1
    assert accepted == numbers
    assert pages <= 4


@pytest.mark.parametrize(
    ("after", "before", "expected"),
    [(0, 100, [10, 20, 30]), (10, 30, [20]), (10, 21, [20]), (20, 21, []), (30, 30, []), (50, 10, [])],
)
def test_a_page_lies_between_two_numbers(everything: Stores, after: int, before: int, expected: list[int]) -> None:
    for number in (10, 20, 30):
        everything.subscribers.add(row(number, f"p{number}@example.com"))
    page = everything.subscribers.page("acme", "weekly", after, before, 10)
    assert ([subscriber.number for subscriber in page.subscribers], page.after) == (expected, None)


def test_a_page_of_nobody_is_the_last(everything: Stores) -> None:
    page = everything.subscribers.page("acme", "weekly", 0, 100, 10)
    assert (list(page.subscribers), page.after) == ([], None)


def test_nobody_is_found_under_a_free_number(everything: Stores) -> None:
    assert everything.subscribers.get("acme", "weekly", 5) is None
    assert everything.subscribers.find("acme", 5) is None
    assert everything.subscribers.for_email("acme", ADA) is None
