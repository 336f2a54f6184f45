"""Polling with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def poll(find: Callable[[], Found | None], timeout: float, pause: float = 0.1) -> Found | None:
    """The first true value that ``find`` returns, or None after ``timeout`` seconds; ``pause`` seconds lie between two
    calls."""
    deadline = time.monotonic() + timeout
    while not (found := find()):
        if time.monotonic() > deadline:
            return None
        time.sleep(pause)
    return found
