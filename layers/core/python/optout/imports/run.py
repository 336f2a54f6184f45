"""One run over the file of an import: each batch is validated, looked up, and counted or added.

Every batch is counted once, wherever a run dies and however many run at once: its subscribers and the import's progress
are written in one transaction, which fails when another run has made progress. So no run has to find out whether a
batch was added.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from random import uniform
from typing import NamedTuple

from optout import number
from optout.address import Address
from optout.backoff import ATTEMPTS, pause
from optout.errors import AlreadySubscribed, BadAddress, Conflict, Unavailable
from optout.imports.csv_rows import FileError, Place, Row, RowError, UnreadableFile, lines, read_header, rows
from optout.imports.job import ADDED, MOST_ROWS, Files, Import, Imports, Rejected, State, Tally
from optout.scope import Mail, newsletter_topic
from optout.subscribers.subscriber import Status, Subscriber
from optout.suppressions.check import states_of
from optout.suppressions.suppression import Suppressions

CHECKED = 1000  # rows in one batch of a check
_BYTES = 10_000_000  # after which a batch ends: a rejected row may have any length
_SECONDS_NEEDED = 15.0
_FAILURES = 10  # of a store in a row, without progress in between, before a run gives up
_LONGEST_PAUSE = 2.0
_MARK = 8  # bytes of an address's hash, enough to tell the addresses of one file apart


class Ran(NamedTuple):
    """The result of one run: its tally, the state of the import, and ``unfinished`` when time ran out."""

    tally: Tally = Tally()
    unfinished: bool = False
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive rows: the people in them, each once, the rejected ones, and how many are ``empty`` besides."""

    after: Place
    rows: int
    people: dict[str, tuple[Address, str]]
    rejected: list[Rejected]
    empty: int

    @property
    def good(self) -> int:
        """Rows that are not rejected, repeated ones included."""
        return self.rows - len(self.rejected)

    def tally(self, new: int, left: int = 0) -> Tally:
        """The rows by result, when so many people are new, and suppressed."""
        return Tally(self.rows, new, self.good - new, len(self.rejected), left, self.empty)


@dataclass(frozen=True, slots=True)
class ImportRun:
    """The ports of this use case. ``to_address`` raises `BadAddress` or another `ValueError` for an invalid address."""

    imports: Imports
    files: Files
    suppressions: Suppressions
    to_address: Callable[[str], Address]

    def run(self, wanted: int, seconds_left: Callable[[], float]) -> Ran:
        """Continue an import to its end, or until time runs out. A store that does not answer is retried for a while,
        because an addition writes as fast as it can and may be throttled."""
        job = before = self.imports.get(wanted)
        failures = 0
        while job and job.state.reads:
            try:
                job = self._go(job, seconds_left)
                break
            except Conflict:
                return Ran()  # another run continues it, from a queue message of its own
            except Unavailable:
                failures += 1
                if failures > _FAILURES or seconds_left() < _SECONDS_NEEDED:
                    raise
                time.sleep(uniform(0, min(_LONGEST_PAUSE, 0.05 * 2**failures)))
                reached, job = _place(job), self.imports.get(wanted)
                failures = 1 if job and _place(job) != reached else failures
        return _ran(before, job) if before and job else Ran()

    def _go(self, job: Import, seconds_left: Callable[[], float]) -> Import:
        adds = job.state is State.ADDING
        try:
            seen = set() if adds else self._seen(job)
            read = self._rows(job)
            while seconds_left() >= _SECONDS_NEEDED:
                batch = self._batch(read, ADDED if adds else CHECKED)
                if batch is None:
                    return self.imports.save(job.finish())
                job = self._add(job, batch) if adds else self._check(job, batch, seen)
        except UnreadableFile as error:
            return self.imports.save(job.finish(error.error))
        return job

    def _rows(self, job: Import) -> Iterator[Row]:
        """The rows from the import's position on; the header is read each time."""
        if job.file is None:
            raise UnreadableFile(FileError.GONE)
        source = lines(self.files.read(job.number, job.file, 0), Place())
        layout, place = read_header(source), _place(job)
        if place.offset:
            source = lines(self.files.read(job.number, job.file, place.offset), place)
        return rows(source, layout)

    def _batch(self, read: Iterator[Row], size: int) -> Batch | None:
        found = _take(read, size)
        written = [row for row in found if not row.empty]
        people: dict[str, tuple[Address, str]] = {}
        rejected = []
        for row in written:
            address = self._address(row)
            if isinstance(address, RowError):
                rejected.append(Rejected(row.line, address, row.text))
            else:
                people.setdefault(address.key_form, (address, row.name))
        empty = len(found) - len(written)
        return Batch(found[-1].after, len(written), people, rejected, empty) if found else None

    def _address(self, row: Row) -> Address | RowError:
        """The address of a row, or why the row is rejected."""
        if row.error:
            return row.error
        try:
            address = self.to_address(row.email)
        except (BadAddress, ValueError):
            return RowError.BAD_EMAIL
        return address if address.deliverable else RowError.UNDELIVERABLE

    def _check(self, job: Import, batch: Batch, seen: set[bytes]) -> Import:
        """Count a batch without adding it. ``seen`` holds the marks of all addresses so far, and is updated."""
        tally = job.current_pass.tally if job.current_pass else Tally()
        if tally.rows + tally.empty + batch.rows + batch.empty > MOST_ROWS:
            raise UnreadableFile(FileError.TOO_MANY_ROWS)
        marked = {_mark(key): address for key, (address, _) in batch.people.items()}
        fresh = {mark: address for mark, address in marked.items() if mark not in seen}
        addresses, mail = list(fresh.values()), Mail(newsletter_topic(job.newsletter))
        new = len(addresses) - len(self.imports.present(job.workspace, job.newsletter, addresses))
        states = states_of(self.suppressions, job.workspace, addresses)
        left = sum(state.stopping(mail) is not None for state in states.values())
        self._keep_rejected(job, batch)
        if fresh:
            self.files.remember(job.number, _index(job), batch.after.line, b"".join(fresh))
            seen.update(fresh)
        return self.imports.save(job.advance(batch.after, batch.tally(new, left)))

    def _add(self, job: Import, batch: Batch) -> Import:
        """Add the new subscribers of a batch, and count it."""
        self._keep_rejected(job, batch)
        addresses = [address for address, _ in batch.people.values()]
        for attempt in range(ATTEMPTS):
            there = self.imports.present(job.workspace, job.newsletter, addresses)
            fresh = [(address, name) for address, name in batch.people.values() if address not in there]
            after = job.advance(batch.after, batch.tally(len(fresh)))
            try:
                return self.imports.save(after, self._made(job, fresh))
            except (AlreadySubscribed, Conflict):
                if self.imports.get(job.number) != job:  # another run has made progress
                    raise Conflict from None
                pause(attempt)  # somebody else has subscribed people to the newsletter
        raise Unavailable

    def _made(self, job: Import, people: list[tuple[Address, str]]) -> list[Subscriber]:
        first = self.imports.next_number(job.workspace, job.newsletter) if people else 0
        return [
            Subscriber(job.workspace, job.newsletter, at, address, name, Status.ACTIVE, number.milliseconds(at))
            for at, (address, name) in enumerate(people, first)
        ]

    def _keep_rejected(self, job: Import, batch: Batch) -> None:
        if batch.rejected:
            self.files.reject(job.number, _index(job), batch.after.line, batch.rejected)

    def _seen(self, job: Import) -> set[bytes]:
        """The marks of the addresses that a check has read so far."""
        place = _place(job)
        if not place.offset:
            return set()
        kept = self.files.remembered(job.number, _index(job), place.line)
        return {marks[at : at + _MARK] for marks in kept for at in range(0, len(marks), _MARK)}


def _take(read: Iterator[Row], size: int) -> list[Row]:
    """The next rows: fewer than ``size`` where they are long, or at the end of the file."""
    found: list[Row] = []
    for row in read:
        found.append(row)
        if len(found) == size or row.after.offset - found[0].after.offset > _BYTES:
            break
    return found


def _mark(key_form: str) -> bytes:
    return blake2b(key_form.encode(), digest_size=_MARK).digest()


def _place(job: Import) -> Place:
    return job.current_pass.place if job.current_pass else Place()


def _index(job: Import) -> int:
    return job.current_pass.index if job.current_pass else 0


def _ran(before: Import, after: Import) -> Ran:
    began, reached = before.current_pass, after.current_pass
    if began is None or reached is None or began.index != reached.index:
        return Ran(state=after.state)
    done = Tally(*(now - then for now, then in zip(reached.tally, began.tally, strict=True)))
    return Ran(done, after.state.reads, after.state)
