"""Batches of rows: the people in them, the rows that are rejected, and those who have left by one row or another."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice

from optout.address import Address
from optout.errors import BadAddress
from optout.imports.csv_rows import Row
from optout.imports.job import Rejected, Tally
from optout.imports.lines import LONGEST, Place, decode
from optout.imports.rejection import RowError

MARK = 8  # bytes of an address's hash, enough to tell the addresses of one file apart
_BYTES = 10_000_000  # after which a batch ends: a rejected row may have any length
_ADDRESS = re.compile(r"[^\s\"',;:|<>()@]{1,64}@[^\s\"',;:|<>()@]{1,255}")
_MOST_ADDRESSES = 100  # that are looked for in a row that cannot be read: each one takes time

ToAddress = Callable[[str], Address]  # raises `BadAddress` or another `ValueError` for an invalid address


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive rows: the people in them, each once, the rejected ones, and how many are ``empty`` besides."""

    after: Place
    rows: int
    people: dict[str, tuple[Address, str]]
    rejected: list[Rejected]
    empty: int

    @property
    def reasons(self) -> Counter[RowError]:
        return Counter(row.error for row in self.rejected)

    def tally(self, new: int, left: int = 0) -> Tally:
        """The rows by result, when so many people are new, and suppressed."""
        good = self.rows - len(self.rejected)  # repeated ones included
        return Tally(self.rows, new, good - new, len(self.rejected), left, self.empty)


def read_batch(found: list[Row], left: Collection[bytes], to_address: ToAddress) -> Batch:
    """The batch of at least one row. ``left`` are the marks of those who have left by any row of the file."""
    written = [row for row in found if not row.empty]
    people: dict[str, tuple[Address, str]] = {}
    rejected = []
    for row in written:
        address = _address(row, to_address)
        if isinstance(address, Address) and left and mark(address) in left:
            address = RowError.LEFT_IN_ANOTHER_ROW
        if isinstance(address, RowError):
            rejected.append(Rejected(row.line, address, row.text))
        else:
            people.setdefault(address.key_form, (address, row.name))
    return Batch(found[-1].after, len(written), people, rejected, len(found) - len(written))


def marks_of_those_who_left(found: list[Row], to_address: ToAddress) -> set[bytes]:
    """The marks of all whom a row is against. A row whose address or values cannot be read may be against every address
    in it."""
    marks = set()
    for row in found:
        if row.error and (row.error.malformed or row.error is RowError.NO_EMAIL):
            marks |= _marks(_addresses_in(row), to_address)
        elif row.error and row.error.strength:
            marks |= _marks([row.email], to_address) or _marks(_addresses_in(row), to_address)
    return marks


def _addresses_in(row: Row) -> list[str]:
    return [found[0] for found in islice(_ADDRESS.finditer(decode(row.raw[:LONGEST])), _MOST_ADDRESSES)]


def _marks(emails: list[str], to_address: ToAddress) -> set[bytes]:
    marks = set()
    for email in emails:
        with suppress(BadAddress, ValueError):
            marks.add(mark(to_address(email)))
    return marks


def take(read: Iterator[Row], size: int) -> list[Row]:
    """The next rows: fewer than ``size`` where they are long, or at the end of the file."""
    found: list[Row] = []
    for row in read:
        found.append(row)
        if len(found) == size or row.after.offset - found[0].after.offset > _BYTES:
            break
    return found


def mark(address: Address) -> bytes:
    return blake2b(address.key_form.encode(), digest_size=MARK).digest()


def _address(row: Row, to_address: ToAddress) -> Address | RowError:
    """The address of a row, or why the row is rejected."""
    if row.error and not row.email:
        return row.error
    try:
        address = to_address(row.email)
    except (BadAddress, ValueError):
        return RowError.BAD_EMAIL
    if not address.deliverable:
        return RowError.UNDELIVERABLE
    return row.error or address
