"""A CSV file of people as rows, read from any place on, so that reading can stop and go on.

A row is one line, or several where a quoted value has line breaks. A quote that is not closed within `LONGEST` bytes,
or closed where no value ends, spoils its own line only: the next one is read as if it were not there. Each row is
judged by itself, so what one of them is made of stops no other.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

LONGEST = 10_000  # bytes of a row
LONGEST_NAME = 255
_SHOWN = 200  # characters of a row that is rejected
_BOM = b"\xef\xbb\xbf"
_DELIMITERS = ",;"
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")  # what a spreadsheet takes for the beginning of one


class Flaw(StrEnum):
    """Why a row is rejected."""

    TOO_LONG = "too_long"
    BROKEN_QUOTE = "broken_quote"
    NOT_UTF8 = "not_utf8"
    TOO_MANY_COLUMNS = "too_many_columns"
    NO_EMAIL = "no_email"
    BAD_EMAIL = "bad_email"
    BAD_NAME = "bad_name"
    LONG_NAME = "long_name"
    FORMULA = "formula"


class Trouble(StrEnum):
    """Why a whole file cannot be read, or not to its end."""

    NO_HEADER = "no_header"
    HEADER_NOT_UTF8 = "header_not_utf8"
    NO_EMAIL_COLUMN = "no_email_column"
    COLUMN_TWICE = "column_twice"
    TOO_MANY_ROWS = "too_many_rows"
    CHANGED = "changed"
    GONE = "gone"


class Troubled(Exception):
    """The file cannot be read."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


class Place(NamedTuple):
    """Where in the file a line begins, and its number."""

    offset: int = 0
    line: int = 1


class Line(NamedTuple):
    """One line without its end; of one that is longer than `LONGEST`, the beginning."""

    raw: bytes
    at: Place
    after: Place


class Row(NamedTuple):
    """What a row says of a person, or the ``flaw`` for which it is not to be believed."""

    line: int
    after: Place
    raw: bytes
    email: str = ""
    name: str = ""
    flaw: Flaw | None = None

    @property
    def text(self) -> str:
        """The beginning of the row as it was written."""
        return self.raw[: 4 * _SHOWN].decode("utf-8", "replace")[:_SHOWN].strip()


@dataclass(frozen=True, slots=True)
class Layout:
    """Which of the columns is which."""

    delimiter: str
    width: int
    email: int
    name: int | None = None


def lines(chunks: Iterable[bytes], place: Place) -> Iterator[Line]:
    """The lines of what is read from a place on. They end with LF or CRLF; an empty one is nothing."""
    rest, dropped = b"", 0
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for raw in whole:
            after = Place(place.offset + len(raw) + dropped + 1, place.line + 1)
            if raw.strip():
                yield Line(raw, place, after)
            place, dropped = after, 0
        if len(rest) > LONGEST:  # no more than what shows that it is too long
            dropped += len(rest) - LONGEST - 1
            rest = rest[: LONGEST + 1]
    if rest.strip():
        yield Line(rest, place, Place(place.offset + len(rest) + dropped, place.line + 1))


def read_header(source: Iterator[Line]) -> Layout:
    """What the first line says of the columns; raises `Troubled`."""
    line = next(source, None)
    if line is None:
        raise Troubled(Trouble.NO_HEADER)
    try:
        text = line.raw.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        raise Troubled(Trouble.HEADER_NOT_UTF8) from error
    columns = {delimiter: _columns(text, delimiter) for delimiter in _DELIMITERS}
    delimiter = next((delimiter for delimiter, names in columns.items() if "email" in names), None)
    if delimiter is None:
        raise Troubled(Trouble.NO_EMAIL_COLUMN)
    names = columns[delimiter]
    if names.count("email") > 1 or names.count("name") > 1:
        raise Troubled(Trouble.COLUMN_TWICE)
    return Layout(delimiter, len(names), names.index("email"), names.index("name") if "name" in names else None)


def _columns(text: str, delimiter: str) -> list[str]:
    try:
        return [name.strip().lower() for name in next(csv.reader([text], delimiter=delimiter, strict=True))]
    except csv.Error:
        return []


def rows(source: Iterator[Line], layout: Layout) -> Iterator[Row]:
    """The rows behind the header."""
    ahead: deque[Line] = deque()  # lines that were looked at, and belong to no row yet
    while line := ahead.popleft() if ahead else next(source, None):
        taken = [line]
        values = _values(taken, ahead, source, layout)
        if values is None or any(map(str.strip, values)):  # a row of nothing but delimiters is an empty line
            yield _row(taken, values, layout)


def _values(taken: list[Line], ahead: deque[Line], source: Iterator[Line], layout: Layout) -> list[str] | None:
    """The values of a row, and in ``taken`` the lines that it consists of; None when there is something wrong."""

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
        flaw: Flaw | None = Flaw.TOO_LONG if len(raw) > LONGEST else Flaw.BROKEN_QUOTE
    else:
        values += [""] * (layout.width - len(values))
        flaw = _flaw(raw, values, layout)
    if values is None or flaw:
        return Row(line, after, raw, flaw=flaw)
    return Row(line, after, raw, values[layout.email].strip(), _name(values, layout).strip())


def _flaw(raw: bytes, values: list[str], layout: Layout) -> Flaw | None:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return Flaw.NOT_UTF8
    if len(values) > layout.width:
        return Flaw.TOO_MANY_COLUMNS
    email, name = values[layout.email].strip(), _name(values, layout)
    if not email:
        return Flaw.NO_EMAIL
    if any(not char.isprintable() for char in name):
        return Flaw.BAD_NAME
    if len(name) > LONGEST_NAME:
        return Flaw.LONG_NAME
    # An address may begin with a plus or a dash, and some do. None that means well begins with an equals sign.
    return Flaw.FORMULA if name.lstrip().startswith(_FORMULA) or email.startswith("=") else None


def _name(values: list[str], layout: Layout) -> str:
    return "" if layout.name is None else values[layout.name]
