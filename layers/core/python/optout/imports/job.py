"""Importing the people of a newsletter from a CSV file.

The file is read twice. The check writes nothing and says what would become of everybody; only what was checked can be
added, and only as long as it is the same file. Nobody who is there is changed, and nobody who has left comes back: an
import adds subscribers, and it is the suppression list that says whether they are mailed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, Protocol

from optout import clock
from optout.address import Address
from optout.imports.csv_rows import Flaw, Place, Trouble

LARGEST = 1_000_000_000  # bytes of a file
MOST_ROWS = 1_000_000  # of a file: as many addresses a check can keep in mind


class State(StrEnum):
    """Where an import stands."""

    WAITING = "waiting"  # for its file, or for somebody to ask for the check
    CHECKING = "checking"
    CHECKED = "checked"
    ADDING = "adding"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def reads(self) -> bool:
        return self in (State.CHECKING, State.ADDING)


class File(NamedTuple):
    """An uploaded file; one of another content has another ``mark``."""

    mark: str
    size: int


class Upload(NamedTuple):
    """How to upload a file: a form for an HTTP POST, the file as its last field, ``file``; good until ``expires``
    (epoch milliseconds)."""

    url: str
    fields: Mapping[str, str]
    expires: int


class Tally(NamedTuple):
    """What became of rows, or would become of them. ``present`` are those who are there already, also by an earlier
    row of the file; ``left`` are those of the ``new`` and ``present`` whom the newsletter may not mail, if asked."""

    rows: int = 0
    new: int = 0
    present: int = 0
    rejected: int = 0
    left: int = 0

    def plus(self, other: "Tally") -> "Tally":
        return Tally(*map(sum, zip(self, other, strict=True)))


class Rejected(NamedTuple):
    """A row that is not taken, with the beginning of its text."""

    line: int
    flaw: Flaw
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One time through the file: the ``index``-th of its import. Times in epoch milliseconds."""

    index: int
    started: int
    updated: int
    place: Place
    tally: Tally
    finished: int | None = None

    def onward(self, after: Place, tally: Tally) -> "Reading":
        return replace(self, place=after, tally=self.tally.plus(tally), updated=max(clock.now(), self.updated))

    @property
    def rows_per_second(self) -> float | None:
        seconds = (self.updated - self.started) / 1000
        return round(self.tally.rows / seconds, 1) if seconds > 0 else None


@dataclass(frozen=True, slots=True)
class Intent:
    """A batch that is about to be added: who is its first and under which number, where it ends, what it comes to.
    Adding is all or nothing, so whether the first is there says whether the batch is."""

    first: int
    address: Address
    after: Place
    tally: Tally


@dataclass(frozen=True, slots=True)
class Import:
    """One import; ``version`` counts its changes. ``file`` is what the last check read."""

    workspace: str
    newsletter: str
    number: int
    state: State = State.WAITING
    file: File | None = None
    check: Reading | None = None
    addition: Reading | None = None
    intents: tuple[Intent, ...] = ()
    trouble: Trouble | None = None
    version: int = 0

    @property
    def reading(self) -> Reading | None:
        """The latest time through the file."""
        return self.addition or self.check

    def begun(self, state: State, file: File) -> "Import":
        """At the beginning of another time through the file."""
        now, index = clock.now(), self.reading.index + 1 if self.reading else 1
        reading = Reading(index, now, now, Place(), Tally())
        if state is State.CHECKING:
            return replace(self, state=state, file=file, check=reading, addition=None, trouble=None)
        return replace(self, state=state, addition=reading, trouble=None)

    def onward(self, after: Place, tally: Tally) -> "Import":
        """With some more rows accounted for."""
        return self._with(self._reading.onward(after, tally), self.state)

    def ended(self, trouble: Trouble | None = None) -> "Import":
        """At the end of the file, or where it cannot be read any further."""
        now = max(clock.now(), self._reading.updated)
        if trouble:
            return replace(self._with(replace(self._reading, updated=now), State.FAILED), trouble=trouble)
        end = Place(self.file.size if self.file else 0, self._reading.place.line)
        reading = replace(self._reading, place=end, updated=now, finished=now)
        return self._with(reading, State.CHECKED if self.state is State.CHECKING else State.FINISHED)

    @property
    def _reading(self) -> Reading:
        if self.reading is None:
            raise ValueError("nobody has begun to read")
        return self.reading

    def _with(self, reading: Reading, state: State) -> "Import":
        if self.addition:
            return replace(self, addition=reading, state=state, intents=())
        return replace(self, check=reading, state=state)


class Imports(Protocol):
    """Imports as they are stored. Every method raises `Unavailable` when the store does not answer."""

    def create(self, job: Import) -> None:
        """Store a new one; raises `Conflict` when the number is taken."""
        ...

    def get(self, number: int) -> Import | None:
        """The import under this number, strongly consistent."""
        ...

    def save(self, job: Import) -> Import:
        """Write an import if it still has the version that it was read with; as it is now. Raises `Conflict`."""
        ...

    def present(self, workspace: str, newsletter: str, addresses: Collection[Address]) -> Collection[Address]:
        """Those of the addresses that are in the newsletter, strongly consistent."""
        ...


class Files(Protocol):
    """The uploaded files, and beside them what reading them has brought up. Every method raises `Unavailable` when the
    store does not answer."""

    def invite(self, number: int) -> Upload:
        """A way to upload the file of an import."""
        ...

    def find(self, number: int) -> File | None:
        """The file of an import, if it has been uploaded."""
        ...

    def read(self, number: int, file: File, offset: int) -> Iterator[bytes]:
        """The file from a place on, piece by piece; raises `Troubled` when it is not that file any more."""
        ...

    def reject(self, number: int, index: int, line: int, rows: Sequence[Rejected]) -> None:
        """Keep the rejected rows of one batch of a reading; ``line`` is the one behind the batch. Twice is once."""
        ...

    def rejected(self, number: int, index: int, after: int) -> Iterable[Rejected]:
        """The rejected rows of a reading behind a line, read as they are asked for."""
        ...

    def remember(self, number: int, index: int, line: int, marks: bytes) -> None:
        """Keep what a check has to know of one batch; ``line`` is the one behind the batch. Twice is once."""
        ...

    def remembered(self, number: int, index: int, line: int) -> Iterable[bytes]:
        """What a check has to know of all batches up to a line."""
        ...
