"""A test send: the content of a campaign to one address."""

from email.utils import parseaddr

from optout.access.credential import Credential
from optout.address import Address
from optout.campaigns.campaign import Campaign, Campaigns
from optout.campaigns.create import store
from optout.errors import BadSender, Invalid, Problem
from optout.queue import Queue
from optout.scope import MessageClass


def send_test(
    campaign: Campaign, campaigns: Campaigns, expand: Queue, credential: Credential, recipient: Address
) -> Campaign:
    """Send a campaign's content to one address, as a campaign of its own. An opt-out stops it, unless the credential
    may send from that address. Raises `TooManyCampaigns`."""
    credential.require_sender(Address.parse(parseaddr(campaign.sender)[1]))
    if not recipient.deliverable:
        raise Invalid("body", Problem("to", "not_deliverable", "SES cannot send to this address."))
    trial = Campaign(
        number=0,
        workspace=campaign.workspace,
        sender=campaign.sender,
        topic=campaign.topic,
        message_class=MessageClass.TRANSACTIONAL if _is_own(credential, recipient) else MessageClass.MARKETING,
        link_scope=campaign.link_scope,
        test_recipient=recipient.sendable,
    )
    return store(campaigns, expand, trial, campaigns.content(campaign.number))


def _is_own(credential: Credential, recipient: Address) -> bool:
    try:
        credential.require_sender(recipient)
    except BadSender:
        return False
    return True
