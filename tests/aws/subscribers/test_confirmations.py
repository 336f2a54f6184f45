"""Confirmations, and the properties of a newsletter: one contract for the fake and for DynamoDB."""

from dataclasses import replace

import pytest

from optout.address import Address
from optout.errors import Conflict
from optout.origin import Origin
from optout.subscribers.subscriber import Confirmation, Newsletter, Status, Subscriber
from tests.aws.conftest import Stores
from tests.support.engine import Tables

ADA = Subscriber("acme", "weekly", 5, Address.parse("ada@example.com"), "Ada", Status.PENDING, 1000)
ACTIVE = replace(ADA, status=Status.ACTIVE)
YES = Confirmation(ADA.address, 7_000, 9_000, Origin("link", "confirmation", "Firefox", "203.0.113.9"))


@pytest.fixture(autouse=True)
def _is_pending(request: pytest.FixtureRequest) -> None:
    store = request.getfixturevalue("stores" if "stores" in request.fixturenames else "tables")
    subscribers = store.subscribers if isinstance(store, Stores) else store.subscribers()
    subscribers.add(ADA)


def test_a_yes_is_written_with_the_change_that_it_makes(stores: Stores) -> None:
    store = stores.subscribers
    assert not store.confirmations("acme", "weekly", 5)
    store.change(ADA, ACTIVE, YES)
    assert store.get("acme", "weekly", 5) == ACTIVE
    (yes,) = store.confirmations("acme", "weekly", 5)
    assert replace(yes, origin=replace(yes.origin, ip="")) == replace(YES, origin=replace(YES.origin, ip=""))
    assert len(yes.origin.ip) == 32
    assert set(yes.origin.ip) <= set("0123456789abcdef")


def test_a_change_that_loses_writes_no_yes(stores: Stores) -> None:
    store = stores.subscribers
    store.change(ADA, replace(ADA, name="Ada King"))
    with pytest.raises(Conflict):
        store.change(ADA, ACTIVE, YES)
    assert not store.confirmations("acme", "weekly", 5)


def test_a_yes_that_is_there_is_never_written_over(stores: Stores) -> None:
    store = stores.subscribers
    store.change(ADA, ACTIVE, YES)
    store.change(ACTIVE, ADA)
    with pytest.raises(Conflict):
        store.change(ADA, ACTIVE, replace(YES, requested_at=8_000))
    assert store.get("acme", "weekly", 5) == ADA
    assert [yes.requested_at for yes in store.confirmations("acme", "weekly", 5)] == [7_000]


def test_every_yes_is_kept_newest_first_and_is_its_subscriber_s(stores: Stores) -> None:
    store = stores.subscribers
    store.add(replace(ADA, number=6, address=Address.parse("bob@example.com")))
    for at in (9_000, 10_000, 2**41):
        store.change(ADA, ACTIVE, replace(YES, at=at))
        store.change(ACTIVE, ADA)
    assert [yes.at for yes in store.confirmations("acme", "weekly", 5)] == [2**41, 10_000, 9_000]
    assert [yes.at for yes in store.confirmations("acme", "weekly", 5, limit=2)] == [2**41, 10_000]
    assert [yes.at for yes in store.confirmations("acme", "weekly", 5, before=10_000)] == [9_000]
    assert not store.confirmations("acme", "weekly", 5, before=1)
    assert not store.confirmations("acme", "weekly", 6)
    assert not store.confirmations("acme", "daily", 5)
    assert store.newest("acme", "weekly", 0, 10)[1] == 2


def test_an_address_beyond_ascii_comes_back(stores: Stores) -> None:
    beyond = replace(ADA, number=7, address=Address.parse("j\u00f6@M\u00fcnchen.de", "xn--mnchen-3ya.de"))
    stores.subscribers.add(beyond)
    yes = replace(YES, address=beyond.address, origin=Origin("link"))
    stores.subscribers.change(beyond, replace(beyond, status=Status.ACTIVE), yes)
    assert list(stores.subscribers.confirmations("acme", "weekly", 7)) == [yes]


def test_a_newsletter_says_whom_its_mails_come_from(stores: Stores) -> None:
    store = stores.subscribers
    assert store.newsletter("acme", "monthly") is None
    store.open_newsletter("acme", "monthly")
    assert store.newsletter("acme", "monthly") == Newsletter("acme", "monthly")
    store.open_newsletter("acme", "monthly", "news@example.com", "The Monthly")
    assert store.newsletter("acme", "monthly") == Newsletter("acme", "monthly", "news@example.com", "The Monthly")
    assert store.newsletter("rival", "monthly") is None
    assert "monthly" in store.newsletters("acme")


def test_opening_a_newsletter_again_keeps_what_is_not_said(stores: Stores) -> None:
    store = stores.subscribers
    store.open_newsletter("acme", "monthly", "news@example.com", "The Monthly")
    store.open_newsletter("acme", "monthly")
    store.open_newsletter("acme", "monthly", "post@example.com")
    assert store.newsletter("acme", "monthly") == Newsletter("acme", "monthly", "post@example.com", "The Monthly")


def test_no_ip_address_stands_in_the_table(tables: Tables) -> None:
    tables.subscribers().change(ADA, ACTIVE, YES)
    assert "203.0.113" not in str(tables.items("SubscribersTable"))
