"""The port to a job queue.

A message carries ids only: DynamoDB holds the state, so a message that arrives twice, late or never does no harm.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeAlias

Message: TypeAlias = Mapping[str, int | str]


class Queue(Protocol):
    """Enqueues work for one kind of job."""

    def send(self, messages: Iterable[Message], delay: float = 0) -> None:
        """Enqueue messages, to arrive after ``delay`` seconds; raises `Unavailable` when one was not accepted."""
        ...
