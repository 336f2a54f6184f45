"""Confirming a subscription: its effect, its limits, and concurrent changes."""

from dataclasses import replace

import pytest

from optout import backoff, clock
from optout.confirmations.confirm import GOOD_FOR, Answer, confirm
from optout.confirmations.request import DAY
from optout.errors import Conflict, Unavailable
from optout.messages.link_token import ConfirmationLink
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.subscribers.subscriber import Confirmation, Status, Subscriber
from optout.subscribers.unsubscribe import unsubscribe
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import Change
from tests.support.fakes import InMemorySubscribers, InMemorySuppressions
from tests.support.interrupted import Subscribers
from tests.support.samples import ORIGIN, WORKSPACE, address, stop, subscriber

WEEKLY = Scope.of(["newsletter:weekly"])
ADA = subscriber(5, "ada@example.com", status=Status.PENDING)
ACTIVE = replace(ADA, status=Status.ACTIVE)
ASKED = clock.now() + DAY  # after everything that a test does before the click
CLICK = Origin("link", "confirmation", "Firefox", "203.0.113.9")


def hashed(text: str) -> str:
    return text.encode().hex().ljust(32, "0")[:32]


def invitation(requested_at: int = ASKED, email: str = "ada@example.com", of: int = 5) -> ConfirmationLink:
    return ConfirmationLink(WORKSPACE, "weekly", of, requested_at, hashed(email)[:16])


class Suppressions(InMemorySuppressions):
    """A list whose next ``failures`` changes fail."""

    failures = 0

    def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
        if self.failures:
            self.failures -= 1
            raise Unavailable
        super().commit(before, after, change)


@pytest.fixture
def people() -> Subscribers:
    return Subscribers(ADA)


@pytest.fixture
def gone() -> Suppressions:
    return Suppressions()


def click(people: InMemorySubscribers, gone: InMemorySuppressions, said: ConfirmationLink | None = None) -> Answer:
    return confirm(people, gone, said or invitation(), hashed, CLICK).answer


def in_force(gone: InMemorySuppressions) -> set[Scope]:
    return set(gone.state(WORKSPACE, ADA.address).in_force)


def test_a_yes_makes_active_and_is_written_down_once(people: Subscribers, gone: Suppressions) -> None:
    assert [click(people, gone), click(people, gone)] == [Answer.CONFIRMED, Answer.CONFIRMED]
    assert people.get(WORKSPACE, "weekly", 5) == ACTIVE
    (yes,) = people.confirmations(WORKSPACE, "weekly", 5)
    assert (yes.address, yes.requested_at, yes.origin.user_agent) == (ADA.address, ASKED, "Firefox")
    assert "203" not in yes.origin.ip


def test_who_is_asked_anew_has_every_yes_written_down(people: Subscribers, gone: Suppressions) -> None:
    click(people, gone)
    people.change(ACTIVE, ADA)
    click(people, gone, invitation(ASKED + 1))
    assert [yes.requested_at for yes in people.confirmations(WORKSPACE, "weekly", 5)] == [ASKED + 1, ASKED]


def test_a_yes_lifts_what_was_given_up_before_the_asking(people: Subscribers, gone: Suppressions) -> None:
    unsubscribe(people, gone, ADA, ADA.scope, Reason.UNSUBSCRIBED, ORIGIN)
    stop(gone, scope=Scope.of(["newsletter:monthly"]))
    assert click(people, gone) is Answer.CONFIRMED
    assert in_force(gone) == {Scope.of(["newsletter:monthly"])}


@pytest.mark.parametrize("status", [Status.PENDING, Status.ACTIVE])
def test_who_left_after_the_asking_stays_away(status: Status, gone: Suppressions) -> None:
    people = Subscribers(replace(ADA, status=status))
    unsubscribe(people, gone, ADA, ADA.scope, Reason.UNSUBSCRIBED, ORIGIN)
    assert click(people, gone, invitation(clock.now() - 1_000)) is Answer.LAPSED
    assert in_force(gone) == {WEEKLY}
    assert people.confirmations(WORKSPACE, "weekly", 5) == []


def test_the_last_word_counts_a_second_opt_out_voids_an_older_link(
    people: Subscribers, gone: Suppressions, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsubscribe(people, gone, ADA, ADA.scope, Reason.UNSUBSCRIBED, ORIGIN)
    monkeypatch.setattr(clock, "now", lambda: ASKED + 1_000)
    unsubscribe(people, gone, ADA, ADA.scope, Reason.UNSUBSCRIBED, ORIGIN)
    assert click(people, gone) is Answer.LAPSED
    assert in_force(gone) == {WEEKLY}
    assert people.get(WORKSPACE, "weekly", 5) == ADA
    assert people.confirmations(WORKSPACE, "weekly", 5) == []


STAYS = [(EVERYTHING, Reason.UNSUBSCRIBED), (EVERYTHING, Reason.SOFT_BOUNCED), (EVERYTHING, Reason.BOUNCED),
         (WEEKLY, Reason.COMPLAINED), (Scope.of(["newsletter:weekly", "other"]), Reason.MANUAL)]  # fmt: skip


@pytest.mark.parametrize(("scope", "reason"), STAYS, ids=["all", "soft bounce", "bounce", "complaint", "wider"])
def test_what_else_stops_the_mail_is_left_and_nothing_is_changed(
    scope: Scope, reason: Reason, people: Subscribers, gone: Suppressions
) -> None:
    stop(gone, scope=scope, reason=reason)
    before = gone.state(WORKSPACE, ADA.address)
    assert click(people, gone) is Answer.SUPPRESSED
    assert gone.state(WORKSPACE, ADA.address) == before
    assert people.get(WORKSPACE, "weekly", 5) == ADA
    assert people.confirmations(WORKSPACE, "weekly", 5) == []


def test_the_rules_that_a_yes_cannot_lift_are_told_and_no_others(people: Subscribers, gone: Suppressions) -> None:
    for scope, reason in [
        (EVERYTHING, Reason.BOUNCED),
        (WEEKLY, Reason.UNSUBSCRIBED),
        (WEEKLY, Reason.COMPLAINED),
        (Scope.of(["newsletter:monthly"]), Reason.MANUAL),
    ]:
        stop(gone, scope=scope, reason=reason)
    rules = confirm(people, gone, invitation(), hashed, CLICK).rules
    assert [(rule.scope, set(rule.entry.reasons)) for rule in rules] == [
        (WEEKLY, {Reason.COMPLAINED}),
        (EVERYTHING, {Reason.BOUNCED}),
    ]


@pytest.mark.parametrize(
    "said",
    [
        invitation(clock.now() - GOOD_FOR),
        invitation(email="new@example.com"),
        invitation(of=6),
        replace(invitation(), newsletter="monthly"),
        replace(invitation(), workspace="rival"),
    ],
    ids=["a month old", "another address", "nobody", "another newsletter", "another workspace"],
)
def test_a_link_that_has_lapsed_changes_nothing(
    said: ConfirmationLink, people: Subscribers, gone: Suppressions
) -> None:
    assert click(people, gone, said) is Answer.LAPSED
    assert people.get(WORKSPACE, "weekly", 5) == ADA


def test_a_change_of_address_at_the_very_moment_wins(people: Subscribers, gone: Suppressions) -> None:
    moved = replace(ADA, address=address("new@example.com"))
    people.meanwhile.append(lambda: people.change(ADA, moved))
    assert click(people, gone) is Answer.LAPSED
    assert people.get(WORKSPACE, "weekly", 5) == moved
    assert people.confirmations(WORKSPACE, "weekly", 5) == []


def test_another_name_at_the_very_moment_is_kept(people: Subscribers, gone: Suppressions) -> None:
    people.meanwhile.append(lambda: people.change(ADA, replace(ADA, name="Ada King")))
    assert click(people, gone) is Answer.CONFIRMED
    assert people.get(WORKSPACE, "weekly", 5) == replace(ACTIVE, name="Ada King")


def test_leaving_everything_at_the_very_moment_wins(people: Subscribers, gone: Suppressions) -> None:
    people.meanwhile.append(lambda: stop(gone))
    assert click(people, gone) is Answer.CONFIRMED
    assert in_force(gone) == {EVERYTHING}


def test_a_click_that_fails_on_its_way_is_finished_by_the_next(people: Subscribers, gone: Suppressions) -> None:
    unsubscribe(people, gone, ADA, ADA.scope, Reason.UNSUBSCRIBED, ORIGIN)
    gone.failures = 1
    with pytest.raises(Unavailable):
        click(people, gone)
    assert in_force(gone) == {WEEKLY}
    assert click(people, gone) is Answer.CONFIRMED
    assert in_force(gone) == set()
    assert len(people.confirmations(WORKSPACE, "weekly", 5)) == 1


def test_an_opt_out_in_the_millisecond_of_the_request_wins(people: Subscribers, gone: Suppressions) -> None:
    left = unsubscribe(people, gone, ADA, ADA.scope, Reason.UNSUBSCRIBED, ORIGIN)
    assert click(people, gone, invitation(left.suppressed.record.created)) is Answer.LAPSED
    assert in_force(gone) == {WEEKLY}


def test_a_confirmation_that_cannot_be_stored_is_not_reported_as_confirmed(
    gone: Suppressions, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Contended(Subscribers):
        """A store where every change loses."""

        def change(self, before: Subscriber, after: Subscriber, confirmation: Confirmation | None = None) -> None:
            raise Conflict

    monkeypatch.setattr(backoff, "PAUSE", 0.0)
    with pytest.raises(Unavailable):
        click(Contended(ADA), gone)
