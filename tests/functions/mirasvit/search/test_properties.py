"""Whatever is asked for: the planned search finds what the tree means, and what SQLite makes of it."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirasvit.schemas import date_text
from mirasvit.search.conditions import COLUMNS, predicate
from mirasvit.search.criteria import Condition, Field, Filter, SearchCriteria, SortOrder
from mirasvit.search.plan import page
from optout.errors import Invalid
from optout.scope import EVERYTHING, Scope, trigger_scope
from optout.suppressions.suppression import Suppression, View
from tests.functions.mirasvit.search.rows import NOON, WORKSPACE, Row, criteria, found, number_at, store
from tests.functions.mirasvit.search.sql import in_sql

EMAILS = [
    "ada@x.example",
    "Ada@X.example",
    "bob+news@x.example",
    "b_b@y.example",
    "zoe@reader.example",
    "50%@x.example",
]
SCOPES = [EVERYTHING, trigger_scope(1), trigger_scope(7), Scope.of(["marketing"]), Scope.of(["trigger:1"], ["shop"])]
TIMES = [NOON + shift for shift in (-86_400_000, -1000, -1, 0, 1, 999, 1000, 60_000)]
NUMBERS = ["0", "1", "7", "8", "-1", "7.5", *(str(number_at(at, low)) for at in TIMES[2:5] for low in range(3))]
DATES = ["2026-08-23", "2026-08-24", *(date_text(at) for at in TIMES), date_text(NOON + 500_000)]
PATTERNS = ["%", "ada%", "%@x.example", "b__@%", r"b\_b%", r"50\%%", "%2%", "2026-08-24 12:00:0_", "_", "A%e"]
GARBAGE = [
    "",
    "None",
    "x",
    "0000-00-00",
    "9" * 40,
    "a@b@c",
    " 7",
    "7 ",
    "\0",
    "%",
    "\\",
    ",,",
    "é@x.example",
    "1e3",
    "٣",
]
GOOD = {
    Field.ID: NUMBERS,
    Field.TRIGGER: NUMBERS,
    Field.EMAIL: [*EMAILS, "m", "b"],
    Field.CREATED: DATES,
    Field.UPDATED: DATES,
}

rows = st.lists(
    st.builds(
        lambda email, scope, created, later: Row(email, scope, created, created + later),
        st.sampled_from(EMAILS),
        st.sampled_from(SCOPES),
        st.sampled_from(TIMES),
        st.sampled_from([0, 1000, 86_400_000]),
    ),
    max_size=12,
    unique_by=lambda row: (row.email.lower(), row.scope),
)


@st.composite
def good_filters(draw: st.DrawFn) -> Filter:
    """Filters that mean the same to any database."""
    field, condition = draw(st.sampled_from(Field)), draw(st.sampled_from(Condition))
    values = st.sampled_from(GOOD[field])
    match condition:
        case Condition.LIKE | Condition.NLIKE | Condition.FULLTEXT | Condition.NTOA:
            return Filter(field, condition, draw(st.sampled_from(PATTERNS)))
        case Condition.IN | Condition.NIN:
            return Filter(field, condition, ",".join(draw(st.lists(values, min_size=1, max_size=3))))
    return Filter(field, condition, draw(values))


any_filters = st.builds(
    Filter,
    st.sampled_from(Field),
    st.sampled_from(Condition),
    st.sampled_from([*NUMBERS, *EMAILS, *DATES, *PATTERNS, *GARBAGE]) | st.text(max_size=20),
)


def trees(filters: st.SearchStrategy[Filter]) -> st.SearchStrategy[list[list[Filter]]]:
    return st.lists(st.lists(filters, min_size=1, max_size=3), max_size=4)


def evaluated(records: Iterable[Suppression], groups: Sequence[Sequence[Filter]]) -> list[int]:
    """The tree over all rows: every group, in each of them any filter."""
    tree = [[predicate(one) for one in group] for group in groups]
    shown = (record for record in records if View.TRIGGERS.shows(record.scope))
    return sorted(record.number for record in shown if all(any(fits(record) for fits in group) for group in tree))


@given(rows, trees(any_filters))
def test_the_planned_search_finds_what_the_tree_means(made: list[Row], groups: list[list[Filter]]) -> None:
    suppressions = store(made)
    everybody = suppressions.walk(WORKSPACE, View.ALL, newest_first=False)
    try:
        wanted = evaluated(everybody, groups)
    except Invalid:
        with pytest.raises(Invalid):
            found(suppressions, criteria(*groups))
        return
    assert [row.number for row in found(suppressions, criteria(*groups))] == wanted


@given(rows, trees(good_filters()))
def test_the_planned_search_finds_what_sql_finds(made: list[Row], groups: list[list[Filter]]) -> None:
    suppressions = store(made)
    everybody = suppressions.walk(WORKSPACE, View.TRIGGERS, newest_first=False)
    assert [row.number for row in found(suppressions, criteria(*groups))] == in_sql(everybody, groups)


@given(
    rows,
    trees(good_filters()),
    st.lists(st.builds(SortOrder, st.sampled_from(Field), st.booleans()), max_size=3),
    st.integers(1, 5),
)
def test_pages_follow_each_other_in_the_order_and_lose_nobody(
    made: list[Row], groups: list[list[Filter]], orders: list[SortOrder], size: int
) -> None:
    suppressions = store(made)
    wanted = [page(suppressions, WORKSPACE, SearchCriteria(groups, orders, size, n + 1)) for n in range(14 // size + 2)]
    ids = [row["id"] for shown, _ in wanted for row in shown]
    assert len(set(ids)) == len(ids)
    assert {total for _, total in wanted} == {len(ids)}
    by_number = {record.number: record for record in suppressions.walk(WORKSPACE, View.ALL, newest_first=False)}
    listed = [by_number[number] for number in ids]
    assert all(not comes_before(later, earlier, orders) for earlier, later in pairwise(listed))


def comes_before(one: Suppression, other: Suppression, orders: Sequence[SortOrder]) -> bool:
    """Whether the orders put a row before another one."""
    for order in orders:
        keys = COLUMNS[order.field].key(one), COLUMNS[order.field].key(other)
        if keys[0] != keys[1]:
            return bool(keys[0] > keys[1]) is order.descending
    return False
