"""Double opt-in: confirmation requests, their queue, and the mailer of confirmation emails."""

from functools import cache
from typing import TYPE_CHECKING, Annotated

from aws_lambda_powertools.event_handler.depends import Depends

from optout.queue import Queue
from optout.wiring.clients import dynamodb, keyed_hash, one_shot, queue, settings
from optout.wiring.links import link_keys

if TYPE_CHECKING:
    from optout.confirmations.request import ConfirmationRequests
    from optout.confirmations.send import ConfirmationMailer, ConfirmationSender


@cache
def confirm_queue() -> Queue:
    return queue(settings().confirm_queue)


@cache
def confirmation_requests() -> "ConfirmationRequests":
    from optout.aws.confirmations.store import DynamoDBConfirmationRequests

    return DynamoDBConfirmationRequests(dynamodb(), settings().subscribers_table, keyed_hash())


@cache
def confirmation_sender() -> "ConfirmationSender":
    from optout.aws.confirmations.mail import SESConfirmationSender

    url, configuration_set = settings().public_url, settings().configuration_set
    return SESConfirmationSender(one_shot(), configuration_set, url, link_keys, keyed_hash())


@cache
def confirmation_mailer() -> "ConfirmationMailer":
    from optout.confirmations.send import ConfirmationMailer
    from optout.wiring.provider import send_limiter
    from optout.wiring.subscribers import subscribers
    from optout.wiring.suppressions import suppressions

    return ConfirmationMailer(
        subscribers(), suppressions(), confirmation_requests(), send_limiter(), confirmation_sender()
    )


ConfirmQueuePort = Annotated[Queue, Depends(confirm_queue)]
