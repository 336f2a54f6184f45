"""Send events of the provider, which prove that an email was accepted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AcceptedEvent:
    """The email of one recipient of one call was accepted under this message id."""

    campaign: int
    chunk: int
    index: int
    part: int
    position: int
    message_id: str

    @property
    def block(self) -> tuple[int, int, int, int]:
        return self.campaign, self.chunk, self.index, self.part


class EventStore(Protocol):
    """The accepted events as they are stored."""

    def record(self, accepted_events: Sequence[AcceptedEvent]) -> int:
        """Store the events of blocks that are not settled, and correct UNKNOWN to SENT in settled ones. Returns the
        number of blocks written."""
        ...

    def mark_alive(self, at: int) -> None:
        """Record that the send event of an email accepted at this time (epoch milliseconds) has arrived."""
        ...

    def alive_until(self) -> int:
        """Send events of emails accepted until this time have arrived; 0 if none has. The first events after a gap are
        ignored for a while, because delayed events arrive out of order."""
        ...


class SentFiles(Protocol):
    """Files of events; each exists until it has been read."""

    def read(self, key: str) -> Iterator[bytes]:
        """The content of a file, piece by piece; empty when the file does not exist."""
        ...

    def forget(self, key: str) -> None:
        """Delete a file that has been read; a missing file is no error."""
        ...

    def oldest(self) -> int | None:
        """When the oldest file was written (epoch milliseconds)."""
        ...
