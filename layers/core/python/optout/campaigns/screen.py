"""Apply the suppression list to a block, just before it is sent."""

from dataclasses import dataclass

from optout.address import Address
from optout.campaigns.audience import mails
from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import Block, Chunk, DeliveryStatus, Outcome, Recipient
from optout.errors import BadAddress
from optout.suppressions.suppression import Suppressions


@dataclass(frozen=True, slots=True)
class Message:
    """One email to one recipient: the position in the chunk, and the recipient."""

    position: int
    recipient: Recipient


def apply_suppressions(
    campaign: Campaign, chunk: Chunk, block: Block, suppressions: Suppressions
) -> tuple[dict[int, Outcome], list[Message]]:
    """The outcomes of recipients that are left out, and the messages to send."""
    outcomes: dict[int, Outcome] = {}
    addresses: dict[int, Address] = {}
    for position in block.positions:
        try:
            addresses[position] = Address.parse(chunk.recipients[position].email)
        except BadAddress:
            outcomes[position] = Outcome(DeliveryStatus.FAILED, "bad_address")
    states = suppressions.states(campaign.workspace, addresses.values())
    judged, messages = mails(campaign.mail, chunk.newsletter), []
    for position, address in addresses.items():
        stopping = (states[address].stopping(mail) for mail in judged)
        if rule := next(filter(None, stopping), None):
            outcomes[position] = Outcome(DeliveryStatus.SKIPPED, rule.reason.value)
        elif not address.deliverable:
            outcomes[position] = Outcome(DeliveryStatus.FAILED, "not_ascii")
        else:
            messages.append(Message(position, chunk.recipients[position]))
    return outcomes, messages
