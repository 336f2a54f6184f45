"""From settings to clients to stores. Everything is lazy and cached: importing a handler touches no AWS."""

from functools import cache
from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout.campaign import Campaigns, Doorbell
from optout.config import Settings
from optout.credential import Credentials
from optout.subscriber import Subscribers
from optout.suppression import Suppressions
from optout.token import Keys

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient

    from optout.aws.keyed_hash import KeyedHash
    from optout.aws.secrets import Secrets
    from optout.aws.ses import Links
    from optout.delivery import Delivery, Sender
    from optout.expansion import Expansion


@cache
def settings() -> Settings:
    return Settings.from_env()


@cache
def session() -> "Session":
    import boto3

    return boto3.session.Session()


@cache
def _dynamodb() -> "DynamoDBClient":
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4})
    return session().client("dynamodb", config=config)


@cache
def _secrets() -> "Secrets":
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    from optout.aws.secrets import Secrets

    return Secrets(SecretsProvider(boto3_client=session().client("secretsmanager")))


@cache
def keyed_hash() -> "KeyedHash":
    from optout.aws.keyed_hash import KeyedHash

    return KeyedHash(lambda: _secrets().key(settings().address_pepper))


def link_keys() -> Keys:
    return _secrets().link_keys(settings().link_keys)


@cache
def suppressions() -> Suppressions:
    from optout.aws.suppressions import DynamoDBSuppressions

    return DynamoDBSuppressions(_dynamodb(), settings().suppressions_table, keyed_hash())


@cache
def subscribers() -> Subscribers:
    from optout.aws.subscribers import DynamoDBSubscribers

    return DynamoDBSubscribers(_dynamodb(), settings().subscribers_table, keyed_hash())


@cache
def campaigns() -> Campaigns:
    from optout.aws.campaigns import DynamoDBCampaigns

    return DynamoDBCampaigns(_dynamodb(), settings().campaigns_table, keyed_hash())


@cache
def credentials() -> Credentials:
    from optout.aws.credentials import DynamoDBCredentials

    return DynamoDBCredentials(_dynamodb(), settings().credentials_table)


@cache
def expand_queue() -> Doorbell:
    return _doorbell(settings().expand_queue)


@cache
def deliver_queue() -> Doorbell:
    return _doorbell(settings().deliver_queue)


def _doorbell(url: str) -> Doorbell:
    from optout.aws.queue import SQSDoorbell

    return SQSDoorbell(session().client("sqs"), url)


@cache
def links() -> "Links":
    from optout.aws.ses import Links

    return Links(settings().public_url, settings().mailto_domain, link_keys)


@cache
def sender() -> "Sender":
    from botocore.config import Config

    from optout.aws.ses import SESSender
    from optout.message import Site

    patient = Config(connect_timeout=2, read_timeout=5)
    once = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1})
    return SESSender(
        session().client("sesv2", config=patient),
        session().client("sesv2", config=once),
        settings().configuration_set,
        links(),
        Site(settings().site_name, settings().public_url),
    )


@cache
def delivery() -> "Delivery":
    from optout.aws.slots import DynamoDBSlots
    from optout.delivery import Delivery

    slots = DynamoDBSlots(_dynamodb(), settings().campaigns_table)
    return Delivery(campaigns(), suppressions(), slots, sender())


def expansion() -> "Expansion":
    from optout.campaign import BLOCK
    from optout.expansion import Expansion

    return Expansion(campaigns(), subscribers(), max(1, min(BLOCK, int(sender().rate()))))


SuppressionsPort = Annotated[Suppressions, Depends(suppressions)]
SubscribersPort = Annotated[Subscribers, Depends(subscribers)]
CampaignsPort = Annotated[Campaigns, Depends(campaigns)]
ExpandQueuePort = Annotated[Doorbell, Depends(expand_queue)]
LinkKeysPort = Annotated[Keys, Depends(link_keys)]
