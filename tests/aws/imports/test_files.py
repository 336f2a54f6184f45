"""The contract of `Files`, kept by the fake and by S3 alike."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from optout.aws.imports.files import S3Files
from optout.errors import Unavailable
from optout.imports.job import Files, Kind, Rejected
from optout.imports.rejection import FileError, RowError, UnreadableFile
from optout.wiring.clients import session, settings
from optout.wiring.imports import files as wired_files
from tests.support.engine import Tables
from tests.support.fakes.imports import InMemoryFiles
from tests.support.wire import Wire

NUMBER = 859_111_923_712_031


@dataclass
class Uploads:
    """The port, and the client's upload."""

    files: Files
    upload: Callable[[int, bytes], Any]


@pytest.fixture
def uploads(anywhere: Tables | None, request: pytest.FixtureRequest) -> Iterator[Uploads]:
    if anywhere is None:
        files = InMemoryFiles()
        yield Uploads(files, files.upload)
        return
    client = boto3.client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        endpoint_url=anywhere.client.meta.endpoint_url if "engine" in request.node.name else None,
    )
    bucket = f"test-{uuid.uuid4().hex[:12]}"
    client.create_bucket(Bucket=bucket)

    def upload(number: int, content: bytes) -> None:
        client.put_object(Bucket=bucket, Key=f"uploads/{number:016d}.csv", Body=content)

    yield Uploads(S3Files(client, bucket), upload)
    while found := client.list_objects_v2(Bucket=bucket).get("Contents"):
        keys = [{"Key": entry["Key"]} for entry in found]
        client.delete_objects(Bucket=bucket, Delete={"Objects": keys})  # type: ignore[typeddict-item]
    client.delete_bucket(Bucket=bucket)


def test_a_file_is_found_when_it_has_been_uploaded(uploads: Uploads) -> None:
    assert uploads.files.find(NUMBER) is None
    uploads.upload(NUMBER, b"email\nada@example.com")
    first = uploads.files.find(NUMBER)
    assert first
    assert first.size == 21
    assert uploads.files.find(NUMBER + 1) is None
    uploads.upload(NUMBER, b"email\neve@example.com")
    assert uploads.files.find(NUMBER) != first
    uploads.upload(NUMBER, b"email\nada@example.com")
    assert uploads.files.find(NUMBER) == first


@pytest.mark.parametrize("size", [1, 1 << 20, (1 << 20) + 1, 5 << 19])
@pytest.mark.parametrize("offset", [0, 1, 1 << 20])
def test_a_file_is_read_from_any_place(uploads: Uploads, size: int, offset: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    uploads.upload(NUMBER, content[:size])
    file = uploads.files.find(NUMBER)
    assert file
    assert b"".join(uploads.files.read(NUMBER, file, offset)) == content[offset:size]


def test_a_file_that_has_changed_or_gone_is_not_read(uploads: Uploads) -> None:
    uploads.upload(NUMBER, b"email\nada@example.com")
    file = uploads.files.find(NUMBER)
    assert file
    uploads.upload(NUMBER, b"email\neve@example.com")
    for number, error in ((NUMBER, FileError.CHANGED), (NUMBER + 1, FileError.GONE)):
        with pytest.raises(UnreadableFile) as caught:
            list(uploads.files.read(number, file, 0))
        assert caught.value.error is error


def test_rejected_rows_are_kept_in_the_order_of_the_file_and_once(uploads: Uploads) -> None:
    texts = ["a,b", "\x00\t\r", "ünï ⸮", "�", '"\n', ""]
    rows = [Rejected(line, RowError.BAD_NAME, texts[line % 6]) for line in range(3, 53)]
    for batch in (rows[40:], rows[:20], rows[20:40], rows[:20]):
        uploads.files.reject(NUMBER, 1, batch[-1].line + 5, batch)
    uploads.files.reject(NUMBER, 2, 9, rows[:1])
    uploads.files.reject(NUMBER + 1, 1, 9, rows[:1])
    assert list(uploads.files.rejected(NUMBER, 1, 0)) == rows
    assert list(uploads.files.rejected(NUMBER, 2, 0)) == rows[:1]
    assert list(uploads.files.rejected(NUMBER, 3, 0)) == []
    for at in (0, 10, 19, 20, 39, 49):
        assert list(uploads.files.rejected(NUMBER, 1, rows[at].line)) == rows[at + 1 :]


def test_more_batches_than_one_answer_lists_are_read(uploads: Uploads) -> None:
    for line in range(1, 1003):
        uploads.files.reject(NUMBER, 1, line + 1, [Rejected(line, RowError.NO_EMAIL, "")])
    assert [row.line for row in uploads.files.rejected(NUMBER, 1, 0)] == list(range(1, 1003))


@pytest.mark.parametrize("kind", Kind)
def test_the_marks_of_a_kind_are_remembered_up_to_a_line(uploads: Uploads, kind: Kind) -> None:
    for line, marks in ((1002, b"one"), (3002, b"three"), (2002, b"two"), (2002, b"two")):
        uploads.files.remember(kind, NUMBER, 1, line, marks)
    uploads.files.remember(kind, NUMBER, 2, 1002, b"another")
    for other in {*Kind} - {kind}:
        uploads.files.remember(other, NUMBER, 1, 1002, b"of another kind")
    for line, marks in ((0, b""), (1002, b"one"), (2500, b"onetwo"), (9000, b"onetwothree")):
        assert b"".join(uploads.files.remembered(kind, NUMBER, 1, line)) == marks


def test_a_form_is_signed_for_one_file_and_names_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("IMPORTS_BUCKET", "the-bucket")
    for cached in (settings, session, wired_files):
        cached.cache_clear()
    with mock_aws():
        upload = wired_files().upload_form(NUMBER)
    for cached in (settings, session, wired_files):
        cached.cache_clear()
    assert upload.url == "https://the-bucket.s3.eu-central-1.amazonaws.com/"
    assert upload.fields["key"] == f"uploads/0{NUMBER}.csv"
    assert upload.fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


@pytest.mark.parametrize("error", [(503, "SlowDown", "…"), (403, "AccessDenied", "…"), (500, "InternalError", "…")])
def test_what_s3_refuses_is_unavailable(error: tuple[int, str, str]) -> None:
    wire = Wire("s3", error)
    with pytest.raises(Unavailable):
        S3Files(wire.client, "bucket").find(NUMBER)
