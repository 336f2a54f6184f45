"""Wake a campaign: enqueue what is left of it. DynamoDB knows what is left, so enqueuing twice is harmless."""

from dataclasses import dataclass

from optout.campaigns.campaign import Campaign, Campaigns
from optout.queue import Queue

_SOON = 90_000  # milliseconds before its time that a scheduled campaign is enqueued, with the rest as the delay


@dataclass(frozen=True, slots=True)
class Waker:
    """The queues of the mailer. Each method returns the number of messages enqueued."""

    campaigns: Campaigns
    expand: Queue
    deliver: Queue

    def schedule(self, campaign: Campaign, now: int) -> int:
        """Enqueue a scheduled campaign shortly before its time, to arrive at that time."""
        delay = campaign.not_before - now
        if delay > _SOON:
            return 0
        self.expand.send([{"campaign": campaign.number, "first_chunk": 0}], delay=max(0, delay) / 1000)
        return 1

    def wake(self, campaign: Campaign, limit: int) -> int:
        """Enqueue the audience walk from its cursor, and up to ``limit`` open chunks."""
        chunks = self.campaigns.open_chunks(campaign.number, limit)
        if campaign.cursor is not None:
            self.expand.send([{"campaign": campaign.number, "first_chunk": campaign.chunks}])
        self.deliver.send({"campaign": campaign.number, "chunk": chunk} for chunk in chunks)
        return len(chunks) + int(campaign.cursor is not None)
