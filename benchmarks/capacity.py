"""DynamoDB's capacity units from the sizes of items, by the rules of its documentation.

A read unit per 4 KB, half of one where the read need not be consistent; a write unit per 1 KB, two in a transaction,
and one more for each index.
"""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

_INDEX_KEYS = ("email_key", "triggers_key")

Typed = Mapping[str, Any]  # as the client takes and answers it: ``{"pk": {"S": "…"}}``


def read(items: Iterable[Typed], *, consistent: bool) -> float:
    """What reading items together costs; what is not there costs as much as something small."""
    return (1.0 if consistent else 0.5) * max(1, ceil(_size(items) / 4096))


def written(item: Typed, *, transactional: bool = False) -> int:
    """What writing an item costs, by the larger of what was there and what is there now."""
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
