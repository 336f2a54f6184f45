"""From settings to clients. Everything is lazy and cached: importing a handler touches no AWS."""

from functools import cache
from typing import TYPE_CHECKING, Any

from optout import deadline
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


def lean(connect: float, read: float, **options: Any) -> "Config":
    """No parameter validation, because AWS validates too, and a fixed user agent: both together are a third of a
    worker's time. Timeouts are in seconds."""
    from botocore.config import Config

    return Config(
        connect_timeout=connect, read_timeout=read, parameter_validation=False, user_agent="optout", **options
    )


def client(service: str, **options: Any) -> Any:
    """A client whose calls begin no attempt that could outlast the deadline."""
    connect, read = settings().patience * deadline.CONNECT, settings().patience * deadline.READ
    config = lean(connect, read, retries={"mode": "standard", "total_max_attempts": 3}, **options)
    make: Any = session().client
    made = make(service, config=config)
    made.meta.events.register_first("before-send", _in_time)
    return made


def _in_time(**_: object) -> None:
    deadline.require(deadline.CALL)


@cache
def dynamodb() -> "DynamoDBClient":
    made: DynamoDBClient = client("dynamodb")
    return made


@cache
def one_shot() -> "SESV2Client":
    """The client that sends never retries: a retry could be a second email."""
    once = lean(3, 10, retries={"total_max_attempts": 1})
    return session().client("sesv2", config=once)


@cache
def secrets() -> "Secrets":
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    from optout.aws.secrets import Secrets

    return Secrets(SecretsProvider(boto3_client=client("secretsmanager")))


@cache
def keyed_hash() -> "KeyedHash":
    from optout.aws.keyed_hash import KeyedHash

    return KeyedHash(lambda: secrets().key(settings().address_pepper))


@cache
def sqs() -> "SQSClient":
    made: SQSClient = client("sqs")
    return made


def queue(url: str) -> "SQSQueue":
    from optout.aws.queue import SQSQueue

    return SQSQueue(sqs, url)
