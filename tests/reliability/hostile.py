"""Faults: workers that die, an unreliable queue, and errors of the provider."""

import random
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from optout.queue import Message


class Killed(BaseException):
    """The worker's process is gone."""


class Mortal:
    """A port whose user dies before a call or after it: now and then, and once for certain, in the third call."""

    def __init__(self, port: object, chance: float, seed: int, deaths: Counter[str]) -> None:
        self._port, self._chance, self._random, self._deaths = port, chance, random.Random(seed), deaths
        self._calls = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            status = self._random.random()
            self._calls += 1
            if status < self._chance / 2 or (self._chance and self._calls == 3):
                self._die(f"before {name}")
            answer = found(*args, **kwargs)
            if status > 1 - self._chance / 2:
                self._die(f"after {name}")
            return answer

        return call if callable(found) else found

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
