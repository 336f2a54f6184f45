"""A clock that stands still, and the windows that the limiter's tests count in."""

import pytest

from optout.access.limit import Limiter, Spent, Window

NOON = 1_790_000_000_000


MINUTE, HOUR, DAY = Window(60, 3), Window(3_600, 5), Window(86_400, 6)


ALL = (MINUTE, HOUR, DAY)


LOCKOUT = Window(300, 4)


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def spend(limiter: Limiter, times: int = 1, bucket: str = "default", subject: str = "key#a") -> Spent:
    """The last of so many requests."""
    for _ in range(times):
        spent = limiter.spend(subject, bucket, ALL, LOCKOUT)
    return spent
