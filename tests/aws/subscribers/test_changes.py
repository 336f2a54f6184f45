"""Changing a subscriber: one contract for the fake and for DynamoDB."""

from dataclasses import replace

import pytest

from optout.address import Address
from optout.errors import AlreadySubscribed, Conflict
from optout.subscribers.subscriber import Page, Status, Subscriber
from tests.aws.conftest import Stores

ADA = Subscriber("acme", "weekly", 5, Address.parse("ada@example.com"), "Ada", Status.ACTIVE, 1000)
BOB = replace(ADA, number=6, address=Address.parse("bob@example.com"), name=None)
NEW = Address.parse("lovelace@example.com")
CHANGED = [
    replace(ADA, name="Ada King"),
    replace(ADA, name=None),
    replace(ADA, name="", status=Status.PENDING),
    replace(ADA, address=Address.parse("ADA@Example.com")),
    replace(ADA, address=NEW),
    replace(ADA, address=Address.parse("j\u00f6@M\u00fcnchen.de", "xn--mnchen-3ya.de"), status=Status.PENDING),
]


@pytest.fixture(autouse=True)
def _both_are_there(stores: Stores) -> None:
    for newsletter in ("weekly", "daily"):
        stores.subscribers.open_newsletter("acme", newsletter)
    stores.subscribers.add(ADA)
    stores.subscribers.add(BOB)


@pytest.mark.parametrize("after", CHANGED, ids=["name", "no name", "status", "spelling", "address", "beyond ASCII"])
def test_a_change_is_seen_everywhere_at_once(stores: Stores, after: Subscriber) -> None:
    store = stores.subscribers
    store.change(ADA, after)
    assert store.get("acme", "weekly", 5) == after
    assert store.for_email("acme", after.address) == after
    assert store.numbers_of("acme", ["weekly"], after.address) == {"weekly": 5}
    assert store.page("acme", "weekly", 0, 100, 10) == Page([after, BOB], None)
    assert store.newest("acme", "weekly", 0, 10) == ([BOB, after], 2)


def test_what_had_an_ascii_form_has_none_when_it_needs_none(stores: Stores) -> None:
    store, beyond = stores.subscribers, CHANGED[-1]
    store.change(ADA, beyond)
    store.change(beyond, ADA)
    assert store.get("acme", "weekly", 5) == ADA


def test_an_address_that_was_given_up_is_free(stores: Stores) -> None:
    store = stores.subscribers
    store.change(ADA, replace(ADA, address=NEW))
    assert store.numbers_of("acme", ["weekly"], ADA.address) == {}
    store.add(replace(ADA, number=7))
    assert store.numbers_of("acme", ["weekly"], ADA.address) == {"weekly": 7}


@pytest.mark.parametrize("email", ["bob@example.com", "BOB@example.com"])
def test_somebody_else_s_address_cannot_be_taken(stores: Stores, email: str) -> None:
    store = stores.subscribers
    with pytest.raises(AlreadySubscribed):
        store.change(ADA, replace(ADA, address=Address.parse(email), name="x"))
    assert store.get("acme", "weekly", 5) == ADA
    assert store.numbers_of("acme", ["weekly"], ADA.address) == {"weekly": 5}


def test_an_address_of_another_newsletter_can_be_taken(stores: Stores) -> None:
    stores.subscribers.add(replace(ADA, newsletter="daily", address=NEW))
    stores.subscribers.change(ADA, replace(ADA, address=NEW))
    assert stores.subscribers.numbers_of("acme", ["weekly", "daily"], NEW) == {"weekly": 5, "daily": 5}


@pytest.mark.parametrize("after", [replace(ADA, name="late"), replace(ADA, address=NEW)], ids=["name", "address"])
def test_who_read_something_older_changes_nothing(stores: Stores, after: Subscriber) -> None:
    store, now = stores.subscribers, replace(ADA, name="Ada King")
    store.change(ADA, now)
    with pytest.raises(Conflict):
        store.change(ADA, after)
    assert store.get("acme", "weekly", 5) == now
    assert store.numbers_of("acme", ["weekly"], NEW) == {}


def test_who_gave_an_address_up_does_not_take_it_from_the_next(stores: Stores) -> None:
    store, moved = stores.subscribers, replace(ADA, address=NEW)
    store.change(ADA, moved)
    store.change(BOB, replace(BOB, address=ADA.address))
    with pytest.raises(Conflict):
        store.change(ADA, replace(ADA, address=Address.parse("third@example.com")))
    assert store.numbers_of("acme", ["weekly"], ADA.address) == {"weekly": 6}
