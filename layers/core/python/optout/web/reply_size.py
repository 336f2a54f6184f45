"""The size of a reply. Lambda returns at most 6 MB; a larger reply would become a 500 in the gateway's own words."""

import json
from collections.abc import Iterable, Sequence
from itertools import accumulate, takewhile
from typing import Any, TypeVar

from optout.errors import TooBroad

LARGEST = 5_000_000  # bytes of the rows of a reply, which has more than its rows
Row = TypeVar("Row")


def fitting(rows: Iterable[Any], largest: int = LARGEST) -> int:
    """The number of rows (plain values or models), from the first on, that one reply can hold."""
    sizes = accumulate(map(_size, rows))
    return sum(1 for _ in takewhile(lambda size: size <= largest, sizes))


def require_fitting(rows: Sequence[Any]) -> None:
    """Raises `TooBroad` if the rows do not fit in one reply."""
    if (count := fitting(rows)) < len(rows):
        raise TooBroad(count)


def page(rows: Sequence[Row], limit: int, largest: int = LARGEST) -> tuple[Sequence[Row], bool]:
    """The first rows: at most ``limit``, and no more than fit, but never none of several; and whether others follow."""
    shown = rows[: max(1, min(limit, fitting(rows, largest)))]
    return shown, len(rows) > len(shown)


def _size(row: Any) -> int:
    """The bytes of a row in the response of a function, which is JSON within JSON."""
    text = json.dumps(row, default=lambda model: model.model_dump(mode="json"))
    return len(text) + text.count('"') + text.count("\\") + 1
