"""What one call of the provider needs and says: whom it is for, who is left out, what became of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from optout.address import Address
from optout.campaign import Campaign, Parking
from optout.errors import BadAddress
from optout.ledger import Block, Chunk, Fate, Outcome, Outcomes, Recipient
from optout.suppression import Suppressions


@dataclass(frozen=True, slots=True)
class Message:
    """One recipient's place in a call: position in the chunk, and whom it goes to."""

    position: int
    recipient: Recipient


class Sender(Protocol):
    """What carries mail away. One call is one attempt."""

    def send(
        self, campaign: Campaign, content: Mapping[str, str], block: Block, messages: Sequence[Message]
    ) -> Outcomes:
        """Position to outcome; raises `NotSent` when all of it was refused, `InDoubt` when the answer is lost."""
        ...


@dataclass(slots=True)
class Report:
    """What one run over a chunk did. ``doubtful`` counts blocks that are claimed and not settled; ``ring_in`` asks for
    another run after so many seconds; ``parking`` is why the campaign waits now; ``campaign_finished`` is true for the
    run that accounted for the last recipient."""

    sent: int = 0
    skipped: int = 0
    failed: int = 0
    doubtful: int = 0
    throttled: int = 0
    ring_in: float | None = None
    parking: Parking | None = None
    campaign_finished: bool = False

    def add(self, outcomes: Outcomes) -> None:
        fates = Counter(outcome.fate for outcome in outcomes.values())
        self.sent += fates[Fate.SENT]
        self.skipped += fates[Fate.SKIPPED]
        self.failed += fates[Fate.FAILED]


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
