"""Leaving a newsletter, changing in it and coming back, whatever happens in between."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from optout.address import Address
from optout.errors import OptoutError, Unavailable
from optout.scope import EVERYTHING, Scope
from optout.subscribers.membership import Changes, listing, member, update
from optout.subscribers.subscriber import Status
from optout.subscribers.unsubscribe import unsubscribe
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import Change
from tests.support.fakes import InMemorySubscribers, InMemorySuppressions
from tests.support.interrupted import Subscribers
from tests.support.samples import ORIGIN, WORKSPACE, address, stop, subscriber

WEEKLY = Scope.of(["newsletter:weekly"])
ADA = subscriber(5, "ada@example.com")
NEW = address("new@example.com")
MOVES = Changes(address=NEW)
BACK = Changes(status=Status.ACTIVE)


class Suppressions(InMemorySuppressions):
    """A list where something happens just before a change is written."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], object]] = []

    def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
        if self.meanwhile:
            self.meanwhile.pop()()
        super().commit(before, after, change)


@pytest.fixture
def people() -> Subscribers:
    return Subscribers(ADA)


@pytest.fixture
def gone() -> Suppressions:
    return Suppressions()


def now(people: InMemorySubscribers, gone: InMemorySuppressions) -> tuple[Address, Status]:
    """Ada's address, and the status that is shown for her."""
    there = people.get(WORKSPACE, "weekly", ADA.number)
    assert there
    return there.address, member(there, gone.state(WORKSPACE, there.address)).status


def test_who_moves_while_they_leave_has_left_under_both_addresses(people: Subscribers, gone: Suppressions) -> None:
    gone.meanwhile.append(lambda: people.change(ADA, replace(ADA, address=NEW)))
    assert unsubscribe(people, gone, ADA, ADA.scope, Reason.UNSUBSCRIBED, ORIGIN).subscriber.address == NEW
    assert now(people, gone) == (NEW, Status.UNSUBSCRIBED)


def test_who_leaves_while_they_move_has_left_under_both_addresses(people: Subscribers, gone: Suppressions) -> None:
    people.meanwhile.append(lambda: stop(gone, scope=WEEKLY))
    update(people, gone, ADA, MOVES, ORIGIN)
    assert now(people, gone) == (NEW, Status.UNSUBSCRIBED)


@pytest.mark.parametrize("reason", [Reason.UNSUBSCRIBED, Reason.BOUNCED])
def test_who_left_and_moves_stays_away_for_the_newsletter_only(
    people: Subscribers, gone: Suppressions, reason: Reason
) -> None:
    stop(gone, reason=reason)
    update(people, gone, ADA, MOVES, ORIGIN)
    (rule,) = gone.state(WORKSPACE, NEW).in_force.items()
    assert (rule[0], rule[1].reason) == (WEEKLY, Reason.UNSUBSCRIBED)


def test_what_somebody_else_changed_meanwhile_is_not_lost(people: Subscribers, gone: Suppressions) -> None:
    people.meanwhile.append(lambda: people.change(ADA, replace(ADA, name="Countess")))
    assert update(people, gone, ADA, MOVES, ORIGIN) == replace(ADA, name="Countess", address=NEW, former=(ADA.address,))


def test_who_left_again_while_they_came_back_is_asked_about_the_state_that_is(
    people: Subscribers, gone: Suppressions
) -> None:
    stop(gone, scope=WEEKLY)
    pending = replace(ADA, status=Status.PENDING)
    people.change(ADA, pending)
    people.meanwhile.append(lambda: stop(gone, reason=Reason.COMPLAINED))
    update(people, gone, pending, BACK, ORIGIN)
    assert now(people, gone)[1] is Status.UNSUBSCRIBED  # the complaint stands, whatever was lifted


@contextmanager
def failing(at: int) -> Iterator[None]:
    """Both stores stop answering from their ``at``-th call on."""
    patch, calls = pytest.MonkeyPatch(), iter(range(1000))
    for store in (InMemorySubscribers, InMemorySuppressions):
        opened = store._open

        @contextmanager
        def maybe(self: InMemorySubscribers, opened: Callable[..., object] = opened) -> Iterator[None]:
            if next(calls) >= at:
                raise Unavailable
            with opened(self):  # type: ignore[attr-defined]
                yield

        patch.setattr(store, "_open", maybe)
    try:
        yield
    finally:
        patch.undo()


@pytest.mark.parametrize("at", range(30))
def test_a_move_that_fails_half_way_brings_nobody_back(people: Subscribers, gone: Suppressions, at: int) -> None:
    stop(gone, scope=WEEKLY)
    with failing(at), suppress(OptoutError):
        update(people, gone, ADA, MOVES, ORIGIN)
    assert now(people, gone)[1] is Status.UNSUBSCRIBED


@pytest.mark.parametrize("at", range(30))
@pytest.mark.parametrize("changes", [BACK, BACK | MOVES], ids=["back", "back under another address"])
def test_a_return_that_fails_half_way_lifts_nothing_or_is_complete(
    people: Subscribers, gone: Suppressions, changes: Changes, at: int
) -> None:
    pending = replace(ADA, status=Status.PENDING)
    people.change(ADA, pending)
    stop(gone, scope=WEEKLY)
    stop(gone, "new@example.com", WEEKLY)
    with failing(at), suppress(OptoutError):
        update(people, gone, pending, changes, ORIGIN)
    there, status = now(people, gone)
    assert status in (Status.UNSUBSCRIBED, Status.ACTIVE)
    if status is Status.ACTIVE:
        assert there == changes.get("address", ADA.address)
    again = update(people, gone, replace(pending, address=there), changes, ORIGIN)
    assert now(people, gone) == (again.address, Status.ACTIVE)


@pytest.mark.parametrize("status", [None, *Status])
def test_a_listing_by_status_agrees_with_what_each_one_shows(status: Status | None) -> None:
    people, gone = InMemorySubscribers(), InMemorySuppressions()
    stored = [Status.ACTIVE, Status.PENDING]
    for at in range(1, 251):
        people.add(subscriber(at, f"p{at}@example.com", status=stored[at % 2]))
        if at % 3 == 0:
            stop(gone, f"p{at}@example.com", EVERYTHING if at % 2 else WEEKLY)
    shown = [member(one, gone.state(WORKSPACE, one.address)) for one in people.walk(WORKSPACE, "weekly")]
    expected = [one for one in shown if status in (None, one.status)]
    found, total = listing(people, gone, WORKSPACE, "weekly", status, offset=3, limit=40)
    assert (list(found), total) == (expected[3:43], len(expected))
