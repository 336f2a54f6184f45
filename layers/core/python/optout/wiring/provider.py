"""The send rate and quota that all workers share."""

from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout.provider.send_rate import SendLimiter
from optout.wiring.clients import client, dynamodb, settings


@cache
def send_limiter() -> SendLimiter:
    from optout.aws.provider.account import SESAccount
    from optout.aws.provider.send_limiter import DynamoDBSendLimiter

    return DynamoDBSendLimiter(dynamodb(), settings().campaigns_table, SESAccount(client("sesv2")))


SendLimiterPort = Annotated[SendLimiter, Depends(send_limiter)]
