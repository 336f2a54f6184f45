"""Faults: workers that die, an unreliable queue, and errors of the provider."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from optout.campaigns.ledger import CHUNK
from optout.queue import Message

PER_READER = ("numbers_of", "state", "take_person")  # calls of the audience walk; a chunk has up to CHUNK readers


class Killed(BaseException):
    """The worker's process is gone."""


class Mortal:
    """A port whose user dies before a call or after it: now and then, and once for certain, before the third call or
    before the first call of ``doomed``. The chance of a call for each reader is that of a call for their chunk."""

    def __init__(
        self, port: object, chance: Callable[[], float], seed: float, deaths: Counter[str], doomed: str = ""
    ) -> None:
        self._port, self._chance, self._random, self._deaths = port, chance, random.Random(seed), deaths
        self._doomed, self._left = doomed, 1 if doomed else 3

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            status, chance = self._random.random(), self._chance() / (CHUNK if name in PER_READER else 1)
            if status < chance / 2 or (chance and self._is_doomed(name)):
                self._die(f"before {name}")
            answer = found(*args, **kwargs)
            if status > 1 - chance / 2:
                self._die(f"after {name}")
            return answer

        return call if callable(found) else found

    def _is_doomed(self, name: str) -> bool:
        counts = self._doomed in ("", name)
        self._left -= counts
        return counts and self._left == 0

    def _die(self, where: str) -> None:
        self._deaths[where] += 1
        raise Killed


class HostileQueue:
    """A queue that repeats, reorders and forgets. As a `Queue` it ignores delays: every message arrives too early."""

    def __init__(self, seed: int, duplicates: float) -> None:
        self._random, self._duplicates = random.Random(seed), duplicates
        self._messages: list[Message] = []
        self._lock = threading.Lock()
        self.purged = 0

    def send(self, messages: Iterable[Message], delay: float = 0) -> None:
        for message in messages:
            with self._lock:
                self._messages += [message] * (2 if self._random.random() < self._duplicates else 1)

    def take(self) -> Message | None:
        with self._lock:
            if not self._messages:
                return None
            return self._messages.pop(self._random.randrange(len(self._messages)))

    def purge(self) -> None:
        with self._lock:
            self.purged += len(self._messages)
            self._messages.clear()


@dataclass(frozen=True)
class Faults:
    """The faults: the stand-in's plan, the probability that a worker dies at a call, and that a message comes twice."""

    plan: Mapping[str, Any] = field(default_factory=dict)
    deaths: float = 0.0
    duplicates: float = 0.0


LOST_ANSWERS = [
    {"fault": "error_after", "probability": 0.03},
    {"fault": "close_after", "probability": 0.03, "status": 503},
    {"fault": "hang_after", "probability": 0.01, "seconds": 3},
]
NEVER_ACCEPTED = [
    {"fault": "throttle", "probability": 0.1},
    {"fault": "error_before", "probability": 0.02, "status": 503},
    {"fault": "close_before", "probability": 0.02},
]
ENTRIES = [{"status": "TRANSIENT_FAILURE", "probability": 0.01}, {"status": "ACCOUNT_THROTTLED", "probability": 0.01}]
EVENTS = [
    {"fault": "duplicate", "probability": 0.05},
    {"fault": "reorder", "probability": 0.1, "seconds": 1},
    {"fault": "drop", "probability": 0.02, "kinds": ["Send"]},  # the email's Delivery event proves it too
]
EVERYTHING_WRONG = Faults(
    {"seed": 7, "calls": NEVER_ACCEPTED + LOST_ANSWERS, "entries": ENTRIES, "events": EVENTS}, 0.02, 0.3
)
