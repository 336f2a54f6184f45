"""Parse searchCriteria, Magento's query language, into a typed tree before the store is read.

Names look like `searchCriteria[filterGroups][0][filters][0][conditionType]`, each word in camel case or in snake case.
The filters of a group are combined with OR, the groups with AND. Unknown names are rejected, because an ignored
misspelt filter would return the wrong rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mirasvit.search.php_query import Node, elements, integer, invalid, nested, properties, text


class Field(StrEnum):
    """The fields for search and sorting."""

    ID = "id"
    EMAIL = "email"
    TRIGGER = "trigger_id"
    CREATED = "created_at"
    UPDATED = "updated_at"


class Condition(StrEnum):
    """The comparisons. ``regexp`` is not supported, because the time of a match has no bound."""

    EQ = "eq"
    NEQ = "neq"
    LIKE = "like"
    NLIKE = "nlike"
    IN = "in"
    NIN = "nin"
    GT = "gt"
    LT = "lt"
    GTEQ = "gteq"
    LTEQ = "lteq"
    MOREQ = "moreq"
    FROM = "from"
    TO = "to"
    NULL = "null"
    NOTNULL = "notnull"
    FINSET = "finset"
    NFINSET = "nfinset"
    IS = "is"
    SEQ = "seq"
    SNEQ = "sneq"
    NTOA = "ntoa"
    FULLTEXT = "fulltext"


@dataclass(frozen=True, slots=True)
class Filter:
    """One comparison. Only ``null`` and ``notnull`` need no value."""

    field: Field
    condition: Condition
    value: str | None

    @property
    def echo(self) -> dict[str, str]:
        shown = {"field": self.field.value, "value": self.value, "condition_type": self.condition.value}
        return {name: word for name, word in shown.items() if word is not None}


@dataclass(frozen=True, slots=True)
class SortOrder:
    """A field and direction to sort by."""

    field: Field
    descending: bool

    @property
    def echo(self) -> dict[str, str]:
        return {"field": self.field.value, "direction": "DESC" if self.descending else "ASC"}


@dataclass(frozen=True, slots=True)
class SearchCriteria:
    """The whole search. A page size of None or 0 means all rows."""

    groups: Sequence[Sequence[Filter]] = ()
    sort_orders: Sequence[SortOrder] = ()
    page_size: int | None = None
    current_page: int | None = None

    @property
    def offset(self) -> int:
        """The number of rows before the page."""
        return (max(1, self.current_page or 1) - 1) * (self.page_size or 0)

    @property
    def echo(self) -> dict[str, Any]:
        """The criteria as Magento repeats them in its reply. Absent parts are omitted, except the filters."""
        shown: dict[str, Any] = {"filter_groups": [{"filters": [one.echo for one in group]} for group in self.groups]}
        if self.sort_orders:
            shown["sort_orders"] = [order.echo for order in self.sort_orders]
        pages = {"page_size": self.page_size, "current_page": self.current_page}
        return shown | {name: number for name, number in pages.items() if number is not None}


def read(pairs: Sequence[tuple[str, str]]) -> SearchCriteria:
    """Parse the criteria of a query; raises `Invalid`, which names the unknown part."""
    found = nested(pairs, "search_criteria")
    if found is None and any("[" in name for name, _ in pairs):  # a nested name without its root
        raise invalid("missing", "searchCriteria")
    root = properties(found or {}, "searchCriteria", "filter_groups", "sort_orders", "page_size", "current_page")
    groups = [_group(node) for node in elements(root.get("filter_groups", ""), "filter_groups")]
    page_size = integer(root, "page_size")
    if page_size is not None and page_size < 0:
        raise invalid("int_type", "page_size")
    return SearchCriteria(
        [group for group in groups if group],
        [_sort_order(node) for node in elements(root.get("sort_orders", ""), "sort_orders")],
        page_size,
        integer(root, "current_page"),
    )


def _group(node: Node) -> Sequence[Filter]:
    group = properties(node, "filter_groups", "filters")
    return [_filter(inner) for inner in elements(group.get("filters", ""), "filters")]


def _filter(node: Node) -> Filter:
    words = properties(node, "filters", "field", "value", "condition_type")
    field, value = _field(text(words, "field")), text(words, "value")
    name = text(words, "condition_type") or Condition.EQ.value
    if name not in set(Condition):
        raise invalid("unknown_condition", name)
    condition = Condition(name)
    if value is None and condition not in (Condition.NULL, Condition.NOTNULL):
        raise invalid("missing", "value")
    return Filter(field, condition, value)


def _sort_order(node: Node) -> SortOrder:
    words = properties(node, "sort_orders", "field", "direction")
    field, direction = _field(text(words, "field")), text(words, "direction")
    if direction is not None and direction.upper() not in ("ASC", "DESC"):
        raise invalid("sort_direction", "direction")
    return SortOrder(field, direction is None or direction.upper() == "DESC")


def _field(name: str | None) -> Field:
    if not name:
        raise invalid("missing", "field")
    if name not in set(Field):
        raise invalid("unknown_field", name)
    return Field(name)
