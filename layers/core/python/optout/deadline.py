"""The deadline of a request: nothing begins that could outlast it, so that the answer is sent before the function is
killed. Without one, as in jobs, everything may begin."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf

from optout.errors import Unavailable

# Seconds. One attempt of a call to AWS: to connect and to wait for the response. Then the longest pause before the
# next attempt: the SDK waits up to 1 and 2 s after throttled attempts, and hardly at all after others.
CONNECT, READ, PAUSE = 1, 2, 2
CALL = CONNECT + READ + PAUSE
ANSWER = 0.5  # kept back for the answer

_end: ContextVar[float] = ContextVar("end", default=inf)  # by the monotonic clock


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything inside, and the answer after it, must end within ``seconds``."""
    with _until(time.monotonic() + seconds - ANSWER):
        yield


@contextmanager
def leaving(seconds: float) -> Iterator[None]:
    """Everything inside must leave ``seconds`` for what follows it."""
    with _until(_end.get() - seconds):
        yield


def require(seconds: float) -> None:
    """Raise `Unavailable` if there is less time left."""
    if time.monotonic() + seconds > _end.get():
        raise Unavailable


def sleep(seconds: float) -> None:
    """Sleep, or raise `Unavailable` at once if the time left is shorter."""
    require(seconds)
    time.sleep(seconds)


@contextmanager
def _until(end: float) -> Iterator[None]:
    before = _end.set(end)
    try:
        yield
    finally:
        _end.reset(before)
