"""What another version of the product does otherwise: it cuts chunks and blocks in its own way, takes its time over a
chunk, and writes attributes that the version beside it has never heard of.

This file goes into the package of that version, which calls `become` before it loads anything else of its own.
"""

import time
from collections.abc import Callable
from typing import Any

from optout.aws.campaigns import items
from optout.campaigns import ledger

CHUNK, BLOCK = 100, 20
MARK = "written_by"
UNKNOWN = {MARK: "another version", "extras": {"list": ["text", 1], "nothing": None}}


def become() -> None:
    """Make the package that this is in another version."""
    ledger.CHUNK, ledger.BLOCK = CHUNK, BLOCK
    items.from_chunk = _otherwise(items.from_chunk, 1.0)
    items.from_claim = _otherwise(items.from_claim)


def _otherwise(make: Callable[..., dict[str, Any]], seconds: float = 0) -> Callable[..., dict[str, Any]]:
    def made(*arguments: Any) -> dict[str, Any]:
        time.sleep(seconds)
        return make(*arguments) | UNKNOWN

    return made
