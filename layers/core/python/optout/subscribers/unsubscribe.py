"""Unsubscribe a subscriber: by the record itself, or by the number in a link."""

from typing import NamedTuple

from optout.backoff import ATTEMPTS
from optout.errors import Unavailable
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.subscribers.subscriber import Subscriber, Subscribers
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import Suppressed, suppress
from optout.suppressions.suppression import Suppressions

_FORMER = "Unsubscribed under a later address."


class Unsubscribed(NamedTuple):
    """The subscriber as it is now, and the last suppression."""

    subscriber: Subscriber
    suppressed: Suppressed


def unsubscribe(
    subscribers: Subscribers,
    suppressions: Suppressions,
    subscriber: Subscriber,
    scope: Scope,
    reason: Reason,
    origin: Origin,
) -> Unsubscribed:
    """Suppress the subscriber's address within a scope, and the former ones. If the address changes meanwhile, the new
    one is suppressed too."""
    for _ in range(ATTEMPTS):
        workspace = subscriber.workspace
        for address in subscriber.former:  # emails to them may be waiting, or out
            suppress(suppressions, workspace, address, scope, reason, origin, why=_FORMER)
        done = suppress(suppressions, workspace, subscriber.address, scope, reason, origin, repeat=True)
        now = subscribers.get(subscriber.workspace, subscriber.newsletter, subscriber.number)
        if now is None or now.address.key_form == subscriber.address.key_form:
            return Unsubscribed(now or subscriber, done)
        subscriber = now
    raise Unavailable


def unsubscribe_by_number(
    subscribers: Subscribers,
    suppressions: Suppressions,
    workspace: str,
    number: int,
    created: int,
    reason: Reason,
    origin: Origin,
) -> bool:
    """Unsubscribe the subscriber with this number and creation time (epoch milliseconds) from everything. False when
    there is none."""
    subscriber = subscribers.find(workspace, number)
    if subscriber is None or subscriber.created != created:
        return False
    unsubscribe(subscribers, suppressions, subscriber, EVERYTHING, reason, origin)
    return True
