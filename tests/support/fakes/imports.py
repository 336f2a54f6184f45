"""Imports and their files in memory."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from optout.address import Address
from optout.errors import Conflict
from optout.imports.job import File, Import, Kind, Rejected, Upload
from optout.imports.rejection import FileError, UnreadableFile
from optout.subscribers.subscriber import Subscriber, Subscribers
from tests.support.fakes.switch import Store


class InMemoryImports(Store):
    """The `Imports` port, over the subscribers of another fake."""

    def __init__(self, subscribers: Subscribers) -> None:
        super().__init__()
        self._subscribers = subscribers
        self._jobs: dict[int, Import] = {}

    def create(self, job: Import) -> None:
        with self._open():
            if job.number in self._jobs:
                raise Conflict
            self._jobs[job.number] = job

    def get(self, number: int) -> Import | None:
        with self._open():
            return self._jobs.get(number)

    def save(self, job: Import, new: Sequence[Subscriber] = ()) -> Import:
        with self._open():
            there = self._jobs.get(job.number)
            if there is None or there.version != job.version:
                raise Conflict
            if new:
                self._subscribers.add(*new)
            self._jobs[job.number] = replace(job, version=job.version + 1)
            return self._jobs[job.number]

    def next_number(self, workspace: str, newsletter: str) -> int:
        with self._open():
            return self._subscribers.next_number(workspace, newsletter)

    def present(self, workspace: str, newsletter: str, addresses: Collection[Address]) -> Collection[Address]:
        with self._open():
            there = {one.address.key_form for one in self._subscribers.walk(workspace, newsletter)}
            return {address for address in addresses if address.key_form in there}


class InMemoryFiles(Store):
    """The `Files` port; `upload` does the client's part. ``piece`` bytes are read at once."""

    def __init__(self, piece: int = 5_000) -> None:
        super().__init__()
        self._piece = piece
        self._uploads: dict[int, bytes] = {}
        self._rejected: dict[tuple[int, int], dict[int, Sequence[Rejected]]] = {}
        self._marks: dict[tuple[Kind, int, int], dict[int, bytes]] = {}

    def upload(self, number: int, content: bytes) -> None:
        self._uploads[number] = content

    def lose(self, number: int) -> None:
        """The file is forgotten."""
        del self._uploads[number]

    def upload_form(self, number: int) -> Upload:
        with self._open():
            return Upload("memory:", {"key": str(number)}, 0)

    def find(self, number: int) -> File | None:
        with self._open():
            content = self._uploads.get(number)
            return None if content is None else File(sha256(content).hexdigest(), len(content))

    def read(self, number: int, file: File, offset: int) -> Iterator[bytes]:
        for start in range(offset, file.size, self._piece):
            there = self.find(number)
            if there != file:
                raise UnreadableFile(FileError.CHANGED if there else FileError.GONE)
            yield self._uploads[number][start : start + self._piece]

    def reject(self, number: int, index: int, line: int, rows: Sequence[Rejected]) -> None:
        with self._open():
            self._rejected.setdefault((number, index), {})[line] = tuple(rows)

    def rejected(self, number: int, index: int, after: int) -> Iterable[Rejected]:
        with self._open():
            batches = self._rejected.get((number, index), {})
            return [row for line in sorted(batches) for row in batches[line] if row.line > after]

    def remember(self, kind: Kind, number: int, index: int, line: int, marks: bytes) -> None:
        with self._open():
            self._marks.setdefault((kind, number, index), {})[line] = marks

    def remembered(self, kind: Kind, number: int, index: int, line: int) -> Iterable[bytes]:
        with self._open():
            batches = self._marks.get((kind, number, index), {})
            return [batches[one] for one in sorted(batches) if one <= line]
