"""The send rate and quota that all workers share."""

from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout.provider.send_rate import SendLimiter
from optout.wiring.clients import dynamodb, session, settings


@cache
def send_limiter() -> SendLimiter:
    from botocore.config import Config

    from optout.aws.provider.account import SESAccount
    from optout.aws.provider.send_limiter import DynamoDBSendLimiter

    patient = session().client("sesv2", config=Config(connect_timeout=2, read_timeout=5))
    return DynamoDBSendLimiter(dynamodb(), settings().campaigns_table, SESAccount(patient))


SendLimiterPort = Annotated[SendLimiter, Depends(send_limiter)]
