"""Campaigns, their queues, and what people do with them."""

from functools import cache
from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout.campaigns.campaign import Campaigns
from optout.queue import Doorbell
from optout.wiring.clients import dynamodb, keyed_hash, queue, settings

if TYPE_CHECKING:
    from optout.campaigns.preview import Previewing
    from optout.campaigns.wake import Waking


@cache
def campaigns() -> Campaigns:
    from optout.aws.campaigns.store import DynamoDBCampaigns

    return DynamoDBCampaigns(dynamodb(), settings().campaigns_table, keyed_hash())


@cache
def expand_queue() -> Doorbell:
    return queue(settings().expand_queue)


@cache
def deliver_queue() -> Doorbell:
    return queue(settings().deliver_queue)


def waking() -> "Waking":
    from optout.campaigns.wake import Waking

    return Waking(campaigns(), expand_queue(), deliver_queue())


def previewing() -> "Previewing":
    from optout.campaigns.preview import Previewing
    from optout.wiring.links import site
    from optout.wiring.provider import slots
    from optout.wiring.subscribers import subscribers
    from optout.wiring.suppressions import suppressions

    return Previewing(subscribers(), suppressions(), slots(), site())


CampaignsPort = Annotated[Campaigns, Depends(campaigns)]
ExpandQueuePort = Annotated[Doorbell, Depends(expand_queue)]
