"""The store of the subscribers."""

from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout.subscribers.subscriber import Subscribers
from optout.wiring.clients import dynamodb, keyed_hash, settings


@cache
def subscribers() -> Subscribers:
    from optout.aws.subscribers.store import DynamoDBSubscribers

    return DynamoDBSubscribers(dynamodb(), settings().subscribers_table, keyed_hash())


SubscribersPort = Annotated[Subscribers, Depends(subscribers)]
