"""Any page of the list and its exact total: one contract for the fake and for DynamoDB."""

import pytest

from optout.address import Address
from optout.aws import fences
from optout.number import LIMIT, Between
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope, trigger_scope
from optout.suppressions.lift import lift
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Suppressions, View
from tests.aws.conftest import Stores

ORIGIN = Origin("command")
SCOPES = [EVERYTHING, trigger_scope(7), Scope.of(["marketing"]), Scope.of([], ["shop"])]


@pytest.fixture
def store(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Suppressions:
    monkeypatch.setattr(fences, "FULL", 5)  # so that a few records cross several fences
    return stores.suppressions


def fill(store: Suppressions, count: int, workspace: str = "acme") -> list[int]:
    """Numbers of new records, in the order in which they were made."""
    return [
        suppress(
            store, workspace, Address.parse(f"p{n}@example.com"), SCOPES[n % len(SCOPES)], Reason.MANUAL, ORIGIN
        ).record.number
        for n in range(count)
    ]


def pages(store: Suppressions, view: View, size: int, *, newest_first: bool) -> list[int]:
    """Every record of every page, one after the other; each page must know the same total."""
    found: list[int] = []
    while True:
        records, total = store.page("acme", view, len(found), size, newest_first=newest_first)
        found += [record.number for record in records]
        if not records:
            assert total == len(found)
            return found


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("size", [3, 7, 100])
def test_pages_neither_overlap_nor_leave_a_gap(store: Suppressions, size: int, newest_first: bool) -> None:
    made = fill(store, 23)
    assert pages(store, View.ALL, size, newest_first=newest_first) == (made[::-1] if newest_first else made)


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_narrower_view_has_pages_and_a_total_of_its_own(store: Suppressions, newest_first: bool) -> None:
    made = [number for n, number in enumerate(fill(store, 23)) if n % len(SCOPES) < 2]
    assert pages(store, View.TRIGGERS, 4, newest_first=newest_first) == (made[::-1] if newest_first else made)


def test_a_lifted_record_leaves_pages_and_totals(store: Suppressions) -> None:
    made = fill(store, 23)
    for number in made[4:15]:
        lift(store, "acme", number, ORIGIN)
    left = made[:4] + made[15:]
    assert pages(store, View.ALL, 3, newest_first=False) == left
    again = fill(store, 23)[4:15]  # existing records keep their numbers, the others get new ones
    assert pages(store, View.ALL, 3, newest_first=False) == left + again


def test_numbers_grow_in_the_order_in_which_records_appear(store: Suppressions) -> None:
    made = fill(store, 12)
    assert made == sorted(made)
    assert store.next_number("acme") > made[-1]


def test_a_page_past_the_end_is_empty_and_knows_the_total(store: Suppressions) -> None:
    fill(store, 6)
    records, total = store.page("acme", View.ALL, 6, 10, newest_first=True)
    assert (list(records), total) == ([], 6)


def test_another_workspace_has_a_list_of_its_own(store: Suppressions) -> None:
    fill(store, 6, "globex")
    assert pages(store, View.ALL, 3, newest_first=True) == []


def test_walking_keeps_to_its_range(store: Suppressions) -> None:
    made = fill(store, 9)
    between = Between(made[2], made[6])
    assert [record.number for record in store.walk("acme", View.ALL, newest_first=True, between=between)] == made[
        5:2:-1
    ]
    assert len(list(store.walk("acme", View.TRIGGERS, newest_first=False))) == 5


@pytest.mark.parametrize(
    ("naming", "kinds"), [({"*"}, {0}), ({"trigger:7"}, {1}), ({"marketing", "shop"}, {2, 3}), ({"mark"}, set())]
)
def test_walking_may_keep_to_what_a_scope_names(store: Suppressions, naming: set[str], kinds: set[int]) -> None:
    made = fill(store, 12)
    wanted = [number for n, number in enumerate(made) if n % len(SCOPES) in kinds]
    assert [record.number for record in store.walk("acme", View.ALL, newest_first=False, naming=naming)] == wanted


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(("first", "last"), [(0, 22), (0, 4), (5, 9), (7, 7), (3, 21), (8, 20), (23, 23)])
@pytest.mark.parametrize("view", list(View))
def test_a_page_of_a_range_knows_the_range_s_total(
    store: Suppressions, view: View, first: int, last: int, newest_first: bool
) -> None:
    made = fill(store, 23)
    shown = [number for n, number in enumerate(made) if view is View.ALL or n % len(SCOPES) < 2]
    between = Between(made[first] - 1 if first < 23 else made[-1], made[last] + 1 if last < 22 else LIMIT)
    wanted = [number for number in shown if between.above < number < between.below]
    if newest_first:
        wanted.reverse()
    for offset in range(len(wanted) + 2):
        records, total = store.page("acme", view, offset, 3, newest_first=newest_first, between=between)
        assert ([record.number for record in records], total) == (wanted[offset : offset + 3], len(wanted))
