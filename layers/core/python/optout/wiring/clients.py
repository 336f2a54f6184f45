"""From settings to clients. Everything is lazy and cached: importing a handler touches no AWS."""

from functools import cache
from typing import TYPE_CHECKING, Any

from optout.wiring.settings import Settings

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.config import Config
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sesv2 import SESV2Client

    from optout.aws.keyed_hash import KeyedHash
    from optout.aws.queue import SQSDoorbell
    from optout.aws.secrets import Secrets


@cache
def settings() -> Settings:
    return Settings.from_env()


@cache
def session() -> "Session":
    import boto3

    return boto3.session.Session()


def lean(**options: Any) -> "Config":
    """For the clients of the hot path: AWS checks what it is sent, and nobody puts together anew for each request who
    sends it. Together they are a third of a worker's time."""
    from botocore.config import Config

    return Config(parameter_validation=False, user_agent="optout", **options)


@cache
def dynamodb() -> "DynamoDBClient":
    config = lean(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4})
    return session().client("dynamodb", config=config)


@cache
def one_shot() -> "SESV2Client":
    """What sends never tries again: a retry is a second mail."""
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


def queue(url: str) -> "SQSDoorbell":
    from optout.aws.queue import SQSDoorbell

    return SQSDoorbell(session().client("sqs"), url)
