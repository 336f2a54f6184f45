"""The lines of a file in any of its encodings, from any offset.

Lines are bytes: those of the file, or UTF-8 where the file is UTF-16. Offsets always are those of the file.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

LONGEST = 10_000  # bytes of a line, and of a row
_HEAD = 2 * LONGEST  # bytes by which the form of a file is told
_UTF_8, _UTF_16 = codecs.BOM_UTF8, {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_BREAK = re.compile(rb'"[^"]*"|(\r*\n)|(\r)')
_INSIDE = bytes(range(0x80, 0xC0))  # the bytes of a UTF-8 character behind its first one
_NOT_PAIRS = bytes({*range(256)} - {*range(0xF0, 0xF8)})  # all but the first bytes of what UTF-16 writes as a pair
_ESCAPED = re.compile("[\ud800-\udfff]")


class Place(NamedTuple):
    """The offset of a line in the file, and its number."""

    offset: int = 0
    line: int = 1


class Line(NamedTuple):
    """One line without its line break, truncated after `LONGEST` bytes."""

    raw: bytes
    at: Place
    after: Place


class Form(NamedTuple):
    """How a file is written: the UTF-16 it is in, if any; the end of its lines, LF (or CRLF) or CR; and ``strict``
    when a mark says that it is Unicode, so that nothing in it can be Windows-1252."""

    wide: str = ""
    end: bytes = b"\n"
    strict: bool = False

    def size(self, raw: bytes) -> int:
        """How many bytes of the file so many bytes of lines are."""
        if not self.wide:
            return len(raw)
        return 2 * (len(raw.translate(None, _INSIDE)) + len(raw.translate(None, _NOT_PAIRS)))

    def narrow(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks of the file in UTF-8, or in the bytes that they are."""
        if not self.wide:
            return iter(chunks)
        decoder = codecs.getincrementaldecoder(self.wide)("surrogatepass")
        return (decoder.decode(chunk).encode("utf-8", "surrogatepass") for chunk in chunks)


PLAIN = Form()


def head_of(chunks: Iterator[bytes]) -> bytes:
    """The beginning of a file, enough to tell its form by; it is taken from the chunks."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD:
            break
    return head


def form_of(head: bytes) -> Form:
    """The form of a file, by how it begins."""
    wide = _UTF_16.get(head[:2], "") or _unmarked(head[:4])
    form = Form(wide, strict=bool(wide) or head.startswith(_UTF_8))
    start = b"".join(form.narrow([head[:_HEAD]]))
    first = next((found for found in _BREAK.finditer(start) if found.lastindex), None)
    return form._replace(end=b"\r") if first and first[2] else form


def _unmarked(head: bytes) -> str:
    """The UTF-16 without a mark: a header begins with ASCII."""
    if len(head) == 4 and head[1::2] == b"\0\0" and all(head[::2]):
        return "utf-16-le"
    return "utf-16-be" if len(head) == 4 and head[::2] == b"\0\0" and all(head[1::2]) else ""


def lines(chunks: Iterable[bytes], place: Place, form: Form = PLAIN) -> Iterator[Line]:
    """The lines from a place on, which is the beginning of one."""
    rest, dropped, end = b"", 0, form.size(form.end)
    for chunk in form.narrow(chunks):
        *whole, rest = (rest + chunk).split(form.end)
        for raw in whole:
            after = Place(place.offset + form.size(raw) + dropped + end, place.line + 1)
            yield Line(raw, place, after)
            place, dropped = after, 0
        if len(rest) > LONGEST:  # keep just enough to show that it is too long
            dropped += form.size(rest[LONGEST + 1 :])
            rest = rest[: LONGEST + 1]
    if rest:
        yield Line(rest, place, Place(place.offset + form.size(rest) + dropped, place.line + 1))


def decode(raw: bytes, *, strict: bool = False) -> str:
    """The text of a line in UTF-8 or else in Windows-1252; `damaged` when it is in neither. Where some of a line is
    UTF-8 beyond ASCII, the rest is damaged and not Windows-1252."""
    guess = not (strict or is_utf_8(raw)) and raw.decode("utf-8", "ignore").isascii()
    return raw.decode("cp1252" if guess else "utf-8", "surrogateescape")


def is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def damaged(text: str) -> bool:
    """Whether some of a decoded text is in no encoding that is read."""
    return not text.isascii() and _ESCAPED.search(text) is not None


def shown(raw: bytes, longest: int) -> str:
    """The beginning of a row as it stands in the file."""
    return _ESCAPED.sub("\ufffd", decode(raw[: 4 * longest])[:longest]).strip()
