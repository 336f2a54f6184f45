"""What the list is asked for, and what is decided row by row."""

from typing import Any

import pytest

from mirasvit.search import plan as planning
from mirasvit.search.conditions import COLUMNS
from mirasvit.search.criteria import Field, SearchCriteria, SortOrder
from mirasvit.search.plan import first_at, page, plan
from optout.address import Address
from optout.errors import TooBroad
from optout.number import ANYWHERE, LIMIT, Between, milliseconds
from optout.scope import EVERYTHING, Scope, trigger_scope
from optout.suppressions.search import Order, by_number
from optout.suppressions.suppression import View
from tests.functions.mirasvit.search.rows import NOON, WORKSPACE, Row, criteria, found, number_at, one, store

SECOND = 1000 << 12  # numbers
AT_NOON = number_at(NOON)


def order(*wanted: str) -> Any:
    """The orders of words like ``created_at`` and ``-id``."""
    return planning.orders([SortOrder(Field(word.removeprefix("-")), word.startswith("-")) for word in wanted])


def test_without_filters_the_rows_of_this_dialect_are_a_range() -> None:
    search = plan(SearchCriteria())
    assert search.is_a_range
    assert (search.view, search.between) == (View.TRIGGERS, ANYWHERE)


@pytest.mark.parametrize(
    ("filters", "between"),
    [
        ([("id", "gt", "100")], (100, LIMIT)),
        ([("id", "gteq", "100")], (99, LIMIT)),
        ([("id", "moreq", "100")], (99, LIMIT)),
        ([("id", "from", "100"), ("id", "to", "200")], (99, 201)),
        ([("id", "lt", "100"), ("id", "lteq", "50.5")], (0, 51)),
        ([("id", "gt", "100.5"), ("id", "lt", "200.5")], (100, 201)),
        ([("id", "gt", "-5"), ("id", "lt", str(2**80))], (0, LIMIT)),
        ([("id", "gt", "7"), ("email", "notnull", "")], (7, LIMIT)),
        ([("created_at", "gt", "2026-08-24 12:00:00")], (AT_NOON + SECOND - 1, LIMIT)),
        ([("created_at", "gteq", "2026-08-24 12:00:00")], (AT_NOON - 1, LIMIT)),
        ([("created_at", "lt", "2026-08-24 12:00:00")], (0, AT_NOON)),
        ([("created_at", "to", "2026-08-24 12:00:00")], (0, AT_NOON + SECOND)),
        ([("created_at", "eq", "2026-08-24 12:00:00")], (AT_NOON - 1, AT_NOON + SECOND)),
        ([("created_at", "gt", "1970-01-01"), ("created_at", "lt", "9999-12-31")], (0, LIMIT)),
    ],
)
def test_ids_and_dates_are_ranges_of_numbers(filters: list[tuple[str, str, str]], between: tuple[int, int]) -> None:
    search = plan(criteria(*([one(*words)] for words in filters)))
    assert search.between == Between(*between)
    assert search.matches is None
    assert search.is_a_range


def test_a_client_that_pages_by_id_is_answered_by_counters_alone() -> None:
    by_id = [SortOrder(Field.ID, descending=False)]
    assert plan(SearchCriteria([[one("id", "gt", "5")]], by_id, 100, 1)).is_a_range


def test_ids_are_read_by_themselves() -> None:
    search = plan(criteria([one("id", "in", "7,9,x,8.5,-1," + "9" * 30)], [one("id", "in", "9,11")]))
    assert (search.numbers, search.matches) == ({9}, None)


def test_an_address_is_asked_for_by_itself() -> None:
    for condition in ("eq", "in", "seq", "is"):
        search = plan(criteria([one("email", condition, "Ada@Reader.example")]))
        assert (search.address, search.matches) == (Address.parse("Ada@Reader.example"), None)


def test_two_addresses_at_once_are_nobody() -> None:
    rows = store([Row("a@x.example"), Row("b@x.example")])
    assert not found(rows, criteria([one("email", "eq", "a@x.example")], [one("email", "eq", "b@x.example")]))


@pytest.mark.parametrize(
    ("condition", "value", "names"),
    [("eq", "0", {"*"}), ("eq", "7", {"trigger:7"}), ("in", "0,7,x", {"*", "trigger:7"})],
)
def test_triggers_are_asked_for_by_name(condition: str, value: str, names: set[str]) -> None:
    search = plan(criteria([one("trigger_id", condition, value)]))
    assert (search.naming, search.matches) == (names, None)


def test_triggers_that_are_asked_for_twice_are_those_of_both() -> None:
    both = [one("trigger_id", "in", "0,7")], [one("trigger_id", "in", "7,8")]
    assert plan(criteria(*both)).naming == {"trigger:7"}
    assert plan(criteria([one("trigger_id", "eq", "0")], [one("trigger_id", "eq", "7")])).numbers == ()


def test_more_triggers_than_the_store_takes_are_decided_row_by_row() -> None:
    many = ",".join(map(str, range(planning.MOST_NAMES + 1)))
    search = plan(criteria([one("trigger_id", "in", many)]))
    assert search.matches is not None
    assert not search.naming


@pytest.mark.parametrize(
    "words",
    [
        ("id", "eq", "x"), ("id", "gt", "None"), ("id", "in", ""), ("email", "eq", "nobody"),
        ("trigger_id", "eq", "-1"), ("trigger_id", "in", "a,b"),
        ("updated_at", "null", ""), ("id", "lt", "0"), ("id", "gt", str(2**60)), ("created_at", "lt", "2019-12-31"),
    ],
)  # fmt: skip
def test_what_cannot_be_finds_nothing_and_reads_nothing(words: tuple[str, str, str]) -> None:
    search = plan(criteria([one(*words)], [one("email", "eq", "ada@reader.example")]))
    assert search.numbers == ()
    assert search.address is None


@pytest.mark.parametrize(
    "group",
    [
        [one("id", "gt", "5"), one("id", "lt", "3")], [one("id", "neq", "5")], [one("email", "like", "a%")],
        [one("email", "in", "a@x.example,b@x.example")], [one("updated_at", "gt", "2026-08-24")],
        [one("created_at", "in", "2026-08-24,2026-08-25")], [one("trigger_id", "gt", "5")], [one("email", "gt", "a")],
    ],
)  # fmt: skip
def test_alternatives_and_all_else_are_decided_row_by_row_within_what_is_planned(group: Any) -> None:
    search = plan(criteria([one("id", "gt", "1")], group))
    assert search.matches is not None
    assert search.between == Between(1, LIMIT)


def test_a_number_belongs_to_its_millisecond() -> None:
    assert milliseconds(first_at(NOON)) == NOON
    assert milliseconds(first_at(NOON) - 1) == NOON - 1
    assert (first_at(0), first_at(10**20)) == (0, LIMIT)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], [(by_number, False)]),
        (["-id"], [(by_number, True)]),
        (["-created_at"], [(by_number, True)]),
        (["-created_at", "-id"], [(by_number, True)]),
        (["created_at", "-created_at", "id"], [(by_number, False)]),
        (["id", "email"], [(by_number, False)]),
        (["-created_at", "id"], [(Field.CREATED, True), (by_number, False)]),
        (["created_at", "email"], [(Field.CREATED, False), (Field.EMAIL, False), (by_number, False)]),
        (["-email", "created_at"], [(Field.EMAIL, True), (by_number, False)]),
        (["trigger_id", "updated_at"], [(Field.TRIGGER, False), (Field.UPDATED, False), (by_number, False)]),
    ],
)
def test_every_order_ends_with_the_number_so_that_pages_never_overlap(wanted: list[str], expected: Any) -> None:
    keys = [Order(COLUMNS[key].key if isinstance(key, Field) else key, descending) for key, descending in expected]
    assert order(*wanted) == keys


def test_only_rows_that_this_dialect_can_say_are_found() -> None:
    rows = store([Row(scope=EVERYTHING), Row(scope=trigger_scope(7)), Row(scope=Scope.of(["marketing"]))])
    everyone = [one("email", "like", "%")]
    assert [row.scope for row in found(rows, SearchCriteria())] == [EVERYTHING, trigger_scope(7)]
    assert [row.scope for row in found(rows, criteria(everyone))] == [EVERYTHING, trigger_scope(7)]


def test_no_answer_has_more_rows_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = store([Row(f"p{n}@x.example") for n in range(5)])
    monkeypatch.setattr(planning, "MOST", 3)
    with pytest.raises(TooBroad):
        page(rows, WORKSPACE, SearchCriteria())
    with pytest.raises(TooBroad):
        page(rows, WORKSPACE, SearchCriteria(page_size=4))
    for size, current, count in ((3, 1, 3), (3, 2, 2), (4, 2, 1), (3, 9, 0)):
        shown, total = page(rows, WORKSPACE, SearchCriteria(page_size=size, current_page=current))
        assert (len(shown), total) == (count, 5)


def test_rows_that_are_too_large_for_one_answer_are_refused_though_they_are_few() -> None:
    long = f"{chr(0x10000) * 60}@{'x' * 180}.example"
    rows = store([Row(f"{at:04}{long}") for at in range(4500)])
    with pytest.raises(TooBroad) as error:
        page(rows, WORKSPACE, SearchCriteria())
    assert 3_000 < error.value.bound < 4_500
    shown, total = page(rows, WORKSPACE, SearchCriteria(page_size=error.value.bound))
    assert (len(shown), total) == (error.value.bound, 4500)
