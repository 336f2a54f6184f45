"""Campaigns, their queues, and the use cases of the API."""

from functools import cache
from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout.campaigns.campaign import Campaigns
from optout.campaigns.readers import Readers
from optout.campaigns.wake import Waker
from optout.queue import Queue
from optout.wiring.clients import dynamodb, keyed_hash, queue, settings

if TYPE_CHECKING:
    from optout.campaigns.preview import Previewer


@cache
def campaigns() -> Campaigns:
    from optout.aws.campaigns.store import DynamoDBCampaigns

    return DynamoDBCampaigns(dynamodb(), settings().campaigns_table, keyed_hash())


@cache
def expand_queue() -> Queue:
    return queue(settings().expand_queue)


@cache
def deliver_queue() -> Queue:
    return queue(settings().deliver_queue)


def readers() -> Readers:
    from optout.runtime.html import parse_html
    from optout.wiring.subscribers import compile_pattern

    return Readers(parse_html, compile_pattern)


def waker() -> Waker:
    return Waker(campaigns(), expand_queue(), deliver_queue())


def previewer() -> "Previewer":
    from optout.campaigns.preview import Previewer
    from optout.wiring.links import site
    from optout.wiring.provider import send_limiter
    from optout.wiring.subscribers import compile_pattern, subscribers
    from optout.wiring.suppressions import suppressions

    return Previewer(subscribers(), suppressions(), send_limiter(), site(), compile_pattern)


CampaignsPort = Annotated[Campaigns, Depends(campaigns)]
ExpandQueuePort = Annotated[Queue, Depends(expand_queue)]
ReadersPort = Annotated[Readers, Depends(readers)]
WakerPort = Annotated[Waker, Depends(waker)]
