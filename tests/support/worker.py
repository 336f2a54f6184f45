"""A chunk stored and ready to deliver, with fakes around it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from optout.campaigns.campaign import Campaign, State
from optout.campaigns.ledger import Chunk, Cursor, LedgerEntry, Recipient
from optout.delivery.deliver import Delivery
from optout.delivery.sender import Report
from tests.support.fakes import InMemoryCampaigns, InMemorySendLimiter, InMemorySuppressions, RecordingSender
from tests.support.samples import CONTENT, campaign, plenty


@dataclass
class Worker:
    """A campaign of one chunk to p0@example.com, p1@... in blocks of two, and its worker."""

    people: int = 5
    sender: RecordingSender = field(default_factory=RecordingSender)
    campaigns: InMemoryCampaigns = field(default_factory=InMemoryCampaigns)
    suppressions: InMemorySuppressions = field(default_factory=InMemorySuppressions)
    send_limiter: InMemorySendLimiter = field(default_factory=InMemorySendLimiter)
    stored: Campaign = field(default_factory=campaign)
    emails: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.emails = self.emails or tuple(f"p{at}@example.com" for at in range(self.people))
        recipients = tuple(Recipient(at + 1, email, "Ada") for at, email in enumerate(self.emails))
        self.chunk = chunk = Chunk(0, recipients, None, 2)
        self.campaigns.create(self.stored, CONTENT)
        self.campaigns.put_chunk(self.number, chunk)
        self.campaigns.advance(self.number, Cursor(), chunk)

    @property
    def number(self) -> int:
        return self.stored.number

    @property
    def delivery(self) -> Delivery:
        return Delivery(self.campaigns, self.suppressions, self.send_limiter, self.sender)

    def deliver(self, seconds_left: Callable[[], float] = plenty) -> Report:
        """One delivery of the queue message for the chunk."""
        return self.delivery.deliver(self.number, 0, seconds_left)

    @property
    def state(self) -> State:
        found = self.campaigns.get(self.number)
        assert found
        return found.state

    @property
    def statuses(self) -> list[str | None]:
        """Of every recipient, in order."""
        return [entry.status and entry.status.value for entry in self.ledger]

    @property
    def ledger(self) -> list[LedgerEntry]:
        return list(self.campaigns.ledger(self.number))

    @property
    def counters(self) -> dict[str, int]:
        """The counters of the campaign that are not 0."""
        found = self.campaigns.get(self.number)
        assert found
        return {name: count for name, count in found.counters.items() if count}
