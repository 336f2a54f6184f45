"""Lifting: one record goes out of force, nothing else, and never a protected one."""

import pytest

from optout import backoff
from optout.errors import NotFound, Protected
from optout.scope import EVERYTHING, Scope
from optout.suppressions.check import check
from optout.suppressions.lift import lift
from optout.suppressions.suppression import Action, AddressState, Change, Reason
from tests.support.fakes import InMemorySuppressions
from tests.support.samples import ORIGIN, WORKSPACE, address, stop

MARKETING = Scope.of(["marketing"])


@pytest.fixture
def store() -> InMemorySuppressions:
    return InMemorySuppressions()


def test_lifting_takes_out_that_scope_and_no_other(store: InMemorySuppressions) -> None:
    everything, marketing = stop(store).record, stop(store, scope=MARKETING).record
    lift(store, WORKSPACE, everything.number, ORIGIN)
    assert store.get(WORKSPACE, everything.number) is None
    assert list(store.state(WORKSPACE, address()).in_force) == [MARKETING]
    assert store.for_email(WORKSPACE, address()) == [marketing]
    assert check(store, WORKSPACE, address(), MARKETING)
    assert not check(store, WORKSPACE, address(), Scope.of(["other"]))


def test_lifting_is_in_the_history(store: InMemorySuppressions) -> None:
    lifted = lift(store, WORKSPACE, stop(store).record.number, ORIGIN)
    last = store.history(WORKSPACE, address())[-1]
    assert (last.action, last.version, last.record) == (Action.LIFTED, 2, lifted)
    assert lifted.revision == 1


@pytest.mark.parametrize("reason", [Reason.BOUNCED, Reason.COMPLAINED])
def test_a_protected_reason_is_never_lifted(store: InMemorySuppressions, reason: Reason) -> None:
    record = stop(store, reason=reason).record
    with pytest.raises(Protected):
        lift(store, WORKSPACE, record.number, ORIGIN)
    assert store.get(WORKSPACE, record.number) == record


def test_an_override_lifts_even_a_protected_reason(store: InMemorySuppressions) -> None:
    lift(store, WORKSPACE, stop(store, reason=Reason.COMPLAINED).record.number, ORIGIN, override=True)
    assert check(store, WORKSPACE, address()) is None


def test_lifting_twice_finds_nothing(store: InMemorySuppressions) -> None:
    record = stop(store).record
    lift(store, WORKSPACE, record.number, ORIGIN)
    with pytest.raises(NotFound):
        lift(store, WORKSPACE, record.number, ORIGIN)


@pytest.mark.parametrize("workspace", ["rival", ""])
def test_nobody_lifts_in_another_workspace(store: InMemorySuppressions, workspace: str) -> None:
    record = stop(store).record
    with pytest.raises(NotFound):
        lift(store, workspace, record.number, ORIGIN)
    assert store.get(WORKSPACE, record.number) == record


def test_after_lifting_a_new_opt_out_is_a_new_record(store: InMemorySuppressions) -> None:
    first = stop(store).record
    lift(store, WORKSPACE, first.number, ORIGIN)
    again = stop(store)
    assert again.action is Action.SUPPRESSED
    assert again.record.number != first.number
    assert [change.version for change in store.history(WORKSPACE, address())] == [1, 2, 3]


class _Meanwhile(InMemorySuppressions):
    """A store in which something happens just before the next write."""

    then: Reason | None = None

    def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
        if self.then:
            reason, self.then = self.then, None
            stop(self, reason=reason, repeat=True)
        super().commit(before, after, change)


def test_a_complaint_that_comes_in_between_is_not_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "PAUSE", 0)
    store = _Meanwhile()
    record = stop(store).record
    store.then = Reason.COMPLAINED
    with pytest.raises(Protected):
        lift(store, WORKSPACE, record.number, ORIGIN)
    assert store.state(WORKSPACE, address()).in_force[EVERYTHING].reason is Reason.COMPLAINED


def test_a_repeat_that_comes_in_between_is_lifted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "PAUSE", 0)
    store = _Meanwhile()
    record = stop(store).record
    store.then = Reason.UNSUBSCRIBED
    assert lift(store, WORKSPACE, record.number, ORIGIN).revision == 2
    assert store.get(WORKSPACE, record.number) is None
