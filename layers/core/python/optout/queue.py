"""The port: jobs are rung for by id."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeAlias

Message: TypeAlias = Mapping[str, int | str]


Ring: TypeAlias = Callable[[Iterable[Message]], None]


class Bell(Protocol):
    """Rings for the job that mails: a message carries ids and the time of the asking."""

    def ring(self, messages: Iterable[Message], delay: float = 0) -> None:
        """Send messages, to arrive after ``delay`` seconds; raises `Unavailable` when one did not get through."""
        ...


class Doorbell(Protocol):
    """Rings for a job: a message carries ids and says only that there is something to do."""

    def ring(self, messages: Iterable[Mapping[str, int]], delay: float = 0) -> None:
        """Send messages, to arrive after ``delay`` seconds; raises `Unavailable` when one did not get through."""
        ...
