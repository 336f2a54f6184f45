"""From settings to clients to stores. Everything is lazy and cached: importing a handler touches no AWS."""

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools.event_handler.depends import Depends

from optout.asking import Askings, Bell, Ring
from optout.campaign import Campaigns, Doorbell
from optout.config import Settings
from optout.credential import Credentials
from optout.importing import Files, Imports
from optout.limit import Limiter
from optout.subscriber import Subscribers
from optout.suppression import Suppressions
from optout.token import Keys

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.config import Config
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sesv2 import SESV2Client

    from optout.aws.keyed_hash import KeyedHash
    from optout.aws.queue import SQSDoorbell
    from optout.aws.secrets import Secrets
    from optout.aws.ses import Links
    from optout.inviting import Inviter
    from optout.message import Site
    from optout.pacing import Slots
    from optout.reconciling import Evidence, SentFiles
    from optout.sending import Sender


@cache
def settings() -> Settings:
    return Settings.from_env()


@cache
def session() -> "Session":
    import boto3

    return boto3.session.Session()


def _lean(**settings: Any) -> "Config":
    """For the clients of the hot path: AWS checks what it is sent, and nobody puts together anew for each request who
    sends it. Together they are a third of a worker's time."""
    from botocore.config import Config

    return Config(parameter_validation=False, user_agent="optout", **settings)


@cache
def _dynamodb() -> "DynamoDBClient":
    config = _lean(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4})
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
def limiter() -> Limiter:
    from optout.aws.limits import DynamoDBLimiter

    return DynamoDBLimiter(_dynamodb(), settings().limits_table)


@cache
def expand_queue() -> Doorbell:
    return _doorbell(settings().expand_queue)


@cache
def deliver_queue() -> Doorbell:
    return _doorbell(settings().deliver_queue)


@cache
def import_queue() -> Doorbell:
    return _doorbell(settings().import_queue)


@cache
def confirm_queue() -> Bell:
    return _doorbell(settings().confirm_queue)


def confirm_bell() -> Ring:
    """Most requests ask nobody to confirm, so the client is made when there is something to ring for."""
    return lambda messages: confirm_queue().ring(messages)


def _doorbell(url: str) -> "SQSDoorbell":
    from optout.aws.queue import SQSDoorbell

    return SQSDoorbell(session().client("sqs"), url)


@cache
def imports() -> Imports:
    from optout.aws.imports import DynamoDBImports

    return DynamoDBImports(_dynamodb(), settings().subscribers_table, keyed_hash())


@cache
def files() -> Files:
    from botocore.config import Config

    from optout.aws.files import S3Files

    # The bucket's name in the host: its global address may send an upload elsewhere, and a form does not follow.
    config = Config(connect_timeout=2, read_timeout=10, signature_version="s3v4", s3={"addressing_style": "virtual"})
    return S3Files(session().client("s3", config=config), settings().imports_bucket)


@cache
def links() -> "Links":
    from optout.aws.ses import Links

    return Links(settings().public_url, settings().mailto_domain, link_keys)


def site() -> "Site":
    from optout.message import Site

    return Site(settings().site_name, settings().public_url)


@cache
def _one_shot() -> "SESV2Client":
    """What sends never tries again: a retry is a second mail."""
    once = _lean(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1})
    return session().client("sesv2", config=once)


@cache
def sender() -> "Sender":
    from optout.aws.ses import SESSender

    return SESSender(_one_shot(), settings().configuration_set, links(), site())


@cache
def askings() -> Askings:
    from optout.aws.askings import DynamoDBAskings

    return DynamoDBAskings(_dynamodb(), settings().subscribers_table, keyed_hash())


@cache
def inviter() -> "Inviter":
    from optout.aws.invitations import SESInviter

    url, configuration_set = settings().public_url, settings().configuration_set
    return SESInviter(_one_shot(), configuration_set, url, link_keys, keyed_hash())


@cache
def slots() -> "Slots":
    from botocore.config import Config

    from optout.aws.ses import SESAccount
    from optout.aws.slots import DynamoDBSlots

    patient = session().client("sesv2", config=Config(connect_timeout=2, read_timeout=5))
    return DynamoDBSlots(_dynamodb(), settings().campaigns_table, SESAccount(patient))


@cache
def evidence() -> "Evidence":
    from optout.aws.evidence import DynamoDBEvidence

    return DynamoDBEvidence(_dynamodb(), settings().campaigns_table)


@cache
def sent_files() -> "SentFiles":
    from botocore.config import Config

    from optout.aws.sent_files import S3SentFiles

    config = Config(connect_timeout=2, read_timeout=10)
    return S3SentFiles(session().client("s3", config=config), settings().sent_bucket)


SuppressionsPort = Annotated[Suppressions, Depends(suppressions)]
SubscribersPort = Annotated[Subscribers, Depends(subscribers)]
CampaignsPort = Annotated[Campaigns, Depends(campaigns)]
ImportsPort = Annotated[Imports, Depends(imports)]
FilesPort = Annotated[Files, Depends(files)]
ImportQueuePort = Annotated[Doorbell, Depends(import_queue)]
ExpandQueuePort = Annotated[Doorbell, Depends(expand_queue)]
ConfirmBellPort = Annotated[Ring, Depends(confirm_bell)]
LinkKeysPort = Annotated[Keys, Depends(link_keys)]
