"""AWS in memory (moto), with the tables, queues and secrets of template.yaml, and their content."""

import copy
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final
from unittest.mock import patch

import boto3
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sqs.models import sqs_backends

from optout.wiring.clients import secrets
from tests.support.handlers import examples, imports
from tests.support.handlers.shortcuts import rows_of, shortcuts, text_of
from tests.support.template import functions, resources, template
from tests.support.wiring import forget

REGION: Final = "eu-central-1"
ACCOUNT = "123456789012"  # moto's
CLIENTS = {"session", "dynamodb", "secrets"}  # have nothing to forget but the secrets, and belong to one mock
_SECRETS = {"LinkKeys": json.dumps({"1": examples.LINK_KEY}), "AddressPepper": examples.PEPPER}
_PARAMETERS = {"PublicUrl": "https://mail.example.com"}


class AWS:
    """The stack's resources by logical id."""

    def __init__(self) -> None:
        self.dynamodb = boto3.client("dynamodb", REGION)
        self.sqs = boto3.client("sqs", REGION)
        self.s3 = boto3.client("s3", REGION)
        self.secretsmanager = boto3.client("secretsmanager", REGION)
        self.references = {
            **{name: str(parameter.get("Default", "")) for name, parameter in template()["Parameters"].items()},
            **_PARAMETERS,
            "AWS::StackName": "optout",
            "ConfigurationSet": "optout-ConfigurationSet",
        }
        for name, properties in resources("AWS::DynamoDB::Table").items():
            self.references[name] = name
            self._create_table(name, properties)
        for name in resources("AWS::SQS::Queue"):
            self.references[name] = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        for name in resources("AWS::S3::Bucket"):
            self.references[name] = name.lower()
            self.s3.create_bucket(Bucket=name.lower(), CreateBucketConfiguration={"LocationConstraint": REGION})
        for name in resources("AWS::SecretsManager::Secret"):
            self.references[name] = self.secretsmanager.create_secret(Name=name, SecretString=_SECRETS[name])["ARN"]
        self._tables: dict[str, Any] = {}
        self._made_queues: dict[str, Any] = {}
        self._made_secrets: dict[str, Any] = {}
        self._files: dict[str, tuple[Any, dict[str, Any]]] = {}

    def _create_table(self, name: str, properties: dict[str, Any]) -> None:
        of_the_service = {
            key: copy.deepcopy(value)
            for key, value in properties.items()
            if not key.endswith(("Specification", "Enabled"))
        }
        self.dynamodb.create_table(TableName=name, **of_the_service)

    def environment(self) -> dict[str, str]:
        """The variables that the template gives: those of all functions, and those of each."""
        variables = dict(template()["Globals"]["Function"]["Environment"]["Variables"])
        for function in functions().values():
            variables |= function.get("Environment", {}).get("Variables", {})
        return {name: self._resolve(value) for name, value in variables.items()}

    def _resolve(self, value: Any) -> str:
        match value:
            case {"Ref": name}:
                return self.references[name]
            case {"Fn::If": [_, then, _]}:
                return self._resolve(then)
        return str(value)

    def remember(self) -> None:
        """The state that `reset` restores."""
        self._tables = {name: (table, rows_of(table)) for name, table in self._backend.tables.items()}
        self._made_queues = dict(self._queues)
        self._made_secrets = {name: copy.deepcopy(secret) for name, secret in self._secrets.items()}
        for name, bucket in self._buckets.items():
            files = {key: (file.etag, file.value) for key, file in bucket.keys.items()}
            self._files[name] = bucket, files

    def reset(self) -> None:
        """Restore tables, files, queues and secrets, and empty the caches of the functions."""
        for name, (table, rows) in self._tables.items():
            table.items = rows
            table.items = rows_of(table)
            self._backend.tables[name] = table
        for name, (bucket, files) in self._files.items():
            self._buckets[name] = bucket
            self._reset_files(bucket, files)
        self._queues.update(self._made_queues)
        for queue in self._made_queues.values():  # a purge by the API is allowed once a minute
            queue._messages, queue._pending_messages = [], set()
        self._secrets.update({name: copy.deepcopy(secret) for name, secret in self._made_secrets.items()})
        forget(keep=CLIENTS)
        secrets().provider.store.clear()

    def _reset_files(self, bucket: Any, files: dict[str, tuple[str, bytes]]) -> None:
        for key in bucket.keys.keys() - files.keys():
            del bucket.keys[key]
        for key, (etag, content) in files.items():
            there = bucket.keys.get(key)
            if there is None or there.disposed or there.etag != etag:
                self.s3.put_object(Bucket=bucket.name, Key=key, Body=content)

    def lose(self, name: str) -> None:
        """Take a table, a bucket, a queue or a secret away, as if it did not answer."""
        if name in self._tables:
            self.dynamodb.delete_table(TableName=name)
        elif name.lower() in self._buckets:
            del self._buckets[name.lower()]
        elif name in self._queues:
            self.sqs.delete_queue(QueueUrl=self.references[name])
        else:
            self.secretsmanager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)

    def contents(self) -> dict[str, Any]:
        """Everything that is stored or queued, for a comparison; without the rate limit counts."""
        tables = {
            name: {text_of(item) for rows in table.items.values() for item in rows.values()}
            for name, table in self._backend.tables.items()
            if name != "LimitsTable"
        }
        files = {name: {key: file.etag for key, file in bucket.keys.items()} for name, bucket in self._buckets.items()}
        return {**tables, **files, **{name: self.messages(name) for name in self._queues}}

    def items(self, table: str) -> list[dict[str, Any]]:
        """The items of a table as they lie there."""
        return self.dynamodb.scan(TableName=table)["Items"]

    def messages(self, queue: str) -> list[Any]:
        """The bodies of a queue's messages."""
        return [json.loads(message.body) for message in self._queues[queue].messages]

    @property
    def _backend(self) -> Any:
        return dynamodb_backends[ACCOUNT][REGION]

    @property
    def _buckets(self) -> Any:
        return s3_backends[ACCOUNT]["aws"].buckets

    @property
    def _queues(self) -> Any:
        return sqs_backends[ACCOUNT][REGION].queues

    @property
    def _secrets(self) -> Any:
        return secretsmanager_backends[ACCOUNT][REGION].secrets


@cache
def _made() -> AWS:
    made = AWS()
    with patch.dict(os.environ, made.environment()):
        forget()
        examples.store()
        imports.store(made.s3)
    made.remember()
    return made


@contextmanager
def running() -> Iterator[AWS]:
    """The stack with the examples; it is created once, and restored after each test."""
    mock = mock_aws()
    mock.start(reset=False)
    try:
        with shortcuts(), patch.dict(os.environ, {"AWS_DEFAULT_REGION": REGION}):
            made = _made()
            with patch.dict(os.environ, made.environment()):
                made.reset()
                yield made
    finally:
        mock.stop()
        forget()
