"""Unsubscribing by the link in an email, or by number."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from optout.campaigns.links import unsubscribe_by_link
from optout.errors import Protected, Unavailable
from optout.messages.link_token import Link, LinkScope
from optout.scope import EVERYTHING, Scope
from optout.subscribers.membership import update
from optout.subscribers.subscriber import Status
from optout.subscribers.unsubscribe import unsubscribe_by_number
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import Action, Change
from tests.support.fakes import InMemorySubscribers, InMemorySuppressions
from tests.support.samples import ORIGIN, WORKSPACE, address, campaign, campaigns, subscriber, subscribers

PEOPLE = subscribers(subscriber(5, "ada@example.com"))


def click(link: Link, store: InMemorySuppressions, topic: str | None = "newsletter:weekly") -> Action | None:
    """The action of the click on the suppression list."""
    done = unsubscribe_by_link(link, campaigns(campaign(topic=topic)), PEOPLE, store, ORIGIN)
    assert done
    assert done.record.reason is Reason.ONE_CLICK
    return done.action


def test_a_click_leaves_everything_once() -> None:
    store = InMemorySuppressions()
    link = Link(1_000_000, 5)
    assert [click(link, store), click(link, store)] == [Action.SUPPRESSED, Action.REPEATED]
    (record,) = store.for_email(WORKSPACE, address())
    assert record.scope == EVERYTHING


def test_a_link_for_the_topic_leaves_only_the_campaigns_topic() -> None:
    store = InMemorySuppressions()
    click(Link(1_000_000, 5, LinkScope.TOPIC), store)
    (change,) = store.history(WORKSPACE, address())
    assert change.record.scope == Scope.of(["newsletter:weekly"])


def test_a_link_for_the_topic_of_a_campaign_without_one_leaves_everything() -> None:
    store = InMemorySuppressions()
    click(Link(1_000_000, 5, LinkScope.TOPIC), store, topic=None)
    (change,) = store.history(WORKSPACE, address())
    assert change.record.scope == EVERYTHING


def test_a_link_of_a_test_mail_or_of_an_unknown_campaign_changes_nothing() -> None:
    store = InMemorySuppressions()
    for link in (Link(1_000_000, 0), Link(1_000_000, 6), Link(7, 5)):
        assert unsubscribe_by_link(link, campaigns(), PEOPLE, store, ORIGIN) is None


class Meanwhile(InMemorySuppressions):
    """A list where something happens just after the first change is written."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self._happens = [happens]

    def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
        super().commit(before, after, change)
        if self._happens:
            self._happens.pop()()


def by_link(people: InMemorySubscribers, store: InMemorySuppressions) -> object:
    return unsubscribe_by_link(Link(1_000_000, 5), campaigns(campaign()), people, store, ORIGIN)


def by_number(people: InMemorySubscribers, store: InMemorySuppressions) -> object:
    created = subscriber(5, "ada@example.com").created
    return unsubscribe_by_number(people, store, WORKSPACE, 5, created, Reason.ONE_CLICK, ORIGIN)


@pytest.mark.parametrize("leave", [by_link, by_number])
def test_a_click_at_the_moment_of_an_address_change_reaches_the_new_address_too(
    leave: Callable[[InMemorySubscribers, InMemorySuppressions], object],
) -> None:
    ada = subscriber(5, "ada@example.com")
    people = subscribers(ada)
    store = Meanwhile(lambda: people.change(ada, replace(ada, address=address("new@example.com"))))
    assert leave(people, store)
    for email in ("ada@example.com", "new@example.com"):
        assert set(store.state(WORKSPACE, address(email)).in_force) == {EVERYTHING}


def test_an_address_that_changes_all_the_time_is_not_reported_as_unsubscribed() -> None:
    people = subscribers(subscriber(5, "p0@example.com"))

    class Restless(InMemorySuppressions):
        """A list where every change is followed by another address of the subscriber."""

        def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
            super().commit(before, after, change)
            ada = people.get(WORKSPACE, "weekly", 5)
            assert ada
            people.change(ada, replace(ada, address=address(f"p{change.record.number}@example.com")))

    with pytest.raises(Unavailable):
        by_number(people, Restless())


def test_a_number_with_another_creation_time_unsubscribes_no_subscriber() -> None:
    store = InMemorySuppressions()
    created = subscriber(5, "ada@example.com").created + 1
    assert not unsubscribe_by_number(PEOPLE, store, WORKSPACE, 5, created, Reason.ONE_CLICK, ORIGIN)
    assert not store.state(WORKSPACE, address()).in_force


def test_who_moved_has_left_under_the_address_that_was_mailed_too() -> None:
    """The email went to the earlier address, or waits in a chunk for it."""
    people, store = subscribers(subscriber(5, "ada@example.com")), InMemorySuppressions()
    ada = people.get(WORKSPACE, "weekly", 5)
    assert ada
    moved = update(people, store, ada, {"address": address("lovelace@example.com")}, ORIGIN)
    assert moved.former == (address("ada@example.com"),)
    done = unsubscribe_by_link(Link(1_000_000, 5), campaigns(campaign()), people, store, ORIGIN)
    assert done
    for email in ("ada@example.com", "lovelace@example.com"):
        (record,) = store.for_email(WORKSPACE, address(email))
        assert (record.scope, record.reason) == (EVERYTHING, Reason.ONE_CLICK)


def test_the_last_five_addresses_are_kept_and_a_return_to_one_keeps_it_once() -> None:
    people, store = subscribers(subscriber(5, "a0@example.com")), InMemorySuppressions()
    one = people.get(WORKSPACE, "weekly", 5)
    assert one
    for at in (1, 2, 3, 4, 5, 6, 7, 5):
        one = update(people, store, one, {"address": address(f"a{at}@example.com")}, ORIGIN)
    assert [former.original for former in one.former] == [f"a{at}@example.com" for at in (7, 6, 4, 3, 2)]


def test_the_link_of_a_test_email_suppresses_its_one_recipient() -> None:
    store, test = InMemorySuppressions(), campaign(test_recipient="guest@example.com")
    assert unsubscribe_by_link(Link(1_000_000, 0), campaigns(test), subscribers(), store, ORIGIN)
    (record,) = store.for_email(WORKSPACE, address("guest@example.com"))
    assert (record.scope, record.reason) == (EVERYTHING, Reason.ONE_CLICK)


def test_a_person_s_own_opt_out_stays_their_own_under_another_address() -> None:
    people, store = subscribers(subscriber(5, "ada@example.com")), InMemorySuppressions()
    ada = people.get(WORKSPACE, "weekly", 5)
    assert ada
    unsubscribe_by_link(Link(1_000_000, 5), campaigns(campaign()), people, store, ORIGIN)
    moved = update(people, store, ada, {"address": address("lovelace@example.com")}, ORIGIN)
    with pytest.raises(Protected):
        update(people, store, moved, {"status": Status.ACTIVE}, ORIGIN)
