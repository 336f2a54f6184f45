"""From the tree of a search to what the list can do: ranges of numbers, an address, triggers, and a test for the rest.

A group of one filter narrows the search where the list can follow it. What is left decides row by row; when nothing is
left, as with a client that pages by ``id gt last``, counters alone find every page.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mirasvit.schemas import Unsubscription
from mirasvit.search.conditions import COLUMNS, Decider, address_of, decider, number_of, plain, seconds_of
from mirasvit.search.criteria import Condition, Field, Filter, SearchCriteria, SortOrder
from optout.address import Address
from optout.errors import TooBroad
from optout.number import ANYWHERE, LIMIT, Between, earliest
from optout.scope import trigger_scope
from optout.suppressions.search import Order, Search, by_number, find
from optout.suppressions.suppression import Suppressions, View

MOST = 10_000  # rows of one answer
MOST_NAMES = 50  # triggers that the store is asked for at once
_ORDERING = {Condition.EQ, Condition.GT, Condition.LT, Condition.GTEQ, Condition.LTEQ}


def page(suppressions: Suppressions, workspace: str, criteria: SearchCriteria) -> tuple[list[dict[str, Any]], int]:
    """The rows of a page, and how many there are on all pages; raises `TooBroad`."""
    asked, offset = criteria.page_size, criteria.offset
    found = find(suppressions, workspace, plan(criteria), offset=offset, limit=min(asked or MOST, MOST))
    if min(asked or found.total, found.total - offset) > MOST:
        raise TooBroad(MOST)
    return [Unsubscription.of(record).model_dump() for record in found.records], found.total


def plan(criteria: SearchCriteria) -> Search:
    """The search that finds what the criteria describe, and all that the list can do of it by itself."""
    narrowed = _Narrowed()
    left = [group for group in criteria.groups if len(group) != 1 or not narrowed.takes(group[0])]
    if narrowed.finds_nothing:
        return Search(View.TRIGGERS, numbers=())
    return Search(
        View.TRIGGERS,
        narrowed.address,
        narrowed.numbers,
        narrowed.between,
        narrowed.names or (),
        _every([[decider(one) for one in group] for group in left]) if left else None,
        orders(criteria.sort_orders),
    )


def _every(groups: Sequence[Sequence[Decider]]) -> Decider:
    return lambda row: all(any(fits(row) for fits in group) for group in groups)


def orders(wanted: Sequence[SortOrder]) -> Sequence[Order]:
    """By number at the end, so that pages never overlap. Numbers grow with time: by them a list is also by date,
    unless another field is to decide among the rows of one second."""
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
    """What the list itself can look for."""

    between: Between = ANYWHERE
    numbers: frozenset[int] | None = None
    names: frozenset[str] | None = None
    address: Address | None = None
    nothing: bool = False

    @property
    def finds_nothing(self) -> bool:
        """Whether no row can be like this."""
        above, below = self.between
        return self.nothing or above + 1 >= below or frozenset() in (self.names, self.numbers)

    def takes(self, wanted: Filter) -> bool:
        """Narrow the search by a filter, if the list can do that."""
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
    """The whole numbers among the values that a row could have."""
    read = map(number_of, value.split(",") if condition is Condition.IN else [value])
    return frozenset(int(one) for one in read if one is not None and 0 <= one < LIMIT and one == int(one))


def _numbers_of(field: Field, value: str) -> tuple[int, int] | None:
    """The first record number that equals a value, and the first one behind; None when no number is like it."""
    if field is Field.ID:
        number = number_of(value)
        if number is None:
            return None
        within = min(max(number, Decimal(-1)), Decimal(LIMIT))
        return math.ceil(within), math.floor(within) + 1
    seconds = seconds_of(value)
    return None if seconds is None else (first_at(seconds * 1000), first_at((seconds + 1) * 1000))


def first_at(milliseconds: int) -> int:
    """The lowest number that a record of this time can have, within all that there are."""
    return min(earliest(milliseconds), LIMIT)
