"""Events of the provider, which prove what became of an email."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from optout.campaigns.ledger import Outcome


@dataclass(frozen=True, slots=True)
class Proof:
    """What an event proves about one recipient of one call: SENT, or FAILED because the provider did not send an email
    that it had accepted."""

    campaign: int
    chunk: int
    index: int
    part: int
    position: int
    outcome: Outcome


class EventStore(Protocol):
    """The proofs as they are stored."""

    def record(self, proofs: Sequence[Proof]) -> int:
        """Store the proofs about blocks that are not settled, and correct the outcomes and counters of settled ones, in
        any order and once. Returns the number of blocks written."""
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
