"""Credentials and rate limits."""

from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout.access.credential import Credentials
from optout.access.limit import Limiter
from optout.wiring.clients import dynamodb, settings


@cache
def credentials() -> Credentials:
    from optout.aws.access.credentials import DynamoDBCredentials

    return DynamoDBCredentials(dynamodb(), settings().credentials_table)


@cache
def limiter() -> Limiter:
    from optout.aws.access.limits import DynamoDBLimiter

    return DynamoDBLimiter(dynamodb(), settings().limits_table)


CredentialsPort = Annotated[Credentials, Depends(credentials)]
