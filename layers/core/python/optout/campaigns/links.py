"""Unsubscribe links in campaign emails: create, follow."""

from collections.abc import Callable
from dataclasses import dataclass

from optout.address import Address
from optout.campaigns.campaign import Campaign, Campaigns
from optout.campaigns.ledger import Recipient
from optout.messages.link_token import Keys, Link, LinkScope, Purpose, mint
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.subscribers.subscriber import Subscribers
from optout.subscribers.unsubscribe import unsubscribe
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import Suppressed, suppress
from optout.suppressions.suppression import Suppressions


@dataclass(frozen=True, slots=True)
class Links:
    """The base URL of the links and the keys that sign them."""

    url: str
    keys: Callable[[], Keys]

    def token(self, campaign: Campaign, recipient: Recipient) -> str:
        return mint(self.keys(), Purpose.UNSUBSCRIBE, Link(campaign.number, recipient.number, campaign.link_scope))

    def address(self, token: str) -> str:
        return f"{self.url}/u/{token}"


def unsubscribe_by_link(
    link: Link, campaigns: Campaigns, subscribers: Subscribers, suppressions: Suppressions, origin: Origin
) -> Suppressed | None:
    """Unsubscribe the recipient of a link. None for a test email's link, and when the subscriber does not exist."""
    campaign = campaigns.get(link.campaign)
    if campaign is None:
        return None
    scope = EVERYTHING if link.scope is LinkScope.EVERYTHING or not campaign.topic else Scope.of([campaign.topic])
    if not link.recipient:
        return _unsubscribe_test_recipient(campaign, suppressions, scope, origin)
    subscriber = subscribers.find(campaign.workspace, link.recipient)
    if subscriber is None:
        return None
    return unsubscribe(subscribers, suppressions, subscriber, scope, Reason.ONE_CLICK, origin).suppressed


def _unsubscribe_test_recipient(
    campaign: Campaign, suppressions: Suppressions, scope: Scope, origin: Origin
) -> Suppressed | None:
    """A test email to an address that is not subscribed has one recipient, whom the campaign names."""
    if campaign.test_recipient is None:
        return None
    address = Address.parse(campaign.test_recipient)
    return suppress(suppressions, campaign.workspace, address, scope, Reason.ONE_CLICK, origin, repeat=True)
