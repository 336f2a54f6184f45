"""Files of events in S3: packed or not, read once, and then gone."""

import gzip
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.stack import Stack
from optout import clock
from optout.aws.delivery.sent_files import S3SentFiles
from optout.errors import Unavailable
from tests.support.wire import Wire

KEY = "sent/2026/11/21/10/stream-1-2026-11-21-10-00-00-x.gz"
CONTENT = b"".join(b"%d\n" % number for number in range(200_000))


@dataclass
class Bucket:
    """The port, and a way to put a file there."""

    files: S3SentFiles
    client: Any

    def put(self, content: bytes, key: str = KEY) -> None:
        self.client.put_object(Bucket=self.files.bucket, Key=key, Body=content)


@pytest.fixture(params=["moto", "engine"])
def bucket(request: pytest.FixtureRequest) -> Iterator[Bucket]:
    with ExitStack() as closing:
        if request.param == "moto":
            closing.enter_context(mock_aws())
            client: Any = boto3.client(
                "s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
            )
        else:
            stack: Stack = request.getfixturevalue("stack")
            client = stack.client("s3")
        name = f"test-{uuid.uuid4().hex[:12]}"
        client.create_bucket(Bucket=name)
        yield Bucket(S3SentFiles(client, name), client)


@pytest.mark.parametrize(
    "stored",
    [CONTENT, gzip.compress(CONTENT), gzip.compress(CONTENT[:1_000]) + gzip.compress(CONTENT[1_000:])],
    ids=["plain", "packed", "packed in two parts"],
)
def test_a_file_is_read_piece_by_piece_packed_or_not(stored: bytes, bucket: Bucket) -> None:
    bucket.put(stored)
    pieces = list(bucket.files.read(KEY))
    assert b"".join(pieces) == CONTENT
    assert max(map(len, pieces)) <= 1 << 18


def test_an_empty_file_has_nothing_in_it(bucket: Bucket) -> None:
    bucket.put(b"")
    assert list(bucket.files.read(KEY)) == []


def test_a_file_that_is_gone_has_nothing_in_it_and_can_be_forgotten_again(bucket: Bucket) -> None:
    bucket.put(CONTENT)
    bucket.files.forget(KEY)
    assert list(bucket.files.read(KEY)) == []
    bucket.files.forget(KEY)


def test_a_packed_file_that_is_cut_off_is_not_taken_for_a_whole_one(bucket: Bucket) -> None:
    bucket.put(gzip.compress(CONTENT)[:-20])
    with pytest.raises(EOFError):
        list(bucket.files.read(KEY))


def test_the_oldest_file_is_told_until_it_is_forgotten(bucket: Bucket) -> None:
    assert bucket.files.oldest() is None
    bucket.put(b"", "failed/something-else")
    assert bucket.files.oldest() is None
    bucket.put(CONTENT)
    oldest = bucket.files.oldest()
    assert oldest
    assert abs(clock.now() - oldest) < 60_000
    bucket.put(CONTENT, KEY.replace("10-00", "10-01"))
    assert bucket.files.oldest() == oldest
    bucket.files.forget(KEY)
    bucket.files.forget(KEY.replace("10-00", "10-01"))
    assert bucket.files.oldest() is None


@pytest.mark.parametrize("error", [(503, "SlowDown", "…"), (403, "AccessDenied", "…"), (500, "InternalError", "…")])
def test_what_s3_refuses_is_unavailable(error: tuple[int, str, str]) -> None:
    files = S3SentFiles(Wire("s3", error, error, error).client, "bucket")
    for ask in (lambda: list(files.read(KEY)), lambda: files.forget(KEY), files.oldest):
        with pytest.raises(Unavailable):
            ask()
