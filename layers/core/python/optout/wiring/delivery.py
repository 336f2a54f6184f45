"""The mailer at work: each job loads the use case that it runs and no other."""

from functools import cache
from typing import TYPE_CHECKING

from optout.wiring.campaigns import campaigns, deliver_queue, waker
from optout.wiring.clients import client, dynamodb, one_shot, settings

if TYPE_CHECKING:
    from optout.delivery.deliver import Delivery
    from optout.delivery.event_store import EventStore, SentFiles
    from optout.delivery.expand import Expansion
    from optout.delivery.reconcile import Reconciliation
    from optout.delivery.sender import Sender
    from optout.delivery.sweep import Sweep


@cache
def sender() -> "Sender":
    from optout.aws.delivery.sender import SESSender
    from optout.wiring.links import links, site

    return SESSender(one_shot(), settings().configuration_set, links(), site())


@cache
def event_store() -> "EventStore":
    from optout.aws.delivery.event_store import DynamoDBEventStore

    return DynamoDBEventStore(dynamodb(), settings().campaigns_table)


@cache
def sent_files() -> "SentFiles":
    from optout.aws.delivery.sent_files import S3SentFiles

    return S3SentFiles(client("s3"), settings().sent_bucket)


@cache
def delivery() -> "Delivery":
    from optout.delivery.deliver import Delivery
    from optout.wiring.provider import send_limiter
    from optout.wiring.suppressions import suppressions

    return Delivery(campaigns(), suppressions(), send_limiter(), sender())


def expansion() -> "Expansion":
    from optout.campaigns.ledger import BLOCK
    from optout.delivery.expand import Expansion
    from optout.wiring.provider import send_limiter
    from optout.wiring.subscribers import compile_pattern, subscribers
    from optout.wiring.suppressions import suppressions

    def block() -> int:
        return max(1, min(BLOCK, int(send_limiter().send_rate().account.rate)))

    return Expansion(campaigns(), subscribers(), suppressions(), block, compile_pattern)


def sweep() -> "Sweep":
    from optout.delivery.sweep import Sweep
    from optout.wiring.provider import send_limiter

    return Sweep(campaigns(), send_limiter(), waker())


def reconciliation() -> "Reconciliation":
    from optout.delivery.reconcile import Reconciliation

    return Reconciliation(campaigns(), event_store(), deliver_queue(), files=sent_files())
