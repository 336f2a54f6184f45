"""Imports, their files and their queue."""

from functools import cache
from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout.imports.job import Files, Imports
from optout.queue import Queue
from optout.wiring.clients import client, dynamodb, keyed_hash, queue, settings

if TYPE_CHECKING:
    from optout.imports.run import ImportRun


@cache
def imports() -> Imports:
    from optout.aws.imports.store import DynamoDBImports

    return DynamoDBImports(dynamodb(), settings().subscribers_table, keyed_hash())


@cache
def files() -> Files:
    from optout.aws.imports.files import S3Files

    # The bucket's name in the host: its global address may send an upload elsewhere, and a form does not follow.
    s3 = client("s3", signature_version="s3v4", s3={"addressing_style": "virtual"})
    return S3Files(s3, settings().imports_bucket)


@cache
def import_queue() -> Queue:
    return queue(settings().import_queue)


def import_run() -> "ImportRun":
    from optout.imports.run import ImportRun
    from optout.runtime.fields import to_address
    from optout.wiring.suppressions import suppressions

    return ImportRun(imports(), files(), suppressions(), to_address)


ImportsPort = Annotated[Imports, Depends(imports)]
FilesPort = Annotated[Files, Depends(files)]
ImportQueuePort = Annotated[Queue, Depends(import_queue)]
