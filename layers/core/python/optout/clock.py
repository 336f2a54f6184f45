"""The time."""

import time


def now() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000
