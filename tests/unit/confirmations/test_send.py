"""Mailing who is asked to confirm: one attempt for each asking, and nobody whom a yes would not bring back."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from optout import clock
from optout.address import Address
from optout.confirmations.request import DAY, Asking
from optout.confirmations.send import Fate, Inviting, Outcome
from optout.errors import InDoubt, NotSent, Unavailable
from optout.provider.refusal import NO_SLOT, QUOTA_SPENT
from optout.scope import EVERYTHING, Scope
from optout.subscribers.subscriber import Status
from optout.suppressions.suppression import AddressState, Reason
from tests.support.fakes import (
    InMemoryAskings,
    InMemorySlots,
    InMemorySubscribers,
    InMemorySuppressions,
    RecordingInviter,
)
from tests.support.samples import WORKSPACE, stop, subscriber

WEEKLY = Scope.of(["newsletter:weekly"])
EMAIL = "ada@example.com"
ADA = subscriber(5, EMAIL, status=Status.PENDING)
NOW = clock.now()


class World:
    """A newsletter with somebody who is pending, and what is needed to ask them."""

    def __init__(self, *answers: bool | BaseException) -> None:
        self.people, self.gone = InMemorySubscribers(), InMemorySuppressions()
        self.askings, self.slots, self.inviter = InMemoryAskings(), InMemorySlots(), RecordingInviter(*answers)
        self.people.open_newsletter(WORKSPACE, "weekly", "news@example.com", "The Weekly")
        self.people.add(ADA)

    def ask(self, asked: int = NOW) -> Outcome:
        inviting = Inviting(self.people, self.gone, self.askings, self.slots, self.inviter)
        return inviting.invite(Asking(WORKSPACE, "weekly", 5, asked))


def test_who_is_pending_is_mailed_once_for_one_asking() -> None:
    world = World()
    assert [world.ask().fate, world.ask().fate, world.ask(NOW - 1).fate] == [Fate.MAILED, Fate.REPEATED, Fate.REPEATED]
    assert world.inviter.calls == [(EMAIL, NOW)]


def test_asking_again_within_the_minute_mails_nobody_and_takes_no_slot() -> None:
    world = World()
    assert [world.ask().fate, world.ask(NOW + 1).fate] == [Fate.MAILED, Fate.LIMITED]
    assert (len(world.inviter.calls), len(world.slots.taken)) == (1, 1)


def test_after_a_minute_one_may_ask_again_three_times_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    world, fates = World(), []
    for minutes in range(5):
        monkeypatch.setattr(clock, "now", lambda at=NOW + 60_000 * minutes: at)
        fates.append(world.ask(NOW + minutes).fate)
    assert fates == [Fate.MAILED] * 3 + [Fate.LIMITED] * 2


@pytest.mark.parametrize("status", [Status.ACTIVE, None])
def test_who_is_pending_no_more_is_not_mailed(status: Status | None) -> None:
    world = World()
    if status:
        world.people.change(ADA, replace(ADA, status=status))
    else:
        world.people = InMemorySubscribers()
    assert world.ask().fate is Fate.LAPSED
    assert world.inviter.calls == []


def test_nobody_is_mailed_a_day_after_the_asking() -> None:
    world = World()
    assert world.ask(NOW - DAY - 1).fate is Fate.LAPSED


def test_without_a_sender_nobody_is_mailed() -> None:
    world = World()
    world.people = InMemorySubscribers()
    world.people.add(ADA)
    assert world.ask().fate is Fate.NO_SENDER


def test_an_address_that_the_provider_cannot_carry_is_not_tried() -> None:
    world = World()
    world.people.change(ADA, replace(ADA, address=Address.parse("jörg@example.com")))
    assert world.ask().fate is Fate.REFUSED
    assert world.inviter.calls == []


@pytest.mark.parametrize("reason", [Reason.BOUNCED, Reason.COMPLAINED, Reason.UNSUBSCRIBED, Reason.SOFT_BOUNCED])
def test_whom_a_yes_would_not_bring_back_is_not_asked(reason: Reason) -> None:
    world = World()
    stop(world.gone, EMAIL, EVERYTHING, reason)
    assert world.ask().fate is Fate.LEFT
    assert world.inviter.calls == []


@pytest.mark.parametrize("reason", [Reason.BOUNCED, Reason.COMPLAINED])
def test_a_bounce_or_complaint_about_this_newsletter_alone_keeps_the_mail_back_too(reason: Reason) -> None:
    world = World()
    stop(world.gone, EMAIL, WEEKLY, reason)
    assert world.ask().fate is Fate.LEFT


@pytest.mark.parametrize("scope", [WEEKLY, Scope.of(["newsletter:monthly"])], ids=str)
def test_who_left_this_newsletter_or_another_may_be_asked(scope: Scope) -> None:
    world = World()
    stop(world.gone, EMAIL, scope)
    assert world.ask().fate is Fate.MAILED


def test_an_opt_out_is_seen_that_was_acknowledged_before_the_claim() -> None:
    world = World()
    world.slots = InMemorySlots(before=lambda: stop(world.gone, EMAIL))
    assert world.ask().fate is Fate.LEFT


def test_a_lost_answer_is_never_followed_by_a_second_attempt() -> None:
    world = World(InDoubt())
    assert [world.ask().fate, world.ask().fate] == [Fate.IN_DOUBT, Fate.REPEATED]
    assert len(world.inviter.calls) == 1


def test_an_address_that_the_provider_refuses_is_not_tried_again() -> None:
    world = World(False)
    assert [world.ask(), world.ask()] == [Outcome(Fate.REFUSED), Outcome(Fate.REPEATED)]


REFUSALS = [
    (NotSent("TooManyRequestsException"), 30),
    (NotSent("ConnectTimeoutError"), 30),
    (NotSent(NO_SLOT, wait=77.0), 77),
    (NotSent(QUOTA_SPENT), 900),
    (NotSent("SendingPausedException"), 900),
]


@pytest.mark.parametrize(("refusal", "ring_in"), REFUSALS, ids=lambda value: str(value))
def test_a_refusal_gives_the_claim_back_and_rings_later(refusal: NotSent, ring_in: float) -> None:
    world = World(refusal)
    assert world.ask() == Outcome(Fate.LATER, ring_in)
    assert world.ask() == Outcome(Fate.MAILED)
    assert world.ask().fate is Fate.REPEATED


def test_a_throttle_slows_everybody_down() -> None:
    world = World(NotSent("TooManyRequestsException"))
    world.ask()
    assert world.slots.slowed == 1


def test_where_no_slot_is_free_nothing_is_claimed() -> None:
    world = World()
    world.slots.refusal = NotSent(NO_SLOT, wait=1.0)
    assert world.ask() == Outcome(Fate.LATER, 30)
    assert world.askings.get(WORKSPACE, "weekly", ADA.address).asked == 0


def test_the_turn_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    world = World()
    world.slots = InMemorySlots(wait=2.5)
    world.ask()
    assert slept == [2.5]


def test_a_sender_that_is_not_verified_is_for_a_person_and_gives_the_claim_back() -> None:
    world = World(NotSent("MessageRejected", "Email address is not verified."))
    with pytest.raises(NotSent):
        world.ask()
    assert world.ask().fate is Fate.MAILED


def test_a_list_that_does_not_answer_gives_the_claim_back() -> None:
    class Down(InMemorySuppressions):
        def state(self, workspace: str, address: Address) -> AddressState:
            raise Unavailable

    world = World()
    answering, world.gone = world.gone, Down()
    with pytest.raises(Unavailable):
        world.ask()
    world.gone = answering
    assert world.ask().fate is Fate.MAILED


class Rival(InMemoryAskings):
    """Another worker is faster by one step."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self._meanwhile = [meanwhile]

    def put(self, *args: object) -> None:
        if self._meanwhile:
            self._meanwhile.pop()()
        super().put(*args)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "fate"),
    [(NOW, Fate.REPEATED), (NOW - 1, Fate.LIMITED), (NOW + 1, Fate.REPEATED)],
    ids=["the same asking", "an earlier one", "a later one"],
)
def test_of_two_who_claim_at_once_one_mails(asked: int, fate: Fate) -> None:
    world = World()
    world.askings = Rival(lambda: world.ask(asked))
    assert world.ask().fate is fate
    assert world.inviter.calls == [(EMAIL, asked)]
