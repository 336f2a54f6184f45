"""The send rate and quota that everybody shares."""

from functools import cache
from typing import TYPE_CHECKING

from optout.wiring.clients import dynamodb, session, settings

if TYPE_CHECKING:
    from optout.provider.pace import Slots


@cache
def slots() -> "Slots":
    from botocore.config import Config

    from optout.aws.provider.account import SESAccount
    from optout.aws.provider.slots import DynamoDBSlots

    patient = session().client("sesv2", config=Config(connect_timeout=2, read_timeout=5))
    return DynamoDBSlots(dynamodb(), settings().campaigns_table, SESAccount(patient))
