"""Read the rows of a CSV file, from any offset, so that reading can stop and continue.

A row is one line, or several where a quoted value has line breaks. A quote that is not closed within `LONGEST` bytes,
or closed inside a value, rejects its own line only; reading continues with the next one. Each row is validated by
itself.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

from optout.address import CONTROL
from optout.imports.header import Layout, read_header
from optout.imports.lines import LONGEST, Form, Line, Place, damaged, decode, form_of, head_of, is_utf_8, lines, shown
from optout.imports.rejection import RowError

LONGEST_NAME = 255
_SHOWN = 200  # characters shown of a rejected row
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")  # how a formula of a spreadsheet begins


class Row(NamedTuple):
    """A parsed row, or the ``error`` for which it is rejected; or an empty row: an empty line, or delimiters only. A
    rejected row has an ``email`` when it is rejected for what it says about its person."""

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
        return shown(self.raw, _SHOWN)


class CsvFile(NamedTuple):
    """A file whose header has been read; ``read`` gives its bytes from an offset on."""

    read: Callable[[int], Iterator[bytes]]
    form: Form
    layout: Layout
    body: Place

    def rows(self, place: Place) -> Iterator[Row]:
        """The rows from a place on, or all of them."""
        place = max(place, self.body)
        return rows(lines(self.read(place.offset), place, self.form), self.layout, strict=self.form.strict)


def open_csv(read: Callable[[int], Iterator[bytes]]) -> CsvFile:
    """Read the header of a file; raises `UnreadableFile`."""
    chunks = read(0)
    head = head_of(chunks)
    form = form_of(head)
    layout, body = read_header(lines(chain([head], chunks), Place(), form), strict=form.strict)
    return CsvFile(read, form, layout, body)


def rows(source: Iterator[Line], layout: Layout, *, strict: bool = False) -> Iterator[Row]:
    """The rows after the header, empty ones included: so a caller makes progress with every line."""
    ahead: deque[Line] = deque()  # lines that were read ahead and belong to no row yet
    while line := ahead.popleft() if ahead else next(source, None):
        taken = [line]
        yield _row(taken, _values(taken, ahead, source, layout, strict), layout)


def _values(
    taken: list[Line], ahead: deque[Line], source: Iterator[Line], layout: Layout, strict: bool
) -> list[str] | None:
    """The values of a row, and in ``taken`` its lines; None when the row is malformed."""

    def texts() -> Iterator[str]:
        size = len(taken[0].raw)
        yield decode(taken[0].raw, strict=strict) + "\n"
        while size <= LONGEST and (line := ahead.popleft() if ahead else next(source, None)):
            taken.append(line)
            size += 1 + len(line.raw)
            if size <= LONGEST:
                yield decode(line.raw, strict=strict) + "\n"

    if len(taken[0].raw) > LONGEST:
        return None
    try:
        values = layout.values(texts())
        if len(taken) == 1 or len(values) == layout.width:
            return values
    except csv.Error:
        pass
    ahead.extendleft(reversed(taken[1:]))
    del taken[1:]
    return None


def _row(taken: list[Line], values: list[str] | None, layout: Layout) -> Row:
    line, after = taken[0].at.line, taken[-1].after
    raw = b"\n".join(part.raw for part in taken)
    if values is None:
        return Row(line, after, raw, error=RowError.TOO_LONG if len(raw) > LONGEST else RowError.BROKEN_QUOTE)
    if not any(map(str.strip, values)):
        return Row(line, after, raw)
    if damaged("".join(values)):
        return Row(line, after, raw, error=RowError.NOT_UTF8)
    if len(values) > layout.width:
        return Row(line, after, raw, error=RowError.TOO_MANY_COLUMNS)
    values += [""] * (layout.width - len(values))
    email, name = values[layout.email].strip(), "" if layout.name is None else values[layout.name]
    if not email:
        return Row(line, after, raw, error=RowError.NO_EMAIL)
    if not (email.isascii() or is_utf_8(raw)):  # in another encoding it would be another address
        return Row(line, after, raw, error=RowError.NOT_UTF8)
    if verdict := layout.signs.verdict(values):
        return Row(line, after, raw, email, error=verdict)
    if error := _error(email, name):
        return Row(line, after, raw, error=error)
    return Row(line, after, raw, email, name.strip())


def _error(email: str, name: str) -> RowError | None:
    if CONTROL.search(name):
        return RowError.BAD_NAME
    if len(name) > LONGEST_NAME:
        return RowError.LONG_NAME
    # Some addresses begin with a plus or a dash; none begins with an equals sign except to inject a formula.
    return RowError.FORMULA if name.lstrip().startswith(_FORMULA) or email.startswith("=") else None
