"""Lifting: one record goes out of force, nothing else, and never a protected one."""

import pytest

from optout import backoff
from optout.errors import NotFound, Protected
from optout.scope import EVERYTHING, Scope
from optout.suppressions.check import check
from optout.suppressions.lift import OVERRIDE, REMOVE_OWN_OPT_OUT, lift, removable
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import Action, Change
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
    last = list(store.history(WORKSPACE, address()))[-1]
    assert (last.action, last.version, last.record) == (Action.LIFTED, 2, lifted)
    assert lifted.revision == 1


PERMISSIONS: dict[Reason, set[str]] = {
    Reason.UNSUBSCRIBED: set(),
    Reason.MANUAL: set(),
    Reason.IMPORTED: set(),
    Reason.BOUNCED: {OVERRIDE},
    Reason.PROVIDER: {OVERRIDE},
    Reason.SOFT_BOUNCED: {OVERRIDE},
    Reason.ONE_CLICK: {REMOVE_OWN_OPT_OUT},
    Reason.PROVIDER_OPT_OUT: {REMOVE_OWN_OPT_OUT},
    Reason.COMPLAINED: {OVERRIDE, REMOVE_OWN_OPT_OUT},
}


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_removed_with_the_permissions_it_takes_and_with_none_fewer(
    store: InMemorySuppressions, reason: Reason
) -> None:
    record = stop(store, reason=reason).record
    for held in ((), {OVERRIDE}, {REMOVE_OWN_OPT_OUT}):
        if not PERMISSIONS[reason] <= set(held):
            with pytest.raises(Protected):
                lift(store, WORKSPACE, record.number, ORIGIN, removable(held))
            assert store.get(WORKSPACE, record.number) == record
    lift(store, WORKSPACE, record.number, ORIGIN, removable(PERMISSIONS[reason]))
    assert check(store, WORKSPACE, address()) is None


def test_removing_takes_out_the_operators_reason_and_leaves_the_persons_in_force(store: InMemorySuppressions) -> None:
    stop(store, reason=Reason.ONE_CLICK)
    record = stop(store, reason=Reason.UNSUBSCRIBED, why="from a file").record
    with pytest.raises(Protected):
        lift(store, WORKSPACE, record.number, ORIGIN)
    left = store.get(WORKSPACE, record.number)
    assert left
    assert left.reasons == {Reason.ONE_CLICK}
    assert set(store.state(WORKSPACE, address()).in_force[EVERYTHING].reasons) == {Reason.ONE_CLICK}
    last = list(store.history(WORKSPACE, address()))[-1]
    assert (last.action, last.reasons, last.record) == (Action.REDUCED, (Reason.UNSUBSCRIBED,), left)


def test_only_what_was_last_stated_before_a_time_is_removed_when_that_is_asked(store: InMemorySuppressions) -> None:
    record = stop(store).record
    with pytest.raises(Protected):
        lift(store, WORKSPACE, record.number, ORIGIN, stated_before=record.created)
    lift(store, WORKSPACE, record.number, ORIGIN, stated_before=record.created + 1)
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
