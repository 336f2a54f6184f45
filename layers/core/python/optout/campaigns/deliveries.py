"""The deliveries of a campaign: each recipient's status, page by page, in audience order."""

from collections.abc import Sequence
from dataclasses import dataclass

from optout.campaigns.campaign import Campaign, Campaigns
from optout.campaigns.ledger import LedgerEntry, entries

PAGE = 500  # recipients after which a page ends with its chunk
_CHUNKS = 100  # read for one page; where a query selects few recipients, most chunks may be empty


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Entries of the ledger, and the chunk after which the next page begins; None at the present end."""

    entries: Sequence[LedgerEntry]
    after: int | None


def delivery_page(campaigns: Campaigns, campaign: Campaign, after: int) -> DeliveryPage:
    """The entries of the chunks after ``after`` (-1: from the beginning)."""
    found: list[LedgerEntry] = []
    last = after
    for index in range(after + 1, min(campaign.chunks, after + 1 + _CHUNKS)):
        chunk = campaigns.chunk(campaign.number, index)
        found += entries(chunk, campaigns.rows(campaign.number, index)) if chunk else ()
        last = index
        if len(found) >= PAGE:
            break
    return DeliveryPage(found, last if last + 1 < campaign.chunks else None)
