"""From settings to clients. Everything is lazy and cached: importing a handler touches no AWS."""

from functools import cache
from typing import TYPE_CHECKING, Any

from optout.wiring.settings import Settings

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.config import Config
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

    from optout.aws.keyed_hash import KeyedHash
    from optout.aws.queue import SQSQueue
    from optout.aws.secrets import Secrets


@cache
def settings() -> Settings:
    return Settings.from_env()


@cache
def session() -> "Session":
    import boto3

    return boto3.session.Session()


def lean(**options: Any) -> "Config":
    """For clients of the hot path: no parameter validation, because AWS validates too, and a fixed user agent. Both
    together are a third of a worker's time."""
    from botocore.config import Config

    return Config(parameter_validation=False, user_agent="optout", **options)


@cache
def dynamodb() -> "DynamoDBClient":
    config = lean(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4})
    return session().client("dynamodb", config=config)


@cache
def one_shot() -> "SESV2Client":
    """The client that sends never retries: a retry could be a second email."""
    once = lean(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1})
    return session().client("sesv2", config=once)


@cache
def secrets() -> "Secrets":
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    from optout.aws.secrets import Secrets

    return Secrets(SecretsProvider(boto3_client=session().client("secretsmanager")))


@cache
def keyed_hash() -> "KeyedHash":
    from optout.aws.keyed_hash import KeyedHash

    return KeyedHash(lambda: secrets().key(settings().address_pepper))


@cache
def sqs() -> "SQSClient":
    return session().client("sqs")


def queue(url: str) -> "SQSQueue":
    from optout.aws.queue import SQSQueue

    return SQSQueue(sqs, url)
