"""What events prove: kept for blocks in doubt only, and nearly free for all others."""

from collections import Counter

import pytest

from optout import clock
from optout.aws.dynamodb import Lost
from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import BLOCK, Block, Chunk, Cursor, Fate, Outcome, Recipient
from optout.delivery.evidence import Evidence, Sighting
from tests.support.engine import Tables
from tests.support.fakes import InMemoryCampaigns, InMemoryEvidence

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


@pytest.mark.parametrize("among", [None, 17_000])
def test_what_arrives_after_a_silence_counts_once_what_was_held_up_has_arrived_too(
    among: int | None, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``among``: another event in the same run, which does not begin a new one."""
    evidence = tables.evidence(settling=10_000)

    def at(now: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: now)

    for now, accepted, known in ((1_000, 100, 0), (5_000, 200, 0), (11_000, 300, 300), (22_000, 400, 300)):
        at(now)
        evidence.note_alive(accepted)
        assert evidence.alive_until() == known
    if among:
        at(31_000)
        evidence.note_alive(500)
        assert evidence.alive_until() == 300
    at(32_000)
    assert evidence.alive_until() == (500 if among else 400)


def test_an_earlier_mail_does_not_begin_a_new_run(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = tables.evidence(settling=10_000)
    for now, accepted in ((1_000, 300), (30_000, 200)):
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        evidence.note_alive(accepted)
    assert evidence.alive_until() == 300


def test_a_late_event_turns_unknown_into_sent_once_and_nothing_else(world: World) -> None:
    campaigns, evidence = world
    outcomes = {at: Outcome(Fate.UNKNOWN, "no_send_event") for at in range(50)}
    outcomes |= {1: Outcome(Fate.FAILED, "x"), 2: Outcome(Fate.SKIPPED, "bounced"), 3: Outcome(Fate.SENT, "id")}
    campaigns.settle(NUMBER, FIRST, outcomes)
    assert evidence.note([sighting(at) for at in (1, 2, 3, 4, 5)]) == 1
    assert evidence.note([sighting(at) for at in (4, 5)]) == 0
    assert evidence.note([sighting(6)]) == 1
    (row,) = campaigns.rows(NUMBER, 0)
    assert row.outcomes == outcomes | {at: Outcome(Fate.SENT, f"m{at}") for at in (4, 5, 6)}
    campaign = campaigns.get(NUMBER)
    assert campaign
    counters = {name: n for name, n in campaign.counters.items() if n}
    assert counters == {"sent": 4, "unknown": 44, "failed": 1, "skipped": 1, "skipped_bounced": 1}


def test_two_who_mend_a_block_at_once_lose_nothing(tables: Tables) -> None:
    campaigns, first, second = tables.campaigns(), tables.evidence(), tables.evidence()
    campaigns.create(Campaign(NUMBER, "acme", "news@example.com", None), {})
    campaigns.claim(NUMBER, FIRST)
    campaigns.settle(NUMBER, FIRST, {at: Outcome(Fate.UNKNOWN, "no_send_event") for at in range(50)})
    meanwhile = [sighting(8)]

    def interfere(**_: object) -> None:
        if meanwhile:
            second.note([meanwhile.pop()])

    tables.client.meta.events.register("after-call.dynamodb.BatchGetItem", interfere)
    with pytest.raises(Lost):
        first.note([sighting(7)])
    assert first.note([sighting(7)]) == 1
    (row,) = campaigns.rows(NUMBER, 0)
    assert row.outcomes
    assert {at for at, outcome in row.outcomes.items() if outcome.fate is Fate.SENT} == {7, 8}


def test_the_watermark_is_written_once_in_a_while(tables: Tables) -> None:
    evidence, writes = tables.evidence(beat=30_000, settling=60_000), []
    evidence.note_alive(900_000)
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
