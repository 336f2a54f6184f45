"""Sending confirmation emails: one attempt per request, and none if a confirmation would have no effect."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from optout import clock
from optout.address import Address
from optout.confirmations.request import DAY, ConfirmationRequest, RequestLog
from optout.confirmations.send import ConfirmationMailer, ConfirmationStatus, Outcome
from optout.errors import InDoubt, NotSent, Unavailable
from optout.provider.refusal import NO_SLOT, QUOTA_SPENT
from optout.scope import EVERYTHING, Scope
from optout.subscribers.subscriber import Status
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState
from tests.support.fakes import (
    InMemoryConfirmationRequests,
    InMemorySendLimiter,
    InMemorySubscribers,
    InMemorySuppressions,
    RecordingConfirmationSender,
)
from tests.support.samples import WORKSPACE, stop, subscriber

WEEKLY = Scope.of(["newsletter:weekly"])
EMAIL = "ada@example.com"
ADA = subscriber(5, EMAIL, status=Status.PENDING)
NOW = clock.now()


class World:
    """A newsletter with a pending subscriber, and the ports to send a confirmation email."""

    def __init__(self, *answers: bool | BaseException) -> None:
        self.people, self.gone = InMemorySubscribers(), InMemorySuppressions()
        self.confirmation_requests, self.send_limiter, self.confirmation_sender = (
            InMemoryConfirmationRequests(),
            InMemorySendLimiter(),
            RecordingConfirmationSender(*answers),
        )
        self.people.open_newsletter(WORKSPACE, "weekly", "news@example.com", "The Weekly")
        self.people.add(ADA)

    def ask(self, requested_at: int = NOW) -> Outcome:
        confirmation_mailer = ConfirmationMailer(
            self.people, self.gone, self.confirmation_requests, self.send_limiter, self.confirmation_sender
        )
        return confirmation_mailer.send(ConfirmationRequest(WORKSPACE, "weekly", 5, requested_at))


def test_who_is_pending_is_mailed_once_for_one_asking() -> None:
    world = World()
    assert [world.ask().status, world.ask().status, world.ask(NOW - 1).status] == [
        ConfirmationStatus.SENT,
        ConfirmationStatus.REPEATED,
        ConfirmationStatus.REPEATED,
    ]
    assert world.confirmation_sender.calls == [(EMAIL, NOW)]


def test_asking_again_within_the_minute_mails_nobody_and_takes_no_slot() -> None:
    world = World()
    assert [world.ask().status, world.ask(NOW + 1).status] == [ConfirmationStatus.SENT, ConfirmationStatus.LIMITED]
    assert (len(world.confirmation_sender.calls), len(world.send_limiter.leased)) == (1, 1)


def test_after_a_minute_one_may_ask_again_three_times_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    world, statuses = World(), []
    for minutes in range(5):
        monkeypatch.setattr(clock, "now", lambda at=NOW + 60_000 * minutes: at)
        statuses.append(world.ask(NOW + minutes).status)
    assert statuses == [ConfirmationStatus.SENT] * 3 + [ConfirmationStatus.LIMITED] * 2


def test_who_is_pending_no_more_is_not_mailed() -> None:
    world = World()
    world.people.change(ADA, replace(ADA, status=Status.ACTIVE))
    assert world.ask().status is ConfirmationStatus.LAPSED
    assert world.confirmation_sender.calls == []


def test_a_request_waits_a_minute_for_its_subscriber_to_be_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    world, found = World(), []
    there, world.people = world.people, InMemorySubscribers()
    for seconds in (-1, 0, 1, 3, 59.999, 60):
        monkeypatch.setattr(clock, "now", lambda at=NOW + int(seconds * 1000): at)
        found.append(world.ask())
    later = [Outcome(ConfirmationStatus.LATER, retry_in) for retry_in in (1, 1, 1, 3, 59.999)]
    assert found == [*later, Outcome(ConfirmationStatus.LAPSED)]
    world.people = there
    assert world.ask().status is ConfirmationStatus.SENT


def test_nobody_is_mailed_a_day_after_the_asking() -> None:
    world = World()
    assert world.ask(NOW - DAY - 1).status is ConfirmationStatus.LAPSED


def test_without_a_sender_nobody_is_mailed() -> None:
    world = World()
    world.people = InMemorySubscribers()
    world.people.add(ADA)
    assert world.ask().status is ConfirmationStatus.NO_SENDER


def test_an_address_that_the_provider_cannot_carry_is_not_tried() -> None:
    world = World()
    world.people.change(ADA, replace(ADA, address=Address.parse("jörg@example.com")))
    assert world.ask().status is ConfirmationStatus.REFUSED
    assert world.confirmation_sender.calls == []


@pytest.mark.parametrize("reason", [Reason.BOUNCED, Reason.COMPLAINED, Reason.UNSUBSCRIBED, Reason.SOFT_BOUNCED])
def test_whom_a_yes_would_not_bring_back_is_not_asked(reason: Reason) -> None:
    world = World()
    stop(world.gone, EMAIL, EVERYTHING, reason)
    assert world.ask().status is ConfirmationStatus.SUPPRESSED
    assert world.confirmation_sender.calls == []


@pytest.mark.parametrize("reason", [Reason.BOUNCED, Reason.COMPLAINED])
def test_a_bounce_or_complaint_about_this_newsletter_alone_keeps_the_mail_back_too(reason: Reason) -> None:
    world = World()
    stop(world.gone, EMAIL, WEEKLY, reason)
    assert world.ask().status is ConfirmationStatus.SUPPRESSED


@pytest.mark.parametrize("scope", [WEEKLY, Scope.of(["newsletter:monthly"])], ids=str)
def test_who_left_this_newsletter_or_another_may_be_asked(scope: Scope) -> None:
    world = World()
    stop(world.gone, EMAIL, scope)
    assert world.ask().status is ConfirmationStatus.SENT


def test_an_opt_out_is_seen_that_was_acknowledged_before_the_claim() -> None:
    world = World()
    world.send_limiter = InMemorySendLimiter(before=lambda: stop(world.gone, EMAIL))
    assert world.ask().status is ConfirmationStatus.SUPPRESSED


def test_a_lost_answer_is_never_followed_by_a_second_attempt() -> None:
    world = World(InDoubt())
    assert [world.ask().status, world.ask().status] == [ConfirmationStatus.IN_DOUBT, ConfirmationStatus.REPEATED]
    assert len(world.confirmation_sender.calls) == 1


def test_an_address_that_the_provider_refuses_is_not_tried_again() -> None:
    world = World(False)
    assert [world.ask(), world.ask()] == [Outcome(ConfirmationStatus.REFUSED), Outcome(ConfirmationStatus.REPEATED)]


REFUSALS = [
    (NotSent("TooManyRequestsException"), 30),
    (NotSent("ConnectTimeoutError"), 30),
    (NotSent(NO_SLOT, wait=77.0), 77),
    (NotSent(QUOTA_SPENT), 900),
    (NotSent("SendingPausedException"), 900),
]


@pytest.mark.parametrize(("refusal", "retry_in"), REFUSALS, ids=lambda value: str(value))
def test_a_refusal_gives_the_claim_back_and_rings_later(refusal: NotSent, retry_in: float) -> None:
    world = World(refusal)
    assert world.ask() == Outcome(ConfirmationStatus.LATER, retry_in)
    assert world.ask() == Outcome(ConfirmationStatus.SENT)
    assert world.ask().status is ConfirmationStatus.REPEATED


def test_a_throttle_slows_everybody_down() -> None:
    world = World(NotSent("TooManyRequestsException"))
    world.ask()
    assert world.send_limiter.slowed == 1


def test_where_no_slot_is_free_nothing_is_claimed() -> None:
    world = World()
    world.send_limiter.refusal = NotSent(NO_SLOT, wait=1.0)
    assert world.ask() == Outcome(ConfirmationStatus.LATER, 30)
    assert world.confirmation_requests.get(WORKSPACE, "weekly", ADA.address).requested_at == 0


def test_the_turn_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    world = World()
    world.send_limiter = InMemorySendLimiter(wait=2.5)
    world.ask()
    assert slept == [2.5]


def test_a_sender_that_is_not_verified_is_for_a_person_and_gives_the_claim_back() -> None:
    world = World(NotSent("MessageRejected", "Email address is not verified."))
    with pytest.raises(NotSent):
        world.ask()
    assert world.ask().status is ConfirmationStatus.SENT


def test_a_list_that_does_not_answer_gives_the_claim_back() -> None:
    class Down(InMemorySuppressions):
        def state(self, workspace: str, address: Address) -> AddressState:
            raise Unavailable

    world = World()
    answering, world.gone = world.gone, Down()
    with pytest.raises(Unavailable):
        world.ask()
    world.gone = answering
    assert world.ask().status is ConfirmationStatus.SENT


class Rival(InMemoryConfirmationRequests):
    """Another worker is faster by one step."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self._meanwhile = [meanwhile]

    def put(self, *args: object) -> None:
        if self._meanwhile:
            self._meanwhile.pop()()
        super().put(*args)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("requested_at", "status"),
    [(NOW, ConfirmationStatus.REPEATED), (NOW - 1, ConfirmationStatus.LIMITED), (NOW + 1, ConfirmationStatus.REPEATED)],
    ids=["the same asking", "an earlier one", "a later one"],
)
def test_of_two_who_claim_at_once_one_mails(requested_at: int, status: ConfirmationStatus) -> None:
    world = World()
    world.confirmation_requests = Rival(lambda: world.ask(requested_at))
    assert world.ask().status is status
    assert world.confirmation_sender.calls == [(EMAIL, requested_at)]


@pytest.mark.parametrize(
    ("days_asked", "days_left", "accepted"),
    [
        (None, 1, True),  # never asked
        (40, 41, False),  # asked since this opt-out
        (20, 1, False),  # asked within 30 days
        (31, 1, True),  # asked before this opt-out, and long ago
        (2, None, True),  # did not leave
    ],
)
def test_who_left_is_asked_once_per_opt_out_and_30_days(
    days_asked: int | None, days_left: int | None, accepted: bool
) -> None:
    asked, left = (NOW - days * DAY if days else 0 for days in (days_asked, days_left))
    log = RequestLog(asked, (asked,) if asked else ())
    assert isinstance(log.add_request(NOW, NOW, left), RequestLog) is accepted
