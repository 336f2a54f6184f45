"""The port: one call, one attempt."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from optout.campaigns.campaign import Campaign, Parking
from optout.campaigns.ledger import Block, Fate, Outcomes
from optout.campaigns.screen import Message


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
