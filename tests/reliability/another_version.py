"""Another version of the product: it divides chunks and blocks differently, sends a chunk slowly, and writes attributes
that the deployed version does not know.

This file is part of that version's package, which calls `become` before it loads any other module.
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
