"""Links in campaign mail: made, followed."""

from collections.abc import Callable
from dataclasses import dataclass

from optout.campaigns.campaign import Campaign, Campaigns
from optout.campaigns.ledger import Recipient
from optout.messages.link_token import Keys, Link, LinkScope, Purpose, mint
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.subscribers.leave import _suppress
from optout.subscribers.subscriber import Subscribers
from optout.suppressions.suppress import Suppressed
from optout.suppressions.suppression import Reason, Suppressions


@dataclass(frozen=True, slots=True)
class Links:
    """Where the links of our mails point, and how they are signed. ``mailto_domain`` "" means no mailto."""

    url: str
    mailto_domain: str
    keys: Callable[[], Keys]

    def token(self, campaign: Campaign, recipient: Recipient) -> str:
        return mint(self.keys(), Purpose.UNSUBSCRIBE, Link(campaign.number, recipient.number, campaign.link_scope))

    def address(self, token: str) -> str:
        return f"{self.url}/u/{token}"

    def mailto(self, token: str) -> str | None:
        return f"u+{token}@{self.mailto_domain}" if self.mailto_domain else None


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
