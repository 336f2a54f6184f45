"""The SES stand-in: its settings, its faults, and a send rate that changes."""

import itertools
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import httpx

from local.stack import Stack
from optout.campaigns.ledger import Chunk
from optout.provider.send_rate import Account, Provider

USUAL = (10_000.0, 4_000.0, 1_500.0)  # emails per second
LOW = (41.0, 33.0, 26.0)  # each makes blocks of another size


def change(stack: Stack, **settings: Any) -> dict[str, Any]:
    """Change the provider's settings; returns the new ones."""
    answer = httpx.put(f"{stack.ses_url}/_local/settings", json=settings, trust_env=False)
    answer.raise_for_status()
    return dict(answer.json())


def inject(stack: Stack, plan: Mapping[str, Any]) -> None:
    """Replace the fault plan; an empty one ends all faults."""
    httpx.put(f"{stack.ses_url}/_local/faults", json=plan, trust_env=False).raise_for_status()


@contextmanager
def faulty(stack: Stack, plan: Mapping[str, Any]) -> Iterator[None]:
    inject(stack, plan)
    try:
        yield
    finally:
        inject(stack, {})


class Rates:
    """The `Provider` port of those who walk the audience. The rate falls when a walk is cut short and recovers when the
    next one has read it, so that the audience is cut into other blocks and the emails do not wait."""

    def __init__(self, stack: Stack, provider: Provider) -> None:
        self.changes = 0
        self._stack, self._provider = stack, provider
        self._usual, self._low = itertools.cycle(USUAL), itertools.cycle(LOW)
        self._rate = self._present = next(self._usual)
        self._is_over = False
        self._lock = threading.Lock()

    @contextmanager
    def changing(self) -> Iterator[Self]:
        before = change(self._stack)
        try:
            yield self
        finally:
            change(self._stack, rate=before["rate"])

    def change(self) -> None:
        """Another usual rate."""
        with self._lock:
            self._present = next(self._usual)
            self._set(self._present)

    def cut_short(self, resumes: bool) -> None:
        """A walk has died. The rate does not fall for one that waits for the sweeper, or for the last chunk."""
        with self._lock:
            self._set(next(self._low) if resumes and not self._is_over else self._present)

    def account(self) -> Account:
        with self._lock:
            found = self._provider.account()
            self._set(self._present)
            return found

    def stored(self, chunk: Chunk) -> None:
        with self._lock:
            self._is_over = self._is_over or chunk.next is None

    def _set(self, rate: float) -> None:
        if rate != self._rate:
            change(self._stack, rate=rate)
            self._rate = rate
            self.changes += 1
