"""One run over the file of an import: batch after batch is judged, looked up, and counted or added.

Every batch is counted once, wherever a run dies and however many run at once. Before people are added, the import keeps
what is intended; whoever comes later finds out whether it was done, by looking for its first number. A batch that is
tried again takes greater numbers, and a newsletter takes none that is not greater than all before: so as soon as one
attempt has succeeded, no earlier one still can.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import islice
from random import uniform
from typing import NamedTuple

from optout import number
from optout.address import Address
from optout.backoff import ATTEMPTS, pause
from optout.errors import AlreadySubscribed, BadAddress, Conflict, Unavailable
from optout.imports.csv_rows import Flaw, Place, Row, Trouble, Troubled, lines, read_header, rows
from optout.imports.job import MOST_ROWS, Files, Import, Imports, Intent, Rejected, State, Tally
from optout.scope import Mail, newsletter_topic
from optout.subscribers.subscriber import Status, Subscriber, Subscribers
from optout.suppressions.check import states_of
from optout.suppressions.suppression import Suppressions

CHECKED = 1000  # rows in one batch of a check
ADDED = 97  # rows in one batch of an addition: a few more may be added together, and take twice as many steps
_SECONDS_NEEDED = 15.0
_SILENCES = 10  # of a store, without any progress in between, before a run gives up
_LONGEST_PAUSE = 2.0
_MARK = 8  # bytes that tell the addresses of a file apart


class Ran(NamedTuple):
    """What one run did, and in which state it left the import; ``unfinished`` when there is more to do and no time."""

    tally: Tally = Tally()
    unfinished: bool = False
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows that follow each other: the people in them, each once, and the rejected ones."""

    after: Place
    rows: int
    people: dict[str, tuple[Address, str]]
    rejected: list[Rejected]

    @property
    def good(self) -> int:
        """Rows that are not rejected, also those that say again what another one says."""
        return self.rows - len(self.rejected)


@dataclass(frozen=True, slots=True)
class ImportRun:
    """The ports that importing needs, and the one use case over them. ``to_address`` raises `BadAddress`, or another
    `ValueError`, for what is no address."""

    imports: Imports
    files: Files
    subscribers: Subscribers
    suppressions: Suppressions
    to_address: Callable[[str], Address]

    def run(self, wanted: int, seconds_left: Callable[[], float]) -> Ran:
        """Go on with an import until its end, or until time runs out. Stores that are silent for a while are waited
        for: an addition writes as fast as it can, so it may be throttled."""
        job = before = self.imports.get(wanted)
        silences = 0
        while job and job.state.reads:
            try:
                job = self._go(job, seconds_left)
                break
            except Conflict:
                return Ran()  # another run is at it, and has a doorbell of its own
            except Unavailable:
                silences += 1
                if silences > _SILENCES or seconds_left() < _SECONDS_NEEDED:
                    raise
                time.sleep(uniform(0, min(_LONGEST_PAUSE, 0.05 * 2**silences)))
                reached, job = _place(job), self.imports.get(wanted)
                silences = 1 if job and _place(job) != reached else silences
        return _ran(before, job) if before and job else Ran()

    def _go(self, job: Import, seconds_left: Callable[[], float]) -> Import:
        adds = job.state is State.ADDING
        try:
            job = self._settled(job) or job
            seen = set() if adds else self._seen(job)
            read = self._rows(job)
            while seconds_left() >= _SECONDS_NEEDED:
                batch = self._batch(read, ADDED if adds else CHECKED)
                if batch is None:
                    return self.imports.save(job.ended())
                job = self._add(job, batch) if adds else self._check(job, batch, seen)
        except Troubled as error:
            return self.imports.save(job.ended(error.trouble))
        return job

    def _rows(self, job: Import) -> Iterator[Row]:
        """The rows from where the import has got; what the columns are is read off the header each time."""
        if job.file is None:
            raise Troubled(Trouble.GONE)
        source = lines(self.files.read(job.number, job.file, 0), Place())
        layout, place = read_header(source), _place(job)
        if place.offset:
            source = lines(self.files.read(job.number, job.file, place.offset), place)
        return rows(source, layout)

    def _batch(self, read: Iterator[Row], size: int) -> Batch | None:
        found = list(islice(read, size))
        people: dict[str, tuple[Address, str]] = {}
        rejected = []
        for row in found:
            flaw = row.flaw
            if flaw is None:
                try:
                    address = self.to_address(row.email)
                except (BadAddress, ValueError):
                    flaw = Flaw.BAD_EMAIL
                else:
                    people.setdefault(address.key_form, (address, row.name))
            if flaw:
                rejected.append(Rejected(row.line, flaw, row.text))
        return Batch(found[-1].after, len(found), people, rejected) if found else None

    def _check(self, job: Import, batch: Batch, seen: set[bytes]) -> Import:
        """Count what would become of a batch. ``seen`` are the addresses of those before it, and then of it too."""
        tally = job.reading.tally if job.reading else Tally()
        if tally.rows + batch.rows > MOST_ROWS:
            raise Troubled(Trouble.TOO_MANY_ROWS)
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
        return self.imports.save(
            job.onward(batch.after, Tally(batch.rows, new, batch.good - new, len(batch.rejected), left))
        )

    def _add(self, job: Import, batch: Batch) -> Import:
        """Add those of a batch who are not there, and count it. Who is there is looked up before the intents are: an
        attempt of another run that is missed by the first is found by the second."""
        self._keep_rejected(job, batch)
        addresses = [address for address, _ in batch.people.values()]
        for attempt in range(ATTEMPTS):
            there = self.imports.present(job.workspace, job.newsletter, addresses)
            if settled := self._settled(job):
                return settled
            fresh = [(address, name) for address, name in batch.people.values() if address not in there]
            tally = Tally(batch.rows, len(fresh), batch.good - len(fresh), len(batch.rejected))
            if not fresh:
                return self.imports.save(job.onward(batch.after, tally))
            made = self._made(job, fresh)
            intent = Intent(made[0].number, made[0].address, batch.after, tally)
            job = self.imports.save(replace(job, intents=(*job.intents, intent)))
            try:
                self.subscribers.add(*made)
            except (AlreadySubscribed, Conflict):  # somebody else was faster
                pause(attempt)
            else:
                return self.imports.save(job.onward(batch.after, tally))
        raise Unavailable

    def _made(self, job: Import, people: list[tuple[Address, str]]) -> list[Subscriber]:
        taken = [intent.first + intent.tally.new for intent in job.intents]
        first = max([self.subscribers.next_number(job.workspace, job.newsletter), *taken])
        return [
            Subscriber(job.workspace, job.newsletter, at, address, name, Status.ACTIVE, number.milliseconds(at))
            for at, (address, name) in enumerate(people, first)
        ]

    def _settled(self, job: Import) -> Import | None:
        """The import with the batch counted that some run has added, if one of those that are intended has been."""
        for intent in job.intents:
            there = self.subscribers.get(job.workspace, job.newsletter, intent.first)
            if there and there.address.key_form == intent.address.key_form:
                return self.imports.save(job.onward(intent.after, intent.tally))
        return None

    def _keep_rejected(self, job: Import, batch: Batch) -> None:
        if batch.rejected:
            self.files.reject(job.number, _index(job), batch.after.line, batch.rejected)

    def _seen(self, job: Import) -> set[bytes]:
        """The addresses that a check has met so far."""
        place = _place(job)
        if not place.offset:
            return set()
        kept = self.files.remembered(job.number, _index(job), place.line)
        return {marks[at : at + _MARK] for marks in kept for at in range(0, len(marks), _MARK)}


def _mark(key_form: str) -> bytes:
    return blake2b(key_form.encode(), digest_size=_MARK).digest()


def _place(job: Import) -> Place:
    return job.reading.place if job.reading else Place()


def _index(job: Import) -> int:
    return job.reading.index if job.reading else 0


def _ran(before: Import, after: Import) -> Ran:
    began, reached = before.reading, after.reading
    if began is None or reached is None or began.index != reached.index:
        return Ran(state=after.state)
    done = Tally(*(now - then for now, then in zip(reached.tally, began.tally, strict=True)))
    return Ran(done, after.state.reads, after.state)
