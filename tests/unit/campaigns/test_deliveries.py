"""The deliveries of a campaign, page by page."""

from optout.campaigns.deliveries import delivery_page
from optout.campaigns.ledger import Chunk, Cursor, Recipient
from tests.support.fakes import InMemoryCampaigns
from tests.support.samples import CONTENT, campaign


def test_a_page_of_the_ledger_ends_after_a_hundred_empty_chunks_and_leads_on() -> None:
    campaigns, cursor = InMemoryCampaigns(), Cursor()
    campaigns.create(campaign(5), CONTENT)
    for index in range(150):
        people = (Recipient(1, "a@example.com", ""),) if index == 149 else ()
        chunk = Chunk(index, people, Cursor(index + 1, "weekly", index + 1))
        campaigns.put_chunk(5, chunk)
        campaigns.advance(5, cursor, chunk)
        cursor = chunk.next or cursor
    made = campaigns.get(5)
    assert made
    first = delivery_page(campaigns, made, -1)
    assert (list(first.entries), first.after) == ([], 99)
    second = delivery_page(campaigns, made, 99)
    assert ([entry.recipient.email for entry in second.entries], second.after) == (["a@example.com"], None)
