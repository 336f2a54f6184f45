"""What one call of the provider needs and says: whom it is for, who is left out, what became of them."""

from dataclasses import dataclass

from optout.address import Address
from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import Block, Chunk, Fate, Outcome, Recipient
from optout.errors import BadAddress
from optout.suppressions.suppression import Suppressions


@dataclass(frozen=True, slots=True)
class Message:
    """One recipient's place in a call: position in the chunk, and whom it goes to."""

    position: int
    recipient: Recipient


def sift(
    campaign: Campaign, chunk: Chunk, block: Block, suppressions: Suppressions
) -> tuple[dict[int, Outcome], list[Message]]:
    """Who is left out and why, and who is to be mailed."""
    outcomes: dict[int, Outcome] = {}
    addresses: dict[int, Address] = {}
    for position in block.positions:
        try:
            addresses[position] = Address.parse(chunk.recipients[position].email)
        except BadAddress:
            outcomes[position] = Outcome(Fate.FAILED, "bad_address")
    states = suppressions.states(campaign.workspace, addresses.values())
    messages = []
    for position, address in addresses.items():
        if rule := states[address].stopping(campaign.mail):
            outcomes[position] = Outcome(Fate.SKIPPED, rule.entry.reason.value)
        elif not address.deliverable:
            outcomes[position] = Outcome(Fate.FAILED, "not_ascii")
        else:
            messages.append(Message(position, chunk.recipients[position]))
    return outcomes, messages
