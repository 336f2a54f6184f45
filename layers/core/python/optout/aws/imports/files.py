"""Uploaded files in S3, with the results of their passes: rejected rows, and the marks of addresses.

The bucket deletes all of it after a few weeks (see template.yaml).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from optout import clock
from optout.errors import Unavailable
from optout.imports.job import LARGEST, File, Kind, Rejected, Upload
from optout.imports.rejection import FileError, RowError, UnreadableFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PIECE = 1 << 20  # bytes per request
_SECONDS = 3600  # within which an upload must start
_MISSING = {"404", "NoSuchKey", "NotFound"}
_REPLACED = {"412", "PreconditionFailed"}


@dataclass(frozen=True)
class S3Files:
    """The `Files` port: one bucket."""

    client: "S3Client"
    bucket: str

    def upload_form(self, number: int) -> Upload:
        expires = clock.now() + _SECONDS * 1000
        with _map_errors():
            form = self.client.generate_presigned_post(
                self.bucket, _upload(number), Conditions=[["content-length-range", 1, LARGEST]], ExpiresIn=_SECONDS
            )
        return Upload(form["url"], form["fields"], expires)

    def find(self, number: int) -> File | None:
        try:
            with _map_errors():
                found = self.client.head_object(Bucket=self.bucket, Key=_upload(number))
        except UnreadableFile:
            return None
        return File(found["ETag"], found["ContentLength"])

    def read(self, number: int, file: File, offset: int) -> Iterator[bytes]:
        for start in range(offset, file.size, _PIECE):
            with _map_errors():
                wanted = f"bytes={start}-{start + _PIECE - 1}"
                answer = self.client.get_object(
                    Bucket=self.bucket, Key=_upload(number), Range=wanted, IfMatch=file.mark
                )
                piece = answer["Body"].read()
            yield piece

    def reject(self, number: int, index: int, line: int, rows: Sequence[Rejected]) -> None:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        self._put(_note("rejected", number, index, line), text.encode("utf-8", "replace"))

    def rejected(self, number: int, index: int, after: int) -> Iterable[Rejected]:
        for key in self._keys("rejected", number, index, after):
            for text in self._get(key).decode().split("\n")[:-1]:
                line, error, shown = json.loads(text)
                if line > after:
                    yield Rejected(line, RowError(error), shown)

    def remember(self, kind: Kind, number: int, index: int, line: int, marks: bytes) -> None:
        self._put(_note(kind, number, index, line), marks)

    def remembered(self, kind: Kind, number: int, index: int, line: int) -> Iterable[bytes]:
        last = _note(kind, number, index, line)
        return (self._get(key) for key in self._keys(kind, number, index) if key <= last)

    def _put(self, key: str, content: bytes) -> None:
        with _map_errors():
            self.client.put_object(Bucket=self.bucket, Key=key, Body=content)

    def _get(self, key: str) -> bytes:
        try:
            with _map_errors():
                return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except UnreadableFile:  # deleted since it was listed
            return b""

    def _keys(self, kind: str, number: int, index: int, line: int = 0) -> Iterator[str]:
        """The objects of one pass whose batches end after a line, in file order."""
        last = _note(kind, number, index, line)
        while True:
            with _map_errors():
                found = self.client.list_objects_v2(
                    Bucket=self.bucket, Prefix=_notes(kind, number, index), StartAfter=last
                )
            for entry in found.get("Contents", ()):
                last = entry["Key"]
                yield last
            if not found.get("IsTruncated"):
                return


@contextmanager
def _map_errors() -> Iterator[None]:
    """Around calls of S3: a missing or replaced file raises `UnreadableFile`, any other failure `Unavailable`."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _MISSING:
            raise UnreadableFile(FileError.GONE) from error
        if code in _REPLACED:
            raise UnreadableFile(FileError.CHANGED) from error
        raise Unavailable from error
    except BotoCoreError as error:
        raise Unavailable from error


def _upload(number: int) -> str:
    return f"uploads/{number:016d}.csv"


def _notes(kind: str, number: int, index: int) -> str:
    return f"{kind}/{number:016d}/{index:06d}/"


def _note(kind: str, number: int, index: int, line: int) -> str:
    """The key of a batch's object, by the line after the batch; keys sort like lines."""
    return f"{_notes(kind, number, index)}{line:012d}"
