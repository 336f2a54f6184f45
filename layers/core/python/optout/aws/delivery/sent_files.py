"""Files of Send and Delivery events in S3, as Firehose writes them.

A file is deleted after it has been read: it contains addresses, and the bucket holds exactly the unread files.
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from optout.aws.errors import map_errors
from optout.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PREFIX = "sent/"
_PIECE = 1 << 18
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class S3SentFiles:
    """The `SentFiles` port: one bucket."""

    client: "S3Client"
    bucket: str

    def read(self, key: str) -> Iterator[bytes]:
        try:
            body: Any = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
        except self.client.exceptions.NoSuchKey:
            return
        except (BotoCoreError, ClientError) as error:
            raise Unavailable from error
        stored = BufferedReader(body, _PIECE)
        with map_errors():
            is_packed = stored.peek(2).startswith(_GZIP)
        file: Any = gzip.GzipFile(fileobj=stored) if is_packed else stored
        while True:
            with map_errors():
                piece = file.read(_PIECE)
            if not piece:
                return
            yield piece

    def forget(self, key: str) -> None:
        with map_errors():
            self.client.delete_object(Bucket=self.bucket, Key=key)

    def oldest(self) -> int | None:
        """Keys begin with their hour, so the oldest is among those that one answer lists."""
        with map_errors():
            found = self.client.list_objects_v2(Bucket=self.bucket, Prefix=_PREFIX).get("Contents", ())
        return min((int(entry["LastModified"].timestamp() * 1000) for entry in found), default=None)
