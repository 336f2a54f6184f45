"""One run over an import, in a process of its own that can be killed: ENGINE_URL TABLES_AS_JSON BUCKET NUMBER."""

import json
import sys

import boto3

from optout.aws.imports.files import S3Files
from optout.aws.imports.store import DynamoDBImports
from optout.imports.run import ImportRun
from optout.runtime.fields import to_address
from tests.aws.conftest import _client
from tests.support.engine import KEYED_HASH, Tables


def s3(endpoint: str) -> S3Files:
    """The files of no bucket yet; `bucket` chooses one."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return S3Files(boto3.client("s3", region_name="us-east-1", endpoint_url=endpoint, **keys), "")  # type: ignore[call-overload]


def worker(tables: Tables, files: S3Files) -> ImportRun:
    """The job over the tables of a test."""
    imports = DynamoDBImports(tables.client, tables.names["SubscribersTable"], KEYED_HASH)
    return ImportRun(imports, files, tables.suppressions(), to_address)


def main() -> None:
    endpoint, names, bucket, number = sys.argv[1:]
    files = S3Files(s3(endpoint).client, bucket)
    worker(Tables(_client(endpoint), json.loads(names)), files).run(int(number), lambda: 300.0)


if __name__ == "__main__":
    main()
