"""The header of a file: how its columns are separated, and which of them are read."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from optout.imports.departures import Signs, is_export_of_addresses, key, signs_of
from optout.imports.lines import LONGEST, Line, Place, damaged, decode
from optout.imports.rejection import FileError, UnreadableFile

_BEFORE_HEADER = 1000  # empty lines at most
_DELIMITERS = ",;\t"
_INVISIBLE = "\ufeff\u200b\u2060"  # before a quote, they would make it a part of the name
_ADDRESSES = frozenset(
    "emailaddress emailaddresses emailadress emailadresse mail mailaddress mailadresse emails email1 emailid useremail"
    " contactemail subscriberemail customeremail adresseemail adressemail adressedecourriel courriel correo"
    " correoelectrónico correoelectronico indirizzoemail epost epostadresse".split()
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of the file. A file is ``spaced`` when a blank follows each of its delimiters."""

    delimiter: str
    width: int
    email: int
    name: int | None = None
    signs: Signs = Signs()  # noqa: RUF009
    spaced: bool = False

    def values(self, texts: Iterable[str]) -> list[str]:
        """The values of the first row of some lines; raises `csv.Error`. Blank values behind the last column are
        delimiters that a spreadsheet added."""
        row = next(_reader(texts, self.delimiter, self.spaced))
        while len(row) > self.width and not row[-1].strip():
            row.pop()
        return row


def _reader(texts: Iterable[str], delimiter: str, spaced: bool) -> Iterator[list[str]]:
    return csv.reader(texts, delimiter=delimiter, strict=True, skipinitialspace=spaced)


def read_header(source: Iterator[Line], *, strict: bool = False) -> tuple[Layout, Place]:
    """The columns by the first line that is not empty, and the place behind it; raises `UnreadableFile`. The header
    may go on in further lines, and a line `sep=` may stand before it."""
    written = (line for line in islice(source, _BEFORE_HEADER + 1) if line.raw.strip(b"\xef\xbb\xbf \t\r\n"))
    line = next(written, None)
    first = _text(line, strict)
    if separator := _separator(first):
        line = next(written, None)
        first = _text(line, strict)
    text, candidates = first, dict.fromkeys([separator or ",", *_DELIMITERS])
    while line and len(text) <= LONGEST:
        layout = next(filter(None, (_layout(text, delimiter) for delimiter in candidates)), None)
        if layout:
            return layout, line.after
        if text.count('"') % 2 == 0:
            break
        if line := next(source, None):
            text += _text(line, strict)
    raise UnreadableFile(FileError.NO_EMAIL_COLUMN)


def _text(line: Line | None, strict: bool) -> str:
    if line is None:
        raise UnreadableFile(FileError.NO_HEADER)
    text = decode(line.raw, strict=strict)
    if damaged(text) or "\0" in text:
        raise UnreadableFile(FileError.HEADER_NOT_UTF8)
    return text.lstrip(_INVISIBLE) + "\n"


def _separator(text: str) -> str:
    """The delimiter that a line `sep=` names: Excel writes it, and reads it."""
    name, _, value = text.strip('\ufeff"\r\n').partition("=")
    return value if name.strip().lower() == "sep" and len(value) == 1 and value not in '"\r\n ' else ""


def _layout(text: str, delimiter: str) -> Layout | None:
    """The columns when they are separated so, and one is of addresses."""
    spaced = text.count(delimiter + " ") == text.count(delimiter) > 0
    try:
        names = [key(name) for name in next(_reader([text], delimiter, spaced))]
    except csv.Error:
        return None
    email = _address_column(names)
    if email is None:
        return None
    if names.count("name") > 1:
        raise UnreadableFile(FileError.COLUMN_TWICE)
    name = names.index("name") if "name" in names else None
    return Layout(delimiter, len(names), email, name, signs_of(names, email), spaced)


def _address_column(names: list[str]) -> int | None:
    """The column `email`, or else the only one with another name for it."""
    found = [at for at, name in enumerate(names) if name == "email"]
    found = found or [at for at, name in enumerate(names) if name in _ADDRESSES]
    found = found or ([names.index("address")] if is_export_of_addresses(names) else [])
    if len(found) > 1:
        raise UnreadableFile(FileError.COLUMN_TWICE)
    return found[0] if found else None
