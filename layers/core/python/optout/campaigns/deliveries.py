"""Who of a campaign's audience got it, who did not, and why: page after page, in the order of the audience."""

from collections.abc import Sequence
from dataclasses import dataclass

from optout.campaigns.campaign import Campaign, Campaigns
from optout.campaigns.ledger import LedgerEntry, entries

PAGE = 500  # recipients after which a page ends with its chunk
_LOOKED_AT = 100  # chunks; where few were selected, most of them may be empty


@dataclass(frozen=True, slots=True)
class Traced:
    """Some lines of the ledger, and the chunk to go on after; None where there are no others yet."""

    lines: Sequence[LedgerEntry]
    after: int | None


def trace(campaigns: Campaigns, campaign: Campaign, after: int) -> Traced:
    """The lines of the chunks behind ``after`` (-1: from the beginning)."""
    lines: list[LedgerEntry] = []
    last = after
    for index in range(after + 1, min(campaign.chunks, after + 1 + _LOOKED_AT)):
        chunk = campaigns.chunk(campaign.number, index)
        lines += entries(chunk, campaigns.rows(campaign.number, index)) if chunk else ()
        last = index
        if len(lines) >= PAGE:
            break
    return Traced(lines, last if last + 1 < campaign.chunks else None)
