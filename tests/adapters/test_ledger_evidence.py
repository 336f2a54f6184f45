"""What events prove: kept for blocks in doubt only, and nearly free for all others."""

from collections import Counter

import pytest

from optout.campaign import Campaign
from optout.ledger import BLOCK, Block, Chunk, Cursor, Fate, Outcome, Recipient
from optout.reconciling import Evidence, Sighting
from tests.adapters.tables import Tables
from tests.fakes import InMemoryCampaigns, InMemoryEvidence

NUMBER = 7_000_000
FIRST, SECOND = Block(0, 0, 0, range(50)), Block(0, 1, 0, range(50, 100))


def sighting(position: int, block: Block = FIRST) -> Sighting:
    return Sighting(NUMBER, block.chunk, block.index, block.part, position, f"m{position}")


@pytest.fixture
def world(anywhere: Tables | None) -> tuple[InMemoryCampaigns, Evidence]:
    """A campaign with one claimed block, and the evidence."""
    if anywhere is None:
        campaigns = InMemoryCampaigns()
        evidence: Evidence = InMemoryEvidence(campaigns)
    else:
        campaigns, evidence = anywhere.campaigns(), anywhere.evidence()  # type: ignore[assignment]
    campaigns.create(Campaign(NUMBER, "acme", "news@example.com", None), {})
    campaigns.claim(NUMBER, FIRST)
    return campaigns, evidence


World = tuple[InMemoryCampaigns, Evidence]


def test_a_block_in_doubt_keeps_what_events_tell_of_it(world: World) -> None:
    campaigns, evidence = world
    assert evidence.note([sighting(3), sighting(4), sighting(3)]) == 1
    assert evidence.note([sighting(0)]) == 1
    (row,) = campaigns.rows(NUMBER, 0)
    assert row.seen == {0: "m0", 3: "m3", 4: "m4"}


def test_a_settled_block_keeps_nothing_more(world: World) -> None:
    campaigns, evidence = world
    evidence.note([sighting(3)])
    outcomes = {at: Outcome(Fate.SENT, "x") for at in range(50)}
    campaigns.settle(NUMBER, FIRST, outcomes)
    assert evidence.note([sighting(4)]) == 0
    (row,) = campaigns.rows(NUMBER, 0)
    assert (row.outcomes, row.seen) == (outcomes, {})


def test_a_block_that_nobody_claimed_is_not_made_by_an_event(world: World) -> None:
    campaigns, evidence = world
    assert evidence.note([sighting(60, SECOND)]) == 0
    assert len(campaigns.rows(NUMBER, 0)) == 1
    campaigns.claim(NUMBER, SECOND)
    assert evidence.note([sighting(60, SECOND)]) == 1


def test_events_about_many_blocks_are_kept_together(world: World) -> None:
    campaigns, evidence = world
    campaigns.claim(NUMBER, SECOND)
    assert evidence.note([sighting(at, FIRST if at < 50 else SECOND) for at in range(100)]) == 2
    assert [len(row.seen) for row in campaigns.rows(NUMBER, 0)] == [50, 50]


def test_the_watermark_only_rises(world: World) -> None:
    _, evidence = world
    assert evidence.alive_until() == 0
    for at in (500, 300, 700, 600):
        evidence.note_alive(at)
    assert evidence.alive_until() == 700


def test_the_watermark_is_written_once_in_a_while(tables: Tables) -> None:
    evidence, writes = tables.evidence(beat=30_000), []
    tables.client.meta.events.register("before-send.dynamodb.UpdateItem", lambda **_: writes.append(1))
    for at in range(1_000_000, 1_060_001, 1_000):
        evidence.note_alive(at)
    assert len(writes) == 3


def test_the_events_of_a_thousand_mails_that_are_settled_cost_no_write_and_next_to_no_read(tables: Tables) -> None:
    campaigns, evidence = tables.campaigns(), tables.evidence(beat=30_000)
    campaigns.create(Campaign(NUMBER, "acme", "news@example.com", None), {})
    blocks: list[Block] = []
    for index in range(4):
        chunk = Chunk(index, tuple(Recipient(1, "a@example.com", "") for _ in range(250)), None)
        campaigns.advance(NUMBER, Cursor(), chunk)
        blocks += chunk.blocks()
    for block in blocks:
        campaigns.claim(NUMBER, block)
        campaigns.settle(NUMBER, block, {at: Outcome(Fate.SENT, "x") for at in block.positions})
    calls: Counter[str] = Counter()
    tables.client.meta.events.register("before-call.dynamodb", lambda model, **_: calls.update([model.name]))
    everything = [sighting(at, block) for block in blocks for at in block.positions]
    for _ in ("Send", "Delivery"):
        for start in range(0, len(everything), 10):
            evidence.note(everything[start : start + 10])
    assert len(blocks) == 1000 / BLOCK
    assert calls == {"BatchGetItem": len(blocks)}


def test_events_that_outrun_the_settle_cost_a_write_per_batch_and_block_not_per_mail(tables: Tables) -> None:
    campaigns, evidence = tables.campaigns(), tables.evidence()
    campaigns.create(Campaign(NUMBER, "acme", "news@example.com", None), {})
    campaigns.claim(NUMBER, FIRST)
    calls: Counter[str] = Counter()
    tables.client.meta.events.register("before-call.dynamodb", lambda model, **_: calls.update([model.name]))
    evidence.note([sighting(at) for at in range(50)])
    assert calls == {"BatchGetItem": 1, "UpdateItem": 1}
