"""Leaving by the link in a mail: from a token to a suppression."""

from optout.campaign import Campaigns
from optout.scope import EVERYTHING, Scope
from optout.subscriber import Subscribers
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
    return suppress(suppressions, campaign.workspace, subscriber.address, scope, Reason.ONE_CLICK, origin)
