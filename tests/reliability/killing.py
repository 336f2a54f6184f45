"""A process that dies at one of its calls to AWS: before the call, or after it took effect and before the response."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any


class Killed(BaseException):
    """Nothing catches it, as nothing catches the end of a process."""


@contextmanager
def killed_at(client: Any, call: int, when: str) -> Iterator[None]:
    """Die at the ``call``-th call from here on (0 is the first): "before" or "after" it."""
    calls = count()
    hook = {"before": "before-call.dynamodb", "after": "after-call.dynamodb"}[when]

    def die(**_: object) -> None:
        if next(calls) == call:
            raise Killed

    client.meta.events.register(hook, die)
    try:
        yield
    except Killed:
        return
    finally:
        client.meta.events.unregister(hook, die)
    raise AssertionError(f"there are only {next(calls)} calls")
