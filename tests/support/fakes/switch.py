"""The switch that turns a fake store off."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from optout.errors import Unavailable


class Store:
    """One lock, one switch."""

    def __init__(self) -> None:
        self.down = False
        self._lock = RLock()

    @contextmanager
    def _open(self) -> Iterator[None]:
        """One call of the store: alone, and only while the store answers."""
        if self.down:
            raise Unavailable
        with self._lock:
            yield
