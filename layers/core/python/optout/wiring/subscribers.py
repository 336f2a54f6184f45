"""The store of the subscribers."""

from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout.subscribers.expression import Search
from optout.subscribers.subscriber import Subscribers
from optout.wiring.clients import dynamodb, keyed_hash, settings


@cache
def subscribers() -> Subscribers:
    from optout.aws.subscribers.store import DynamoDBSubscribers

    return DynamoDBSubscribers(dynamodb(), settings().subscribers_table, keyed_hash())


def compile_pattern(pattern: str, options: str) -> Search:
    """The `Compile` port. RE2 takes 50 ms to load, and few queries have a pattern."""
    from optout.runtime import pattern as re2

    return re2.compile_pattern(pattern, options)


SubscribersPort = Annotated[Subscribers, Depends(subscribers)]
