"""Read the rows of a CSV file, from any offset, so that reading can stop and continue.

A row is one line, or several where a quoted value has line breaks. A quote that is not closed within `LONGEST` bytes,
or closed inside a value, rejects its own line only; reading continues with the next one. Each row is validated by
itself.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from optout.address import CONTROL

LONGEST = 10_000  # bytes of a row
LONGEST_NAME = 255
_SHOWN = 200  # characters shown of a rejected row
_BEFORE_HEADER = 1000  # empty lines at most
_BOM = b"\xef\xbb\xbf"
_DELIMITERS = ",;"
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")  # how a formula of a spreadsheet begins


class RowError(StrEnum):
    """Why a row is rejected."""

    TOO_LONG = "too_long"
    BROKEN_QUOTE = "broken_quote"
    NOT_UTF8 = "not_utf8"
    TOO_MANY_COLUMNS = "too_many_columns"
    NO_EMAIL = "no_email"
    BAD_EMAIL = "bad_email"
    UNDELIVERABLE = "undeliverable"
    BAD_NAME = "bad_name"
    LONG_NAME = "long_name"
    FORMULA = "formula"


class FileError(StrEnum):
    """Why a file cannot be read to its end."""

    NO_HEADER = "no_header"
    HEADER_NOT_UTF8 = "header_not_utf8"
    NO_EMAIL_COLUMN = "no_email_column"
    COLUMN_TWICE = "column_twice"
    TOO_MANY_ROWS = "too_many_rows"
    CHANGED = "changed"
    GONE = "gone"


class UnreadableFile(Exception):
    """The file cannot be read."""

    def __init__(self, error: FileError) -> None:
        super().__init__(error.value)
        self.error = error


class Place(NamedTuple):
    """The offset of a line in the file, and its number."""

    offset: int = 0
    line: int = 1


class Line(NamedTuple):
    """One line without its line break, truncated after `LONGEST` bytes."""

    raw: bytes
    at: Place
    after: Place


class Row(NamedTuple):
    """A parsed row, or the ``error`` for which it is rejected; or an empty row: an empty line, or delimiters only."""

    line: int
    after: Place
    raw: bytes
    email: str = ""
    name: str = ""
    error: RowError | None = None

    @property
    def empty(self) -> bool:
        return not (self.email or self.error)

    @property
    def text(self) -> str:
        """The beginning of the row as it stands in the file."""
        return self.raw[: 4 * _SHOWN].decode("utf-8", "replace")[:_SHOWN].strip()


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of the file."""

    delimiter: str
    width: int
    email: int
    name: int | None = None


def lines(chunks: Iterable[bytes], place: Place) -> Iterator[Line]:
    """The lines from a place on. They end with LF or CRLF."""
    rest, dropped = b"", 0
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for raw in whole:
            after = Place(place.offset + len(raw) + dropped + 1, place.line + 1)
            yield Line(raw, place, after)
            place, dropped = after, 0
        if len(rest) > LONGEST:  # keep just enough to show that it is too long
            dropped += len(rest) - LONGEST - 1
            rest = rest[: LONGEST + 1]
    if rest:
        yield Line(rest, place, Place(place.offset + len(rest) + dropped, place.line + 1))


def read_header(source: Iterator[Line]) -> Layout:
    """The columns by the first line that is not empty; raises `UnreadableFile`."""
    line = next((line for line in islice(source, _BEFORE_HEADER + 1) if line.raw.strip()), None)
    if line is None:
        raise UnreadableFile(FileError.NO_HEADER)
    try:
        text = line.raw.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        raise UnreadableFile(FileError.HEADER_NOT_UTF8) from error
    columns = {delimiter: _columns(text, delimiter) for delimiter in _DELIMITERS}
    delimiter = next((delimiter for delimiter, names in columns.items() if "email" in names), None)
    if delimiter is None:
        raise UnreadableFile(FileError.NO_EMAIL_COLUMN)
    names = columns[delimiter]
    if names.count("email") > 1 or names.count("name") > 1:
        raise UnreadableFile(FileError.COLUMN_TWICE)
    return Layout(delimiter, len(names), names.index("email"), names.index("name") if "name" in names else None)


def _columns(text: str, delimiter: str) -> list[str]:
    try:
        return [name.strip().lower() for name in next(csv.reader([text], delimiter=delimiter, strict=True))]
    except csv.Error:
        return []


def rows(source: Iterator[Line], layout: Layout) -> Iterator[Row]:
    """The rows after the header, empty ones included: so a caller makes progress with every line."""
    ahead: deque[Line] = deque()  # lines that were read ahead and belong to no row yet
    while line := ahead.popleft() if ahead else next(source, None):
        taken = [line]
        yield _row(taken, _values(taken, ahead, source, layout), layout)


def _values(taken: list[Line], ahead: deque[Line], source: Iterator[Line], layout: Layout) -> list[str] | None:
    """The values of a row, and in ``taken`` its lines; None when the row is malformed."""

    def texts() -> Iterator[str]:
        size = len(taken[0].raw)
        yield _text(taken[0])
        while size <= LONGEST and (line := ahead.popleft() if ahead else next(source, None)):
            taken.append(line)
            size += 1 + len(line.raw)
            if size <= LONGEST:
                yield _text(line)

    if len(taken[0].raw) > LONGEST:
        return None
    try:
        values = next(csv.reader(texts(), delimiter=layout.delimiter, strict=True))
        if len(taken) == 1 or len(values) == layout.width:
            return values
    except csv.Error:
        pass
    ahead.extendleft(reversed(taken[1:]))
    del taken[1:]
    return None


def _text(line: Line) -> str:
    return line.raw.decode("utf-8", "surrogateescape") + "\n"


def _row(taken: list[Line], values: list[str] | None, layout: Layout) -> Row:
    line, after = taken[0].at.line, taken[-1].after
    raw = b"\n".join(part.raw for part in taken)
    if values is None:
        return Row(line, after, raw, error=RowError.TOO_LONG if len(raw) > LONGEST else RowError.BROKEN_QUOTE)
    if not any(map(str.strip, values)):
        return Row(line, after, raw)
    values += [""] * (layout.width - len(values))
    if error := _error(raw, values, layout):
        return Row(line, after, raw, error=error)
    return Row(line, after, raw, values[layout.email].strip(), _name(values, layout).strip())


def _error(raw: bytes, values: list[str], layout: Layout) -> RowError | None:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return RowError.NOT_UTF8
    if len(values) > layout.width:
        return RowError.TOO_MANY_COLUMNS
    email, name = values[layout.email].strip(), _name(values, layout)
    if not email:
        return RowError.NO_EMAIL
    if CONTROL.search(name):
        return RowError.BAD_NAME
    if len(name) > LONGEST_NAME:
        return RowError.LONG_NAME
    # Some addresses begin with a plus or a dash; none begins with an equals sign except to inject a formula.
    return RowError.FORMULA if name.lstrip().startswith(_FORMULA) or email.startswith("=") else None


def _name(values: list[str], layout: Layout) -> str:
    return "" if layout.name is None else values[layout.name]
