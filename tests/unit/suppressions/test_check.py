"""Checking the list: the emails that a rule stops, and the consistent read before the answer "not suppressed"."""

import pytest

from optout.errors import Unavailable
from optout.scope import EVERYTHING, Mail, MessageClass, Scope
from optout.suppressions.check import check
from optout.suppressions.lift import lift
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState
from tests.support.fakes import InMemorySuppressions
from tests.support.samples import ORIGIN, WORKSPACE, address, in_force, stop

MARKETING = Scope.of(["marketing"])
RECEIPT = Mail("receipts", None, MessageClass.TRANSACTIONAL)
NEWS = Mail("marketing")


def state(**rules: tuple[Scope, Reason, int]) -> AddressState:
    entries = {scope: in_force(since, reason, since) for scope, reason, since in rules.values()}
    return AddressState(WORKSPACE, address(), 1, entries)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_stops_marketing(reason: Reason) -> None:
    assert state(one=(EVERYTHING, reason, 1)).stopping(NEWS)


@pytest.mark.parametrize("reason", Reason)
def test_a_bounce_a_complaint_and_the_providers_list_stop_transactional_mail_too(reason: Reason) -> None:
    stops = state(one=(EVERYTHING, reason, 1)).stopping(RECEIPT) is not None
    assert stops == (reason in (Reason.BOUNCED, Reason.COMPLAINED, Reason.PROVIDER))


def test_a_scope_that_does_not_cover_the_mail_does_not_stop_it() -> None:
    assert state(one=(MARKETING, Reason.COMPLAINED, 1)).stopping(Mail("other")) is None


def test_the_strongest_reason_is_named() -> None:
    found = state(one=(MARKETING, Reason.UNSUBSCRIBED, 1), two=(EVERYTHING, Reason.BOUNCED, 2)).stopping(NEWS)
    assert found
    assert found.reason is Reason.BOUNCED


def test_of_equal_reasons_the_oldest_is_named() -> None:
    found = state(one=(MARKETING, Reason.MANUAL, 2), two=(EVERYTHING, Reason.ONE_CLICK, 1)).stopping(NEWS)
    assert found
    assert found.since == 1


def test_nobody_is_stopped_without_a_rule() -> None:
    store = InMemorySuppressions()
    assert check(store, WORKSPACE, address()) is None
    assert check(store, WORKSPACE, address(), MARKETING) is None


def test_without_a_scope_any_rule_counts() -> None:
    store = InMemorySuppressions()
    record = stop(store, scope=Scope.of(["trigger:7"])).record
    found = check(store, WORKSPACE, address())
    assert found
    assert found.number == record.number


SHOP = Scope.of([], ["shop"])
MARKETING_OF_SHOP = Scope.of(["marketing"], ["shop"])


@pytest.mark.parametrize(
    ("scope", "within", "answer"),
    [
        (MARKETING, MARKETING, True),
        (MARKETING, Scope.of(["other"]), False),
        (MARKETING, Scope.of(["other", "marketing"]), True),
        (MARKETING, SHOP, True),
        (MARKETING_OF_SHOP, SHOP, True),
        (MARKETING_OF_SHOP, MARKETING, True),
        (MARKETING_OF_SHOP, Scope.of([], ["blog"]), False),
        (MARKETING_OF_SHOP, Scope.of(["marketing"], ["blog"]), False),
        (EVERYTHING, MARKETING_OF_SHOP, True),
        (SHOP, Scope.of(["all"]), True),
        (MARKETING, Scope.of(["all"]), False),
    ],
)
def test_a_rule_counts_when_it_meets_what_is_asked(scope: Scope, within: Scope, answer: bool) -> None:
    store = InMemorySuppressions()
    stop(store, scope=scope)
    assert (check(store, WORKSPACE, address(), within) is not None) is answer


def test_a_no_is_given_only_by_the_consistent_state() -> None:
    store = InMemorySuppressions(index_lags=True)
    record = stop(store).record
    assert not store.for_email(WORKSPACE, address())
    found = check(store, WORKSPACE, address(), MARKETING)
    assert found
    assert found.number == record.number


def test_a_late_yes_is_given() -> None:
    store = InMemorySuppressions(index_lags=True)
    record = stop(store).record
    store.catch_up()
    lift(store, WORKSPACE, record.number, ORIGIN)
    assert check(store, WORKSPACE, address())


def test_the_oldest_rule_is_named() -> None:
    store = InMemorySuppressions()
    first = stop(store, scope=MARKETING).record
    stop(store, reason=Reason.COMPLAINED)
    found = check(store, WORKSPACE, address(), MARKETING)
    assert found
    assert found.since == first.created


@pytest.mark.parametrize("spelling", ["ADA@example.com", " ada@EXAMPLE.COM "])
def test_another_spelling_is_the_same_person(spelling: str) -> None:
    store = InMemorySuppressions()
    stop(store)
    assert check(store, WORKSPACE, address(spelling))


def test_a_silent_store_never_says_no() -> None:
    store = InMemorySuppressions()
    stop(store)
    store.down = True
    with pytest.raises(Unavailable):
        check(store, WORKSPACE, address())
