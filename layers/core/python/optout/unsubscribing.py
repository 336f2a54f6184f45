"""Leaving by a link or by number: from what somebody holds in hand to a suppression."""

from optout.campaign import Campaigns
from optout.errors import Unavailable
from optout.rivalry import ATTEMPTS
from optout.scope import EVERYTHING, Scope
from optout.subscriber import Subscriber, Subscribers
from optout.suppressing import Suppressed, suppress
from optout.suppression import Origin, Reason, Suppressions
from optout.token import Link, LinkScope


def unsubscribe_by_link(
    link: Link, campaigns: Campaigns, subscribers: Subscribers, suppressions: Suppressions, origin: Origin
) -> Suppressed | None:
    """Suppress whoever the link was made for; None when it was a test mail's, or its reader is gone for good."""
    campaign = campaigns.get(link.campaign)
    subscriber = campaign and subscribers.find(campaign.workspace, link.recipient)
    if not campaign or not subscriber:
        return None
    scope = EVERYTHING if link.scope is LinkScope.EVERYTHING or not campaign.topic else Scope.of([campaign.topic])
    return _suppress(subscribers, suppressions, subscriber, scope, Reason.ONE_CLICK, origin)


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
