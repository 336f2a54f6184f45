"""Which subscribers are sent a confirmation request, how often, and what a failing queue means."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.confirmations.ask import subscribe_with_confirmation, update_with_confirmation
from optout.confirmations.request import DAY, MINUTE, MOST, Declined, RequestLog
from optout.errors import Conflict, Unavailable, Unprocessable
from optout.queue import Message
from optout.subscribers.membership import Changes
from optout.subscribers.subscribe import NewSubscriber
from optout.subscribers.subscriber import Status, Subscriber
from tests.support.fakes import InMemorySubscribers, InMemorySuppressions
from tests.support.samples import ORIGIN, WORKSPACE, address, stop, subscriber

PENDING = Changes(status=Status.PENDING)
ADA = subscriber(5, "ada@example.com")


class Queue:
    """The `Queue` port: keeps the subscribers of the messages; a ``broken`` one raises `Unavailable`."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.broken = False

    def send(self, messages: Iterable[Message], delay: float = 0) -> None:
        if self.broken:
            raise Unavailable
        self.sent += [message["subscriber"] for message in messages]


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def people() -> InMemorySubscribers:
    store = InMemorySubscribers()
    store.open_newsletter(WORKSPACE, "weekly", "news@example.com")
    store.add(ADA)
    return store


def new_subscribers(*statuses: Status) -> list[NewSubscriber]:
    return [NewSubscriber(address(f"p{at}@example.com"), "", status) for at, status in enumerate(statuses)]


def update(people: InMemorySubscribers, queue: Queue, changes: Changes) -> Status:
    before = people.get(WORKSPACE, "weekly", 5)
    assert before
    return update_with_confirmation(people, InMemorySuppressions(), queue, before, changes, ORIGIN).status


def test_who_is_added_as_pending_is_rung_for_and_nobody_else(people: InMemorySubscribers, queue: Queue) -> None:
    some = new_subscribers(Status.ACTIVE, Status.PENDING, Status.PENDING)
    made = subscribe_with_confirmation(people, queue, WORKSPACE, "weekly", some)
    assert queue.sent == [one.number for one in made[1:]]


@pytest.mark.parametrize(
    "changes", [PENDING, Changes(status=Status.PENDING, name="x"), Changes(status=Status.PENDING, address=ADA.address)]
)
def test_who_is_made_pending_is_rung_for_each_time(people: InMemorySubscribers, queue: Queue, changes: Changes) -> None:
    for _ in range(3):
        assert update(people, queue, changes) is Status.PENDING
    assert queue.sent == [5, 5, 5]


def test_who_is_pending_under_another_address_is_rung_for(people: InMemorySubscribers, queue: Queue) -> None:
    people.change(ADA, replace(ADA, status=Status.PENDING))
    update(people, queue, Changes(address=address("new@example.com")))
    update(people, queue, Changes(name="Ada King"))
    assert queue.sent == [5]


@pytest.mark.parametrize("changes", [Changes(name="x"), Changes(status=Status.ACTIVE), Changes(address=ADA.address)])
def test_nobody_is_rung_for_who_is_active(people: InMemorySubscribers, queue: Queue, changes: Changes) -> None:
    assert update(people, queue, changes) is Status.ACTIVE
    assert queue.sent == []


@pytest.mark.parametrize("opened", [False, True])
def test_without_a_sender_nobody_becomes_pending(opened: bool, queue: Queue) -> None:
    people = InMemorySubscribers()
    if opened:
        people.open_newsletter(WORKSPACE, "weekly", title="The Weekly")
    people.add(ADA)
    for attempt in (
        lambda: subscribe_with_confirmation(
            people, queue, WORKSPACE, "weekly", new_subscribers(Status.ACTIVE, Status.PENDING)
        ),
        lambda: update(people, queue, PENDING),
    ):
        with pytest.raises(Unprocessable) as refused:
            attempt()
        assert [problem.path for problem in refused.value.problems] == ["status"]
    assert list(people.walk(WORKSPACE, "weekly")) == [ADA]
    assert len(subscribe_with_confirmation(people, queue, WORKSPACE, "weekly", new_subscribers(Status.ACTIVE))) == 1


def test_with_a_queue_that_fails_nobody_is_added_and_the_same_call_again_adds_and_asks(
    people: InMemorySubscribers, queue: Queue
) -> None:
    some = new_subscribers(Status.ACTIVE, Status.PENDING)
    queue.broken = True
    with pytest.raises(Unavailable):
        subscribe_with_confirmation(people, queue, WORKSPACE, "weekly", some)
    assert list(people.walk(WORKSPACE, "weekly")) == [ADA]
    queue.broken = False
    made = subscribe_with_confirmation(people, queue, WORKSPACE, "weekly", some)
    assert queue.sent == [made[1].number]


def test_a_subscriber_whose_storing_was_not_confirmed_is_asked_if_stored(queue: Queue) -> None:
    class Doubtful(InMemorySubscribers):
        def add(self, *subscribers: Subscriber) -> None:
            super().add(*subscribers)
            raise Unavailable

    people = Doubtful()
    people.open_newsletter(WORKSPACE, "weekly", "news@example.com")
    with pytest.raises(Unavailable):
        subscribe_with_confirmation(people, queue, WORKSPACE, "weekly", new_subscribers(Status.PENDING))
    assert queue.sent == [one.number for one in people.walk(WORKSPACE, "weekly")]


def test_whoever_is_added_at_a_later_attempt_is_asked_under_the_number_of_that_attempt(queue: Queue) -> None:
    class Contested(InMemorySubscribers):
        attempts = 0

        def add(self, *subscribers: Subscriber) -> None:
            self.attempts += 1
            if self.attempts < 3:
                raise Conflict
            super().add(*subscribers)

    people = Contested()
    people.open_newsletter(WORKSPACE, "weekly", "news@example.com")
    made = subscribe_with_confirmation(people, queue, WORKSPACE, "weekly", new_subscribers(Status.PENDING))
    assert (len(queue.sent), queue.sent[-1]) == (3, made[0].number)


def test_an_update_whose_queue_fails_is_repeated_and_asks(people: InMemorySubscribers, queue: Queue) -> None:
    queue.broken = True
    with pytest.raises(Unavailable):
        update(people, queue, PENDING)
    queue.broken = False
    update(people, queue, PENDING)
    assert queue.sent == [5]


def test_who_has_left_may_be_asked_and_is_still_gone_until_they_answer(
    people: InMemorySubscribers, queue: Queue
) -> None:
    gone = InMemorySuppressions()
    stop(gone)
    update_with_confirmation(people, gone, queue, ADA, PENDING, ORIGIN)
    assert gone.state(WORKSPACE, ADA.address).in_force
    assert queue.sent == [5]


def test_an_asking_is_taken_up_once_and_none_that_is_older() -> None:
    requested_at = RequestLog(1_000, (5_000,))
    for asking in (1_000, 999, 0):
        assert requested_at.add_request(asking, 5_000 + DAY) is Declined.REPEATED


def test_one_mail_a_minute() -> None:
    requested_at = RequestLog(1_000, (5_000,))
    assert requested_at.add_request(1_001, 5_000 + MINUTE - 1) is Declined.LIMITED
    assert requested_at.add_request(1_001, 5_000 + MINUTE) == RequestLog(1_001, (5_000, 5_000 + MINUTE))


@given(st.lists(st.integers(0, 3 * DAY), max_size=60).map(sorted))
def test_never_more_than_three_mails_in_any_day(times: list[int]) -> None:
    requested_at, taken = RequestLog(), []
    for asking, now in enumerate(times, 1):
        after = requested_at.add_request(asking, now)
        if isinstance(after, RequestLog):
            requested_at = after
            taken.append(now)
    for first in taken:
        assert sum(first <= at < first + DAY for at in taken) <= MOST
        assert sum(first <= at < first + MINUTE for at in taken) == 1
    assert taken or not times
