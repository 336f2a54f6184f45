"""The port to the email provider, and the report of a run. One call is one attempt."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from optout.campaigns.campaign import Campaign, Parking
from optout.campaigns.ledger import Block, DeliveryStatus, Outcomes
from optout.campaigns.screen import Message


class Sender(Protocol):
    """Sends blocks of a campaign. One call is one attempt."""

    def send(
        self, campaign: Campaign, content: Mapping[str, str], block: Block, messages: Sequence[Message]
    ) -> Outcomes:
        """Position to outcome. Raises `NotSent` when the whole block was refused, `InDoubt` when the answer is lost."""
        ...


@dataclass(slots=True)
class Report:
    """The result of one run over a chunk. ``doubtful`` counts the blocks that are claimed and not settled, ``retry_in``
    asks for another run after that many seconds, ``parking`` is set when the run parked the campaign, and
    ``campaign_finished`` is true for the run that accounted for the last recipient."""

    sent: int = 0
    skipped: int = 0
    failed: int = 0
    doubtful: int = 0
    throttled: int = 0
    retry_in: float | None = None
    parking: Parking | None = None
    campaign_finished: bool = False

    def add(self, outcomes: Outcomes) -> None:
        statuses = Counter(outcome.status for outcome in outcomes.values())
        self.sent += statuses[DeliveryStatus.SENT]
        self.skipped += statuses[DeliveryStatus.SKIPPED]
        self.failed += statuses[DeliveryStatus.FAILED]
