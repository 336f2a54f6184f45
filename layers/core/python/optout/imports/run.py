"""One run over the file of an import: each batch is validated, looked up, and counted or added.

Every batch is counted once, wherever a run dies and however many run at once: its subscribers and the import's progress
are written in one transaction, which fails when another run has made progress. So no run has to find out whether a
batch was added.
"""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from random import uniform
from typing import NamedTuple

from optout import number
from optout.address import Address
from optout.backoff import ATTEMPTS, pause
from optout.errors import AlreadySubscribed, Conflict, Unavailable
from optout.imports.batch import MARK, Batch, ToAddress, mark, marks_of_those_who_left, read_batch, take
from optout.imports.csv_rows import CsvFile, open_csv
from optout.imports.job import ADDED, MOST_ROWS, Files, Import, Imports, Kind, State, Survey, Tally
from optout.imports.lines import Place
from optout.imports.rejection import FileError, UnreadableFile
from optout.scope import Mail, newsletter_topic
from optout.subscribers.subscriber import Status, Subscriber
from optout.suppressions.check import states_of
from optout.suppressions.suppression import Suppressions

CHECKED = 1000  # rows in one batch of a check, and of the survey before it
_SECONDS_NEEDED = 15.0
_FAILURES = 10  # of a store in a row, without progress in between, before a run gives up
_LONGEST_PAUSE = 2.0


class Ran(NamedTuple):
    """The result of one run: its tally, the state of the import, and ``unfinished`` when time ran out."""

    tally: Tally = Tally()
    unfinished: bool = False
    state: State | None = None


@dataclass(frozen=True, slots=True)
class ImportRun:
    """The ports of this use case."""

    imports: Imports
    files: Files
    suppressions: Suppressions
    to_address: ToAddress

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
                reached, job = job.version, self.imports.get(wanted)
                failures = 1 if job and job.version != reached else failures
        return _ran(before, job) if before and job else Ran()

    def _go(self, job: Import, seconds_left: Callable[[], float]) -> Import:
        try:
            steps = self._steps(job)
            while job.state.reads and seconds_left() >= _SECONDS_NEEDED:
                job = next(steps)
        except UnreadableFile as error:
            return self.imports.save(job.finish(error.error))
        return job

    def _steps(self, job: Import) -> Iterator[Import]:
        """The import after each batch, to the end of the pass."""
        file = self._open(job)
        if file.layout.signs.differ:
            job = yield from self._survey(job, file)
        adds, place, survey = job.state is State.ADDING, _place(job), job.survey
        left = self._marks(Kind.LEFT, job, survey.index, survey.place) if survey else set()
        seen = set() if adds else self._marks(Kind.SEEN, job, _index(job), place)
        read = file.rows(place)
        while found := take(read, ADDED if adds else CHECKED):
            batch = read_batch(found, left, self.to_address)
            job = self._add(job, batch) if adds else self._check(job, batch, seen)
            yield job
        yield self.imports.save(job.finish())

    def _open(self, job: Import) -> CsvFile:
        file = job.file
        if file is None:
            raise UnreadableFile(FileError.GONE)
        return open_csv(lambda offset: self.files.read(job.number, file, offset))

    def _survey(self, job: Import, file: CsvFile) -> Generator[Import, None, Import]:
        """Mark those who have left by any row, before the first row is counted or added."""
        survey = job.survey or Survey(_index(job))
        read = file.rows(survey.place)
        while not survey.done:
            found = take(read, CHECKED)
            marks = marks_of_those_who_left(found, self.to_address)
            place = found[-1].after if found else survey.place
            rows, count = survey.rows + len(found), survey.marks + len(marks)
            if max(rows, count) > MOST_ROWS:
                raise UnreadableFile(FileError.TOO_MANY_ROWS)
            if marks:
                self.files.remember(Kind.LEFT, job.number, survey.index, place.line, b"".join(marks))
            survey = Survey(survey.index, place, rows, count, done=not found)
            job = self.imports.save(job.surveyed(survey))
            yield job
        return job

    def _check(self, job: Import, batch: Batch, seen: set[bytes]) -> Import:
        """Count a batch without adding it. ``seen`` holds the marks of all addresses so far, and is updated."""
        tally = job.current_pass.tally if job.current_pass else Tally()
        if tally.rows + tally.empty + batch.rows + batch.empty > MOST_ROWS:
            raise UnreadableFile(FileError.TOO_MANY_ROWS)
        marked = {mark(address): address for address, _ in batch.people.values()}
        fresh = {mark: address for mark, address in marked.items() if mark not in seen}
        addresses, mail = list(fresh.values()), Mail(newsletter_topic(job.newsletter))
        new = len(addresses) - len(self.imports.present(job.workspace, job.newsletter, addresses))
        states = states_of(self.suppressions, job.workspace, addresses)
        left = sum(state.stopping(mail) is not None for state in states.values())
        self._keep_rejected(job, batch)
        if fresh:
            self.files.remember(Kind.SEEN, job.number, _index(job), batch.after.line, b"".join(fresh))
            seen.update(fresh)
        return self.imports.save(job.advance(batch.after, batch.tally(new, left), batch.reasons))

    def _add(self, job: Import, batch: Batch) -> Import:
        """Add the new subscribers of a batch, and count it."""
        self._keep_rejected(job, batch)
        addresses = [address for address, _ in batch.people.values()]
        for attempt in range(ATTEMPTS):
            there = self.imports.present(job.workspace, job.newsletter, addresses)
            fresh = [(address, name) for address, name in batch.people.values() if address not in there]
            after = job.advance(batch.after, batch.tally(len(fresh)), batch.reasons)
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

    def _marks(self, kind: Kind, job: Import, index: int, place: Place) -> set[bytes]:
        """The marks of the addresses that were remembered up to a place."""
        if not place.offset:
            return set()
        kept = self.files.remembered(kind, job.number, index, place.line)
        return {marks[at : at + MARK] for marks in kept for at in range(0, len(marks), MARK)}


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
