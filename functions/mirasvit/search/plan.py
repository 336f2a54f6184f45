"""Plan a search: ranges of numbers, an address and triggers that the store can use, and a predicate for the rest.

A group with one filter narrows the search if the store supports it. The other groups are evaluated row by row. Without
other groups, as for a client that pages by ``id gt last``, the store finds every page with counters alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mirasvit.schemas import Unsubscription
from mirasvit.search.conditions import COLUMNS, Predicate, address_of, date_of, number_of, plain, predicate
from mirasvit.search.criteria import Condition, Field, Filter, SearchCriteria, SortOrder
from optout.address import Address
from optout.errors import TooBroad
from optout.number import ANYWHERE, LIMIT, Between, earliest
from optout.scope import trigger_scope
from optout.suppressions.search import Order, Search, by_number, find
from optout.suppressions.suppression import Suppressions, View
from optout.web.reply_size import fitting

MOST = 10_000  # rows in one reply
MOST_NAMES = 50  # triggers in one query of the store
_ORDERING = {Condition.EQ, Condition.GT, Condition.LT, Condition.GTEQ, Condition.LTEQ}


def page(suppressions: Suppressions, workspace: str, criteria: SearchCriteria) -> tuple[list[dict[str, Any]], int]:
    """The rows of a page, and the number of rows on all pages; raises `TooBroad`."""
    asked, offset = criteria.page_size, criteria.offset
    found = find(suppressions, workspace, plan(criteria), offset=offset, limit=min(asked or MOST, MOST))
    rows = [Unsubscription.of(record).model_dump() for record in found.records]
    bound = min(fitting(rows), MOST)
    if min(asked or found.total, found.total - offset) > bound:
        raise TooBroad(bound)
    return rows, found.total


def plan(criteria: SearchCriteria) -> Search:
    """The search for the criteria, with as much as possible left to the store."""
    narrowed = _Narrowed()
    left = [group for group in criteria.groups if len(group) != 1 or not narrowed.apply(group[0])]
    matches = _every([[predicate(one) for one in group] for group in left]) if left else None
    if narrowed.finds_nothing:
        return Search(View.TRIGGERS, numbers=())
    return Search(
        View.TRIGGERS,
        narrowed.address,
        narrowed.numbers,
        narrowed.between,
        narrowed.names or (),
        matches,
        orders(criteria.sort_orders),
    )


def _every(groups: Sequence[Sequence[Predicate]]) -> Predicate:
    return lambda row: all(any(fits(row) for fits in group) for group in groups)


def orders(wanted: Sequence[SortOrder]) -> Sequence[Order]:
    """The sort order; the number comes last, so that pages never overlap. Numbers grow with time, so they also sort by
    date, unless another field orders the rows of one second."""
    found: list[Order] = []
    for index, order in enumerate(wanted):
        following = next((other for other in wanted[index + 1 :] if other.field is not Field.CREATED), None)
        by_date = following is None or following == SortOrder(Field.ID, order.descending)
        if order.field is Field.ID or (order.field is Field.CREATED and by_date):
            return [*found, Order(by_number, order.descending)]
        found.append(Order(COLUMNS[order.field].key, order.descending))
    return [*found, Order(by_number)]


@dataclass
class _Narrowed:
    """The part of a search that the store supports."""

    between: Between = ANYWHERE
    numbers: frozenset[int] | None = None
    names: frozenset[str] | None = None
    address: Address | None = None
    nothing: bool = False

    @property
    def finds_nothing(self) -> bool:
        """Whether no row can match."""
        above, below = self.between
        return self.nothing or above + 1 >= below or frozenset() in (self.names, self.numbers)

    def apply(self, wanted: Filter) -> bool:
        """Narrow the search by a filter; False if the store does not support it."""
        condition, value = plain(wanted)
        match wanted.field, condition:
            case _, Condition.NULL | Condition.NOTNULL:
                self.nothing |= condition is Condition.NULL
            case Field.ID, Condition.EQ | Condition.IN:
                self._keep_numbers(_integers(condition, value))
            case Field.ID | Field.CREATED, _ if condition in _ORDERING:
                self._keep_between(_numbers_of(wanted.field, value), condition)
            case Field.EMAIL, Condition.EQ if self.address is None:
                self.address = address_of(value)
                self.nothing |= self.address is None
            case Field.TRIGGER, Condition.EQ | Condition.IN:
                return self._keep_names(_integers(condition, value))
            case _:
                return False
        return True

    def _keep_numbers(self, numbers: frozenset[int]) -> None:
        self.numbers = numbers if self.numbers is None else self.numbers & numbers

    def _keep_between(self, equal: tuple[int, int] | None, condition: Condition) -> None:
        if equal is None:
            self.nothing = True
            return
        (first, after), (above, below) = equal, self.between
        if condition in (Condition.GTEQ, Condition.EQ):
            above = max(above, first - 1)
        if condition is Condition.GT:
            above = max(above, after - 1)
        if condition is Condition.LT:
            below = min(below, first)
        if condition in (Condition.LTEQ, Condition.EQ):
            below = min(below, after)
        self.between = Between(above, below)

    def _keep_names(self, triggers: frozenset[int]) -> bool:
        if len(triggers) > MOST_NAMES:
            return False
        names = frozenset(name for trigger in triggers for name in trigger_scope(trigger).names)
        self.names = names if self.names is None else self.names & names
        return True


def _integers(condition: Condition, value: str) -> frozenset[int]:
    """The whole numbers among the values, without those that no row can have."""
    read = map(number_of, value.split(",") if condition is Condition.IN else [value])
    return frozenset(int(one) for one in read if one is not None and 0 <= one < LIMIT and one == int(one))


def _numbers_of(field: Field, value: str) -> tuple[int, int] | None:
    """The first record number that equals a value, and the first one after it; None if no number equals it."""
    if field is Field.ID:
        number = number_of(value)
        if number is None:
            return None
        within = min(max(number, Decimal(-1)), Decimal(LIMIT))
        return math.ceil(within), math.floor(within) + 1
    seconds = date_of(value)
    return first_at(seconds * 1000), first_at((seconds + 1) * 1000)


def first_at(milliseconds: int) -> int:
    """The lowest number that a record of this time can have, at most ``LIMIT``."""
    return min(earliest(milliseconds), LIMIT)
