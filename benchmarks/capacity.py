"""DynamoDB's capacity units by item size, as its documentation defines them.

A consistent read takes one read unit per 4 KB, any other read half of that. A write takes one write unit per 1 KB, two
in a transaction, and one more for each index.
"""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

_INDEX_KEYS = ("email_key", "triggers_key")

Typed = Mapping[str, Any]  # an item in the client's form: ``{"pk": {"S": "…"}}``


def read(items: Iterable[Typed], *, consistent: bool) -> float:
    """The read units of a request for some items. A missing item costs as much as a small one."""
    return (1.0 if consistent else 0.5) * max(1, ceil(_size(items) / 4096))


def written(item: Typed, *, transactional: bool = False) -> int:
    """The write units of an item: the larger of its old and its new version."""
    factor = 2 if transactional else 1
    return max(1, ceil(_size([item]) / 1024)) * (factor + sum(key in item for key in _INDEX_KEYS))


def _size(items: Iterable[Typed]) -> int:
    return sum(len(name.encode()) + _value(value) for item in items for name, value in item.items())


def _value(value: Any) -> int:
    ((kind, inner),) = value.items()
    match kind:
        case "S":
            return len(inner.encode())
        case "N":
            return ceil(len(inner.lstrip("-").strip("0")) / 2) + 1
        case "B":
            return len(bytes(inner))
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value(one) for name, one in inner.items())
        case "L":
            return 3 + sum(1 + _value(one) for one in inner)
        case "SS":
            return sum(len(one.encode()) for one in inner)
    return 1
