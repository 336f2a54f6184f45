"""Limits in memory."""

from collections.abc import Callable
from math import ceil

from optout.access.limit import FAILURES, Count, Spent, Window, Windows
from tests.support.fakes.switch import Store


class InMemoryLimiter(Store):
    """The `Limiter` port."""

    def __init__(self, clock: Callable[[], int]) -> None:
        super().__init__()
        self._clock = clock
        self._counts: dict[tuple[str, str, int], Count] = {}

    def spend(self, subject: str, bucket: str, windows: Windows, lockout: Window | None = None) -> Spent:
        with self._open():
            now = self._clock()
            counts = {window: window.current(self._count(subject, bucket, window), now) for window in windows}
            waits = [window.wait(count, now) for window, count in counts.items()]
            if lockout:
                waits.append(lockout.wait(self._count(subject, FAILURES, lockout), now))
            if not any(waits):
                counts = {window: window.spent(count, now) for window, count in counts.items()}
                self._counts |= {(subject, bucket, window.seconds): count for window, count in counts.items()}
            return Spent.of(counts, max(waits))

    def fail(self, subject: str, lockout: Window) -> int:
        with self._open():
            now, count = self._clock(), self._count(subject, FAILURES, lockout)
            wait = lockout.wait(count, now)
            if not wait:
                self._counts[subject, FAILURES, lockout.seconds] = lockout.failed(count, now)
            return ceil(wait / 1000)

    def take_back(self, subject: str, lockout: Window, counted: int) -> None:
        with self._open():
            count = self._count(subject, FAILURES, lockout)
            if count.used and count.ends <= counted + 1000 * lockout.seconds:
                self._counts[subject, FAILURES, lockout.seconds] = Count(count.used - 1, count.ends)

    def locked(self, subject: str, lockout: Window) -> int:
        with self._open():
            return ceil(lockout.wait(self._count(subject, FAILURES, lockout), self._clock()) / 1000)

    def _count(self, subject: str, bucket: str, window: Window) -> Count:
        return self._counts.get((subject, bucket, window.seconds), Count())
