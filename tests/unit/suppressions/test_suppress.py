"""Suppressing: twice is once, a reason only grows stronger, and every step is in the history."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout import backoff, number
from optout.errors import Conflict, Unavailable, Unprocessable
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.suppressions.reason import Reason, Speaker
from optout.suppressions.state import AddressState
from optout.suppressions.suppress import MOST_SCOPES, suppress
from optout.suppressions.suppression import Action, Change, Suppression
from tests.support.fakes import InMemorySuppressions
from tests.support.samples import ORIGIN, WORKSPACE, address, stop

MARKETING = Scope.of(["marketing"])
STRENGTH = [
    {Reason.COMPLAINED},
    {Reason.BOUNCED},
    {Reason.UNSUBSCRIBED, Reason.ONE_CLICK, Reason.MANUAL, Reason.IMPORTED, Reason.PROVIDER_OPT_OUT},
    {Reason.PROVIDER},
    {Reason.SOFT_BOUNCED},
]


@pytest.fixture
def store() -> InMemorySuppressions:
    return InMemorySuppressions()


def actions(store: InMemorySuppressions, email: str = "ada@example.com") -> list[Action]:
    return [change.action for change in store.history(WORKSPACE, address(email))]


def test_every_reason_has_its_place_among_the_strengths() -> None:
    assert set(Reason) == set().union(*STRENGTH)
    ranks = [{reason.strength for reason in level} for level in STRENGTH]
    assert all(len(rank) == 1 for rank in ranks)
    flat = [rank.pop() for rank in ranks]
    assert flat == sorted(flat, reverse=True)
    assert len(set(flat)) == len(flat)


def test_every_reason_belongs_to_the_person_the_provider_or_an_operator() -> None:
    by_speaker = {speaker: {reason for reason in Reason if reason.speaker is speaker} for speaker in Speaker}
    assert by_speaker == {
        Speaker.PERSON: {Reason.ONE_CLICK, Reason.COMPLAINED, Reason.PROVIDER_OPT_OUT},
        Speaker.PROVIDER: {Reason.BOUNCED, Reason.PROVIDER, Reason.SOFT_BOUNCED},
        Speaker.OPERATOR: {Reason.UNSUBSCRIBED, Reason.MANUAL, Reason.IMPORTED},
    }


def test_suppressing_is_in_force_and_in_the_history(store: InMemorySuppressions) -> None:
    done = stop(store, why="asked by phone")
    assert done.action is Action.SUPPRESSED
    assert done.record.why == "asked by phone"
    assert store.get(WORKSPACE, done.record.number) == done.record
    assert store.state(WORKSPACE, address()).in_force[EVERYTHING].number == done.record.number
    (change,) = store.history(WORKSPACE, address())
    assert (change.action, change.version, change.origin, change.record) == (Action.SUPPRESSED, 1, ORIGIN, done.record)


def test_twice_is_once(store: InMemorySuppressions) -> None:
    first = stop(store)
    assert stop(store).record == first.record
    assert stop(store, "ADA@Example.com").action is None
    assert actions(store) == [Action.SUPPRESSED]


def test_a_repeat_that_asks_to_be_counted_keeps_the_record(store: InMemorySuppressions) -> None:
    first = stop(store).record
    again = stop(store, repeat=True)
    assert again.action is Action.REPEATED
    assert (again.record.number, again.record.created, again.record.revision) == (first.number, first.created, 1)
    assert actions(store) == [Action.SUPPRESSED, Action.REPEATED]


def test_scopes_of_one_address_are_records_of_their_own(store: InMemorySuppressions) -> None:
    numbers = {stop(store).record.number, stop(store, scope=MARKETING).record.number}
    assert {entry.number for entry in store.state(WORKSPACE, address()).in_force.values()} == numbers
    assert len(numbers) == 2


@pytest.mark.parametrize("stronger", range(len(STRENGTH) - 1))
def test_a_stronger_reason_wins_and_keeps_the_record(store: InMemorySuppressions, stronger: int) -> None:
    weak, strong = min(STRENGTH[stronger + 1]), min(STRENGTH[stronger])
    first = stop(store, reason=weak, why="weak").record
    done = stop(store, reason=strong)
    assert done.action is Action.STRENGTHENED
    assert (done.record.number, done.record.reason, done.record.why) == (first.number, strong, "")
    assert [(cause.reason, cause.why) for cause in done.record.causes] == [(strong, ""), (weak, "weak")]
    assert store.state(WORKSPACE, address()).in_force[EVERYTHING].reason is strong
    assert store.get(WORKSPACE, first.number) == done.record


@pytest.mark.parametrize("weak", [reason for level in STRENGTH[1:] for reason in sorted(level)])
def test_a_weaker_reason_is_kept_beside_the_stronger_one_with_a_history_row(
    store: InMemorySuppressions, weak: Reason
) -> None:
    first = stop(store, reason=Reason.COMPLAINED, why="spam").record
    done = stop(store, reason=weak, why="not me")
    assert (done.action, done.record.number, done.record.reason) == (Action.ADDED, first.number, Reason.COMPLAINED)
    assert [(cause.reason, cause.why) for cause in done.record.causes] == [
        (Reason.COMPLAINED, "spam"),
        (weak, "not me"),
    ]
    last = list(store.history(WORKSPACE, address()))[-1]
    assert (last.action, last.reasons) == (Action.ADDED, (weak,))


def test_of_equally_strong_reasons_the_older_one_decides_and_both_are_kept(store: InMemorySuppressions) -> None:
    stop(store, reason=Reason.UNSUBSCRIBED)
    record = stop(store, reason=Reason.IMPORTED).record
    assert record.reasons == {Reason.UNSUBSCRIBED, Reason.IMPORTED}
    assert record.reason is min(record.causes, key=lambda cause: (cause.since, cause.reason)).reason


def test_a_reason_stated_again_keeps_its_date_and_text_and_moves_its_last_time(store: InMemorySuppressions) -> None:
    first = stop(store, why="first").record.causes[0]
    (again,) = stop(store, why="again", repeat=True).record.causes
    assert (again.since, again.why) == (first.since, "first")
    assert again.last >= first.last
    assert store.state(WORKSPACE, address()).in_force[EVERYTHING].last_stated([again.reason]) == again.last


def test_a_reason_has_the_origin_of_who_gave_it(store: InMemorySuppressions) -> None:
    stop(store)
    done = suppress(store, WORKSPACE, address(), EVERYTHING, Reason.BOUNCED, Origin("feedback", "77"))
    assert {cause.reason: (cause.via, cause.actor) for cause in done.record.causes} == {
        Reason.UNSUBSCRIBED: (ORIGIN.via, ORIGIN.actor),
        Reason.BOUNCED: ("feedback", "77"),
    }


def crowded(store: InMemorySuppressions) -> None:
    for topic in range(MOST_SCOPES):
        stop(store, scope=Scope.of([f"topic-{topic}"]))


def test_an_operator_cannot_add_scopes_without_end(store: InMemorySuppressions) -> None:
    crowded(store)
    with pytest.raises(Unprocessable):
        stop(store, scope=MARKETING)
    assert len(store.state(WORKSPACE, address()).in_force) == MOST_SCOPES


def test_the_names_of_an_address_s_scopes_are_bounded_too(store: InMemorySuppressions) -> None:
    stop(store, scope=Scope.of([f"{topic:03d}" + "€" * 300 for topic in range(100)]))
    with pytest.raises(Unprocessable):
        stop(store, scope=Scope.of([f"{topic:03d}" + "€" * 300 for topic in range(100, 120)]))


@pytest.mark.parametrize("reason", [Reason.UNSUBSCRIBED, Reason.ONE_CLICK, Reason.BOUNCED, Reason.COMPLAINED])
def test_a_reason_for_everything_always_fits(store: InMemorySuppressions, reason: Reason) -> None:
    crowded(store)
    assert stop(store, reason=reason).record.scope == EVERYTHING


def test_where_a_person_s_narrow_opt_out_does_not_fit_it_is_for_everything(store: InMemorySuppressions) -> None:
    crowded(store)
    assert stop(store, scope=MARKETING, reason=Reason.ONE_CLICK).record.scope == EVERYTHING


@given(reasons=st.lists(st.sampled_from(Reason), min_size=1, max_size=6))
def test_the_order_and_repeats_of_reasons_do_not_matter(reasons: list[Reason]) -> None:
    def strongest(order: Iterable[Reason]) -> int:
        store = InMemorySuppressions()
        for reason in order:
            stop(store, reason=reason)
        history = list(store.history(WORKSPACE, address()))
        assert [change.version for change in history] == list(range(1, len(history) + 1))
        assert history[-1].version == store.state(WORKSPACE, address()).version
        return store.state(WORKSPACE, address()).in_force[EVERYTHING].reason.strength

    assert strongest(reasons) == strongest(reversed(reasons)) == strongest(reasons * 2)
    assert strongest(reasons) == max(reason.strength for reason in reasons)


def test_workspaces_do_not_see_each_other(store: InMemorySuppressions) -> None:
    done = suppress(store, "rival", address(), EVERYTHING, Reason.MANUAL, ORIGIN)
    assert store.get(WORKSPACE, done.record.number) is None
    assert not store.for_email(WORKSPACE, address())
    assert not store.state(WORKSPACE, address()).in_force


@pytest.mark.parametrize(("show", "shown"), [(True, "192.0.2.7"), (False, "")])
def test_an_ip_address_is_shown_only_where_the_dialect_asks_for_it(
    store: InMemorySuppressions, *, show: bool, shown: str
) -> None:
    origin = Origin("link", ip="192.0.2.7", show_ip=show)
    assert suppress(store, WORKSPACE, address(), EVERYTHING, Reason.ONE_CLICK, origin).record.ip == shown


def test_a_number_that_is_taken_is_left_to_its_owner(
    store: InMemorySuppressions, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter([7, 7, 8])
    monkeypatch.setattr(number, "new", lambda at=None: next(numbers))
    assert stop(store, "ada@example.com").record.number == 7
    assert stop(store, "bob@example.com").record.number == 8


class _Rival(InMemorySuppressions):
    """A store where another request writes first, a given number of times."""

    def __init__(self, rivals: Iterable[Reason]) -> None:
        super().__init__()
        self._rivals = list(rivals)

    def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
        if self._rivals:
            rival = self._rivals.pop()
            suppress(self, WORKSPACE, before.address, EVERYTHING, rival, ORIGIN, repeat=True)
        super().commit(before, after, change)


def test_who_loses_to_a_stronger_reason_takes_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "PAUSE", 0)
    store = _Rival([Reason.COMPLAINED])
    assert stop(store, reason=Reason.MANUAL).record.reason is Reason.COMPLAINED
    assert actions(store) == [Action.SUPPRESSED, Action.ADDED]


def test_who_loses_to_a_weaker_reason_strengthens_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "PAUSE", 0)
    store = _Rival([Reason.IMPORTED])
    assert stop(store, reason=Reason.BOUNCED).action is Action.STRENGTHENED
    assert actions(store) == [Action.SUPPRESSED, Action.STRENGTHENED]


def test_who_always_loses_says_that_the_list_did_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    class _Crowded(InMemorySuppressions):
        def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
            raise Conflict

    monkeypatch.setattr(backoff, "PAUSE", 0)
    with pytest.raises(Unavailable):
        stop(_Crowded())


def test_a_silent_store_is_not_taken_for_success(store: InMemorySuppressions) -> None:
    store.down = True
    with pytest.raises(Unavailable):
        stop(store)


def test_a_record_that_is_lifted_between_the_two_reads_is_written_anew() -> None:
    class Lifted(InMemorySuppressions):
        """A list whose record is lifted just before it is read."""

        def get(self, workspace: str, record: int) -> Suppression | None:
            if not self._lifted:
                self._lifted.add((workspace, record))
                before = self.state(workspace, address())
                self._states[workspace, "ada@example.com"] = replace(before, version=before.version + 1, in_force={})
            return super().get(workspace, record)

    store = Lifted()
    first = stop(store)
    again = stop(store)
    assert again.action is Action.SUPPRESSED
    assert again.record.number > first.record.number
