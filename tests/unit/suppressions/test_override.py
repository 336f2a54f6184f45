"""Decisions about an email, for many addresses at once, and the override for a transactional one."""

import pytest

from optout import backoff
from optout.address import Address
from optout.errors import Protected, Unavailable
from optout.origin import Origin
from optout.scope import EVERYTHING, Mail, MessageClass, Scope
from optout.suppressions.check import decide, states_of
from optout.suppressions.lift import lift
from optout.suppressions.override import override
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import Action, Change
from tests.support.fakes import InMemorySuppressions
from tests.support.samples import ORIGIN, WORKSPACE, address, in_force, stop

ADA = address()
MARKETING = Scope.of(["marketing"])
SHOP = Scope.of((), ["shop"])
NEWS = Mail("marketing", "shop")
RECEIPT = Mail("marketing", "shop", MessageClass.TRANSACTIONAL)
SUPPORT = Origin("native", "key", "curl", "192.0.2.7")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> InMemorySuppressions:
    monkeypatch.setattr(backoff, "PAUSE", 0)
    return InMemorySuppressions()


def state(*rules: tuple[Scope, Reason, int]) -> AddressState:
    entries = {scope: in_force(since, reason, since) for scope, reason, since in rules}
    return AddressState(WORKSPACE, ADA, 1, entries)


def test_a_mail_that_nothing_stops_is_allowed() -> None:
    found = decide(state((Scope.of(["other"]), Reason.COMPLAINED, 1)), NEWS)
    assert (found.allowed, found.since, list(found.rules)) == (True, None, [])


def test_every_rule_that_stops_it_is_told_the_deciding_one_first() -> None:
    found = decide(
        state(
            (SHOP, Reason.UNSUBSCRIBED, 3),
            (MARKETING, Reason.ONE_CLICK, 2),
            (EVERYTHING, Reason.BOUNCED, 4),
            (Scope.of(["other"]), Reason.COMPLAINED, 1),
        ),
        NEWS,
    )
    assert [rule.scope for rule in found.rules] == [EVERYTHING, MARKETING, SHOP]
    assert (found.allowed, found.since) == (False, 4)


def test_what_stops_only_marketing_is_not_told_of_a_transactional_mail() -> None:
    found = decide(state((MARKETING, Reason.UNSUBSCRIBED, 1), (EVERYTHING, Reason.BOUNCED, 2)), RECEIPT)
    assert [rule.reason for rule in found.rules] == [Reason.BOUNCED]


@pytest.mark.parametrize("mail", [NEWS, RECEIPT])
def test_the_first_rule_is_the_one_that_a_send_names(mail: Mail) -> None:
    rules = [(MARKETING, Reason.BOUNCED, 2), (EVERYTHING, Reason.COMPLAINED, 2), (SHOP, Reason.COMPLAINED, 1)]
    for order in (rules, rules[::-1]):
        assert decide(state(*order), mail).rules[0] == state(*order).stopping(mail)


@pytest.mark.parametrize("count", [0, 1, 100, 101, 250])
def test_any_number_of_states_is_read_a_hundred_at_a_time(count: int, store: InMemorySuppressions) -> None:
    asked = [address(f"p{at}@example.com") for at in range(count)]
    if asked:
        stop(store, asked[-1].original)
    found = states_of(store, WORKSPACE, [*asked, *asked])
    assert list(found) == asked
    assert [one.original for one in asked if found[one].in_force] == [one.original for one in asked[-1:]]


def test_one_state_that_cannot_be_read_fails_them_all(store: InMemorySuppressions) -> None:
    store.down = True
    with pytest.raises(Unavailable):
        states_of(store, WORKSPACE, [ADA])


def current(store: InMemorySuppressions, who: Address = ADA) -> AddressState:
    return store.state(WORKSPACE, who)


@pytest.mark.parametrize("reason", [Reason.BOUNCED, Reason.COMPLAINED])
def test_an_override_is_written_down_and_changes_nothing_else(reason: Reason, store: InMemorySuppressions) -> None:
    record = stop(store, reason=reason).record
    before = current(store)
    found = override(store, before, RECEIPT, SUPPORT, "she asked by phone")
    assert found.rules[0].entry.number == record.number
    last = list(store.history(WORKSPACE, ADA))[-1]
    assert (last.action, last.version, last.record, last.note) == (Action.OVERRIDDEN, 2, record, "she asked by phone")
    assert (last.origin.via, last.origin.actor) == ("native", "key")
    after = current(store)
    assert (after.in_force, after.version) == (before.in_force, 2)
    assert store.get(WORKSPACE, record.number) == record


def test_the_next_mail_is_stopped_again(store: InMemorySuppressions) -> None:
    stop(store, reason=Reason.BOUNCED)
    override(store, current(store), RECEIPT, SUPPORT)
    assert not decide(current(store), RECEIPT).allowed


def test_what_nothing_stops_needs_no_override(store: InMemorySuppressions) -> None:
    stop(store)
    assert override(store, current(store), RECEIPT, SUPPORT).allowed
    assert [change.action for change in store.history(WORKSPACE, ADA)] == [Action.SUPPRESSED]


@pytest.mark.parametrize("reason", Reason)
def test_nobody_overrides_for_marketing(reason: Reason, store: InMemorySuppressions) -> None:
    stop(store, reason=reason)
    with pytest.raises(Protected):
        override(store, current(store), NEWS, SUPPORT)
    assert len(list(store.history(WORKSPACE, ADA))) == 1


def test_an_override_that_read_an_old_state_decides_again(store: InMemorySuppressions) -> None:
    stop(store, scope=MARKETING, reason=Reason.BOUNCED)
    old = current(store)
    stop(store, reason=Reason.COMPLAINED)
    override(store, old, RECEIPT, SUPPORT)
    last = list(store.history(WORKSPACE, ADA))[-1]
    assert (last.action, last.version, last.record.reason) == (Action.OVERRIDDEN, 3, Reason.COMPLAINED)


def test_what_was_lifted_meanwhile_needs_no_override(store: InMemorySuppressions) -> None:
    record = stop(store, reason=Reason.BOUNCED).record
    old = current(store)
    lift(store, WORKSPACE, record.number, ORIGIN, Reason)
    assert override(store, old, RECEIPT, SUPPORT).allowed
    assert [change.action for change in store.history(WORKSPACE, ADA)] == [Action.SUPPRESSED, Action.LIFTED]


class _Busy(InMemorySuppressions):
    """A store where another request writes just before every write."""

    def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
        if change.action is Action.OVERRIDDEN:
            stop(self, repeat=True, reason=Reason.BOUNCED)
        super().commit(before, after, change)


def test_an_override_that_always_loses_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "PAUSE", 0)
    store = _Busy()
    stop(store, reason=Reason.BOUNCED)
    with pytest.raises(Unavailable):
        override(store, current(store), RECEIPT, SUPPORT)
