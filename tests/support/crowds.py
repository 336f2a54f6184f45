"""Many threads that start together."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def at_once(count: int, work: Callable[[int], T]) -> Sequence[T]:
    """Run ``work`` in as many threads, all let go together."""
    gate = Barrier(count)

    def begin(at: int) -> T:
        gate.wait()
        return work(at)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))
