"""An import: subscribers of a newsletter from a CSV file.

The file is read twice. The check writes nothing and reports the result of each row; only a checked file can be added,
and only while it is unchanged. An import adds subscribers: it changes no existing one and removes no opt-out. The
suppression list still applies to every email. Where a column says who has left, a survey before the check marks those
people, so that no other row of theirs adds them, be it an earlier one.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple, Protocol

from optout import clock
from optout.address import Address
from optout.imports.lines import Place
from optout.imports.rejection import FileError, RowError
from optout.subscribers.subscriber import Subscriber

LARGEST = 1_000_000_000  # bytes of a file
MOST_ROWS = 1 << 20  # of a file, empty ones included: a full spreadsheet. A check keeps all addresses in memory
ADDED = 96  # subscribers that are added at once; slightly more would take twice as many steps


class State(StrEnum):
    """The state of an import."""

    WAITING = "waiting"  # for its file, or for the check to be started
    CHECKING = "checking"
    CHECKED = "checked"
    ADDING = "adding"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def reads(self) -> bool:
        return self in (State.CHECKING, State.ADDING)


class File(NamedTuple):
    """An uploaded file; ``mark`` changes with the content."""

    mark: str
    size: int


class Kind(StrEnum):
    """Which addresses of a file are remembered."""

    SEEN = "seen"
    LEFT = "seen/left"  # one row or another says so


class Upload(NamedTuple):
    """A form for an HTTP POST with the file as its last field, ``file``; valid until ``expires`` (epoch
    milliseconds)."""

    url: str
    fields: Mapping[str, str]
    expires: int


class Tally(NamedTuple):
    """Rows by result. ``present`` counts existing subscribers and repeated rows; ``left`` counts those of ``new`` and
    ``present`` that are suppressed (only a check counts them). ``rows`` leaves out ``empty`` ones."""

    rows: int = 0
    new: int = 0
    present: int = 0
    rejected: int = 0
    left: int = 0
    empty: int = 0

    def plus(self, other: "Tally") -> "Tally":
        return Tally(*map(sum, zip(self, other, strict=True)))


class Rejected(NamedTuple):
    """A rejected row, with the beginning of its text."""

    line: int
    error: RowError
    text: str


@dataclass(frozen=True, slots=True)
class Survey:
    """How far a file has been searched for those who have left: ``marks`` of them were remembered below ``index``."""

    index: int
    place: Place = field(default_factory=Place)
    rows: int = 0
    marks: int = 0
    done: bool = False


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass through the file, the ``index``-th of its import. ``reasons`` counts its rejected rows. Times in epoch
    milliseconds."""

    index: int
    started: int
    updated: int
    place: Place
    tally: Tally
    finished: int | None = None
    reasons: Mapping[RowError, int] = field(default_factory=dict)

    def advance(self, after: Place, tally: Tally, reasons: Mapping[RowError, int]) -> "Pass":
        counted = dict(Counter(self.reasons) + Counter(reasons))
        return replace(self.touch(), place=after, tally=self.tally.plus(tally), reasons=counted)

    def touch(self) -> "Pass":
        return replace(self, updated=max(clock.now(), self.updated))

    @property
    def rows_per_second(self) -> float | None:
        seconds = (self.updated - self.started) / 1000
        return round(self.tally.rows / seconds, 1) if seconds > 0 else None


@dataclass(frozen=True, slots=True)
class Import:
    """One import; ``version`` counts its changes, ``file`` is the file of the last check."""

    workspace: str
    newsletter: str
    number: int
    state: State = State.WAITING
    file: File | None = None
    check: Pass | None = None
    addition: Pass | None = None
    error: FileError | None = None
    version: int = 0
    survey: Survey | None = None

    @property
    def current_pass(self) -> Pass | None:
        """The latest pass through the file."""
        return self.addition or self.check

    def start(self, state: State, file: File) -> "Import":
        """The import at the start of another pass."""
        now, index = clock.now(), self.current_pass.index + 1 if self.current_pass else 1
        new = Pass(index, now, now, Place(), Tally())
        if state is State.CHECKING:
            return replace(self, state=state, file=file, check=new, addition=None, error=None, survey=None)
        return replace(self, state=state, addition=new, error=None)

    def advance(self, after: Place, tally: Tally, reasons: Mapping[RowError, int]) -> "Import":
        """The import with more rows processed."""
        return self._with(self._pass.advance(after, tally, reasons), self.state)

    def surveyed(self, survey: Survey) -> "Import":
        """The import with more of its file searched for those who have left."""
        return replace(self._with(self._pass.touch(), self.state), survey=survey)

    def finish(self, error: FileError | None = None) -> "Import":
        """The import at the end of the file, or with the error that stopped the pass."""
        now = max(clock.now(), self._pass.updated)
        if error:
            return replace(self._with(replace(self._pass, updated=now), State.FAILED), error=error)
        end = Place(self.file.size if self.file else 0, self._pass.place.line)
        current = replace(self._pass, place=end, updated=now, finished=now)
        return self._with(current, State.CHECKED if self.state is State.CHECKING else State.FINISHED)

    @property
    def _pass(self) -> Pass:
        if self.current_pass is None:
            raise ValueError("no pass has been started")
        return self.current_pass

    def _with(self, current: Pass, state: State) -> "Import":
        if self.addition:
            return replace(self, addition=current, state=state)
        return replace(self, check=current, state=state)


class Imports(Protocol):
    """Imports as they are stored. Every method raises `Unavailable` when the store does not answer."""

    def create(self, job: Import) -> None:
        """Store a new one; raises `Conflict` when the number is taken."""
        ...

    def get(self, number: int) -> Import | None:
        """The import under this number, strongly consistent."""
        ...

    def save(self, job: Import, new: Sequence[Subscriber] = ()) -> Import:
        """Write an import if its version is unchanged since it was read, and return it. Up to `ADDED` new subscribers
        of its newsletter, with consecutive numbers, are stored with it: both or, even after a crash, neither. Raises
        `AlreadySubscribed`, or `Conflict` if the import has changed or a number is not greater than all others."""
        ...

    def next_number(self, workspace: str, newsletter: str) -> int:
        """A number for a new subscriber, greater than all numbers in the newsletter."""
        ...

    def present(self, workspace: str, newsletter: str, addresses: Collection[Address]) -> Collection[Address]:
        """The addresses that are in the newsletter, strongly consistent."""
        ...


class Files(Protocol):
    """The uploaded files, and the notes of their passes. Every method raises `Unavailable` when the store does not
    answer."""

    def upload_form(self, number: int) -> Upload:
        """A form to upload the file of an import."""
        ...

    def find(self, number: int) -> File | None:
        """The file of an import, if it has been uploaded."""
        ...

    def read(self, number: int, file: File, offset: int) -> Iterator[bytes]:
        """The file from a place on, piece by piece; raises `Troubled` when it is not that file any more."""
        ...

    def reject(self, number: int, index: int, line: int, rows: Sequence[Rejected]) -> None:
        """Store the rejected rows of one batch; ``line`` is the line after the batch. A repeat changes nothing."""
        ...

    def rejected(self, number: int, index: int, after: int) -> Iterable[Rejected]:
        """The rejected rows of a pass after a line, read lazily."""
        ...

    def remember(self, kind: Kind, number: int, index: int, line: int, marks: bytes) -> None:
        """Store addresses of one batch, as marks; ``line`` is the line after the batch. A repeat changes nothing."""
        ...

    def remembered(self, kind: Kind, number: int, index: int, line: int) -> Iterable[bytes]:
        """The marks of all batches up to a line."""
        ...
