"""Who is rung for when somebody is to confirm, how often an address may be asked, and what a failing bell means."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.confirmations.ask import amend_and_ask, subscribe_and_ask
from optout.confirmations.request import DAY, MINUTE, MOST, Asked, Verdict
from optout.errors import AlreadySubscribed, Unavailable, Unprocessable
from optout.queue import Message
from optout.subscribers.membership import Changes
from optout.subscribers.subscribe import Newcomer
from optout.subscribers.subscriber import Status
from tests.support.fakes import InMemorySubscribers, InMemorySuppressions
from tests.support.samples import ORIGIN, WORKSPACE, address, stop, subscriber

PENDING = Changes(status=Status.PENDING)
ADA = subscriber(5, "ada@example.com")


class Bell:
    """Keeps what was rung for; one that is ``broken`` does not ring."""

    def __init__(self) -> None:
        self.rung: list[Any] = []
        self.broken = False

    def __call__(self, messages: Iterable[Message]) -> None:
        if self.broken:
            raise Unavailable
        self.rung += [message["subscriber"] for message in messages]


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def people() -> InMemorySubscribers:
    store = InMemorySubscribers()
    store.open_newsletter(WORKSPACE, "weekly", "news@example.com")
    store.add(ADA)
    return store


def newcomers(*statuses: Status) -> list[Newcomer]:
    return [Newcomer(address(f"p{at}@example.com"), "", status) for at, status in enumerate(statuses)]


def amend(people: InMemorySubscribers, bell: Bell, changes: Changes) -> Status:
    before = people.get(WORKSPACE, "weekly", 5)
    assert before
    return amend_and_ask(people, InMemorySuppressions(), bell, before, changes, ORIGIN).status


def test_who_is_added_as_pending_is_rung_for_and_nobody_else(people: InMemorySubscribers, bell: Bell) -> None:
    some = newcomers(Status.ACTIVE, Status.PENDING, Status.PENDING)
    made = subscribe_and_ask(people, bell, WORKSPACE, "weekly", some)
    assert bell.rung == [one.number for one in made[1:]]


@pytest.mark.parametrize(
    "changes", [PENDING, Changes(status=Status.PENDING, name="x"), Changes(status=Status.PENDING, address=ADA.address)]
)
def test_who_is_made_pending_is_rung_for_each_time(people: InMemorySubscribers, bell: Bell, changes: Changes) -> None:
    for _ in range(3):
        assert amend(people, bell, changes) is Status.PENDING
    assert bell.rung == [5, 5, 5]


def test_who_is_pending_under_another_address_is_rung_for(people: InMemorySubscribers, bell: Bell) -> None:
    people.change(ADA, replace(ADA, status=Status.PENDING))
    amend(people, bell, Changes(address=address("new@example.com")))
    amend(people, bell, Changes(name="Ada King"))
    assert bell.rung == [5]


@pytest.mark.parametrize("changes", [Changes(name="x"), Changes(status=Status.ACTIVE), Changes(address=ADA.address)])
def test_nobody_is_rung_for_who_is_active(people: InMemorySubscribers, bell: Bell, changes: Changes) -> None:
    assert amend(people, bell, changes) is Status.ACTIVE
    assert bell.rung == []


@pytest.mark.parametrize("opened", [False, True])
def test_without_a_sender_nobody_becomes_pending(opened: bool, bell: Bell) -> None:
    people = InMemorySubscribers()
    if opened:
        people.open_newsletter(WORKSPACE, "weekly", title="The Weekly")
    people.add(ADA)
    for attempt in (
        lambda: subscribe_and_ask(people, bell, WORKSPACE, "weekly", newcomers(Status.ACTIVE, Status.PENDING)),
        lambda: amend(people, bell, PENDING),
    ):
        with pytest.raises(Unprocessable) as refused:
            attempt()
        assert [problem.path for problem in refused.value.problems] == ["status"]
    assert list(people.walk(WORKSPACE, "weekly")) == [ADA]
    assert len(subscribe_and_ask(people, bell, WORKSPACE, "weekly", newcomers(Status.ACTIVE))) == 1


def test_a_bell_that_fails_is_heard_of_and_asking_again_rings(people: InMemorySubscribers, bell: Bell) -> None:
    bell.broken = True
    with pytest.raises(Unavailable):
        subscribe_and_ask(people, bell, WORKSPACE, "weekly", newcomers(Status.PENDING))
    with pytest.raises(Unavailable):
        amend(people, bell, PENDING)
    bell.broken = False
    with pytest.raises(AlreadySubscribed):
        subscribe_and_ask(people, bell, WORKSPACE, "weekly", newcomers(Status.PENDING))
    amend(people, bell, PENDING)
    assert bell.rung == [5]


def test_who_has_left_may_be_asked_and_is_still_gone_until_they_answer(people: InMemorySubscribers, bell: Bell) -> None:
    gone = InMemorySuppressions()
    stop(gone)
    amend_and_ask(people, gone, bell, ADA, PENDING, ORIGIN)
    assert gone.state(WORKSPACE, ADA.address).in_force
    assert bell.rung == [5]


def test_an_asking_is_taken_up_once_and_none_that_is_older() -> None:
    asked = Asked(1_000, (5_000,))
    for asking in (1_000, 999, 0):
        assert asked.with_one_more(asking, 5_000 + DAY) is Verdict.REPEATED


def test_one_mail_a_minute() -> None:
    asked = Asked(1_000, (5_000,))
    assert asked.with_one_more(1_001, 5_000 + MINUTE - 1) is Verdict.LIMITED
    assert asked.with_one_more(1_001, 5_000 + MINUTE) == Asked(1_001, (5_000, 5_000 + MINUTE))


@given(st.lists(st.integers(0, 3 * DAY), max_size=60).map(sorted))
def test_never_more_than_three_mails_in_any_day(times: list[int]) -> None:
    asked, taken = Asked(), []
    for asking, now in enumerate(times, 1):
        after = asked.with_one_more(asking, now)
        if isinstance(after, Asked):
            asked = after
            taken.append(now)
    for first in taken:
        assert sum(first <= at < first + DAY for at in taken) <= MOST
        assert sum(first <= at < first + MINUTE for at in taken) == 1
    assert taken or not times
