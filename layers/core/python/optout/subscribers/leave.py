"""Leaving by a link or by number: from what somebody holds in hand to a suppression."""

from optout.backoff import ATTEMPTS
from optout.errors import Unavailable
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.subscribers.subscriber import Subscriber, Subscribers
from optout.suppressions.suppress import Suppressed, suppress
from optout.suppressions.suppression import Reason, Suppressions


def unsubscribe_by_number(
    subscribers: Subscribers,
    suppressions: Suppressions,
    workspace: str,
    number: int,
    created: int,
    reason: Reason,
    origin: Origin,
) -> bool:
    """Suppress, for everything, the subscriber who has this number and was created at exactly this moment (epoch
    milliseconds); whether there is one."""
    subscriber = subscribers.find(workspace, number)
    if subscriber is None or subscriber.created != created:
        return False
    _suppress(subscribers, suppressions, subscriber, EVERYTHING, reason, origin)
    return True


def _suppress(
    subscribers: Subscribers,
    suppressions: Suppressions,
    subscriber: Subscriber,
    scope: Scope,
    reason: Reason,
    origin: Origin,
) -> Suppressed:
    """Suppress a subscriber under whatever address they are found when it is done: it may change at that moment."""
    for _ in range(ATTEMPTS):
        done = suppress(suppressions, subscriber.workspace, subscriber.address, scope, reason, origin)
        now = subscribers.get(subscriber.workspace, subscriber.newsletter, subscriber.number)
        if now is None or now.address.key_form == subscriber.address.key_form:
            return done
        subscriber = now
    raise Unavailable
