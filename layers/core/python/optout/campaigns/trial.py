"""Send it to one address."""

from email.utils import parseaddr

from optout.access.credential import Credential
from optout.address import Address
from optout.campaigns.campaign import Campaign, Campaigns
from optout.campaigns.create import store
from optout.errors import BadSender, Invalid, Problem
from optout.queue import Doorbell
from optout.scope import MessageClass


def try_out(
    campaign: Campaign, campaigns: Campaigns, expand: Doorbell, credential: Credential, reader: Address
) -> Campaign:
    """Send what a campaign says to one address, as a campaign of its own. An opt-out stops it, unless the address is
    one of the key's own."""
    credential.require_sender(Address.parse(parseaddr(campaign.sender)[1]))
    if not reader.deliverable:
        raise Invalid("body", Problem("to", "not_deliverable", "SES cannot send to this address."))
    trial = Campaign(
        number=0,
        workspace=campaign.workspace,
        sender=campaign.sender,
        topic=campaign.topic,
        message_class=MessageClass.TRANSACTIONAL if _is_own(credential, reader) else MessageClass.MARKETING,
        link_scope=campaign.link_scope,
        only=reader.sendable,
    )
    return store(campaigns, expand, trial, campaigns.content(campaign.number))


def _is_own(credential: Credential, reader: Address) -> bool:
    try:
        credential.require_sender(reader)
    except BadSender:
        return False
    return True
