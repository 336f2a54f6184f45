"""Search the suppression list: filter, sort and page its records.

A range of numbers (and so of dates, because a number contains its time) is found with stored counters, at constant cost
per page. A search by address or by numbers reads those records. Any other search reads the records of its range one by
one and raises `TooBroad` at a limit, so no request reads all of a large list.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from optout.address import Address
from optout.errors import TooBroad
from optout.number import ANYWHERE, Between
from optout.suppressions.suppression import Names, Suppression, Suppressions, View

READ = 100_000  # records that the store may read for one search
TAKEN = 20_000  # records that one search may load, to filter and to sort them

Key: TypeAlias = Callable[[Suppression], Any]


class Order(NamedTuple):
    """A sort key; the first of several has the highest priority."""

    key: Key
    descending: bool = False


def by_number(record: Suppression) -> int:
    """The order of creation."""
    return record.number


@dataclass(frozen=True, slots=True)
class Search:
    """The conditions of a search, all of which must hold. ``matches`` is applied last."""

    view: View = View.ALL
    address: Address | None = None
    numbers: Collection[int] | None = None
    between: Between = ANYWHERE
    naming: Names = ()
    matches: Key | None = None
    orders: Sequence[Order] = (Order(by_number),)

    @property
    def is_a_range(self) -> bool:
        """Whether the stored counters are enough to find any page."""
        is_open = self.address is None and self.numbers is None and not self.naming and self.matches is None
        return is_open and self.orders[0].key is by_number


class Found(NamedTuple):
    """One page of a search, and the total number of its records."""

    records: Sequence[Suppression]
    total: int


def find(suppressions: Suppressions, workspace: str, search: Search, *, offset: int = 0, limit: int = TAKEN) -> Found:
    """A page of a search; raises `TooBroad` if it would have to read too many records."""
    if search.is_a_range:
        newest_first = search.orders[0].descending
        page = suppressions.page(
            workspace, search.view, offset, limit, newest_first=newest_first, between=search.between
        )
        return Found(*page)
    matching = [record for record in _candidates(suppressions, workspace, search) if _fits(search, record)]
    for order in reversed(search.orders):
        matching.sort(key=order.key, reverse=order.descending)
    return Found(matching[offset : offset + limit], len(matching))


def _candidates(suppressions: Suppressions, workspace: str, search: Search) -> Iterable[Suppression]:
    if search.address is not None:
        in_force = suppressions.state(workspace, search.address).in_force
        return suppressions.get_many(workspace, [rule.number for rule in in_force.values()])
    if search.numbers is not None:
        return suppressions.get_many(workspace, search.numbers)
    _, there = suppressions.page(workspace, search.view, 0, 0, newest_first=False, between=search.between)
    if there > READ:
        raise TooBroad(READ)
    walked = suppressions.walk(workspace, search.view, newest_first=False, between=search.between, naming=search.naming)
    return _bounded(walked)


def _bounded(records: Iterable[Suppression]) -> Iterable[Suppression]:
    for count, record in enumerate(records):
        if count >= TAKEN:
            raise TooBroad(TAKEN)
        yield record


def _fits(search: Search, record: Suppression) -> bool:
    return (
        search.between.above < record.number < search.between.below
        and search.view.shows(record.scope)
        and (search.numbers is None or record.number in search.numbers)
        and (not search.naming or not record.scope.names.isdisjoint(search.naming))
        and (search.matches is None or bool(search.matches(record)))
    )
