"""The store of the suppressions."""

from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout.suppressions.suppression import Suppressions
from optout.wiring.clients import dynamodb, keyed_hash, settings


@cache
def suppressions() -> Suppressions:
    from optout.aws.suppressions.store import DynamoDBSuppressions

    return DynamoDBSuppressions(dynamodb(), settings().suppressions_table, keyed_hash())


SuppressionsPort = Annotated[Suppressions, Depends(suppressions)]
