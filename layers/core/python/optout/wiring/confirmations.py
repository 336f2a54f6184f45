"""Asking people to confirm."""

from functools import cache
from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout.queue import Bell, Ring
from optout.wiring.clients import dynamodb, keyed_hash, one_shot, queue, settings
from optout.wiring.links import link_keys

if TYPE_CHECKING:
    from optout.confirmations.request import Askings
    from optout.confirmations.send import Inviter, Inviting


@cache
def confirm_queue() -> Bell:
    return queue(settings().confirm_queue)


def confirm_bell() -> Ring:
    """Most requests ask nobody to confirm, so the client is made when there is something to ring for."""
    return lambda messages: confirm_queue().ring(messages)


@cache
def askings() -> "Askings":
    from optout.aws.confirmations.store import DynamoDBAskings

    return DynamoDBAskings(dynamodb(), settings().subscribers_table, keyed_hash())


@cache
def inviter() -> "Inviter":
    from optout.aws.confirmations.mail import SESInviter

    url, configuration_set = settings().public_url, settings().configuration_set
    return SESInviter(one_shot(), configuration_set, url, link_keys, keyed_hash())


@cache
def inviting() -> "Inviting":
    from optout.confirmations.send import Inviting
    from optout.wiring.provider import slots
    from optout.wiring.subscribers import subscribers
    from optout.wiring.suppressions import suppressions

    return Inviting(subscribers(), suppressions(), askings(), slots(), inviter())


ConfirmBellPort = Annotated[Ring, Depends(confirm_bell)]
