"""Enqueue what is left."""

from dataclasses import dataclass

from optout.campaigns.campaign import Campaign, Campaigns
from optout.queue import Doorbell

_SOON = 90_000  # milliseconds before its time that a scheduled campaign is rung for, with the delay that is left


@dataclass(frozen=True, slots=True)
class Waking:
    """Ringing for everything of a campaign that has not been done."""

    campaigns: Campaigns
    expand: Doorbell
    deliver: Doorbell

    def call(self, campaign: Campaign, now: int) -> int:
        """Ring for a scheduled campaign, to be heard when its time has come; how often was rung."""
        if campaign.not_before - now > _SOON:
            return 0
        self.expand.ring([{"campaign": campaign.number, "rung": 0}], delay=max(0, campaign.not_before - now) / 1000)
        return 1

    def wake(self, campaign: Campaign, limit: int) -> int:
        """Ring for the walk, from where it has got, and for up to ``limit`` open chunks; how often was rung."""
        chunks = self.campaigns.open_chunks(campaign.number, limit)
        if campaign.cursor is not None:
            self.expand.ring([{"campaign": campaign.number, "rung": campaign.chunks}])
        self.deliver.ring({"campaign": campaign.number, "chunk": chunk} for chunk in chunks)
        return len(chunks) + int(campaign.cursor is not None)
