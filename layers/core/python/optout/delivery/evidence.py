"""What SES events prove."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Sighting:
    """An event about one recipient of one of our calls: the mail was accepted under this message id."""

    campaign: int
    chunk: int
    index: int
    part: int
    position: int
    message_id: str

    @property
    def block(self) -> tuple[int, int, int, int]:
        return self.campaign, self.chunk, self.index, self.part


class Evidence(Protocol):
    """What the provider's events prove."""

    def note(self, sightings: Sequence[Sighting]) -> int:
        """Keep those about blocks that are not settled, and say SENT where a block says UNKNOWN; how many blocks were
        written to."""
        ...

    def note_alive(self, at: int) -> None:
        """Note that the event of a mail accepted at this time has arrived, where every mail's events do."""
        ...

    def alive_until(self) -> int:
        """The latest time of such a mail, 0 when there was none. What arrives first after a silence is left out for a
        while: what was held up arrives in any order."""
        ...


class SentFiles(Protocol):
    """Files of events; each is there until somebody has read it."""

    def read(self, key: str) -> Iterator[bytes]:
        """What is in a file, piece by piece; nothing when it is gone."""
        ...

    def forget(self, key: str) -> None:
        """A file has been read; fine if it is gone."""
        ...

    def oldest(self) -> int | None:
        """When the oldest file was written (epoch milliseconds)."""
        ...
