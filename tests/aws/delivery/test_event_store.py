"""Send events: stored for blocks in doubt only, and almost free for all others."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from optout import clock
from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import BLOCK, Block, Chunk, Cursor, DeliveryStatus, Outcome, Recipient
from optout.campaigns.outcomes import Rejection
from optout.delivery.event_store import EventStore, Proof
from tests.support.engine import Tables
from tests.support.fakes import InMemoryCampaigns, InMemoryEventStore

NUMBER = 7_000_000
FIRST, SECOND = Block(0, 0, 0, range(50)), Block(0, 1, 0, range(50, 100))


def sent(position: int) -> Outcome:
    return Outcome(DeliveryStatus.SENT, f"m{position}")


def accepted(position: int, block: Block = FIRST, outcome: Outcome | None = None) -> Proof:
    return Proof(NUMBER, block.chunk, block.index, block.part, position, outcome or sent(position))


REJECTED = Outcome(DeliveryStatus.FAILED, Rejection.REJECTED)


def rejected(position: int) -> Proof:
    return accepted(position, outcome=REJECTED)


@pytest.fixture
def world(anywhere: Tables | None) -> tuple[InMemoryCampaigns, EventStore]:
    """A campaign with one claimed block, and the evidence."""
    if anywhere is None:
        campaigns = InMemoryCampaigns()
        event_store: EventStore = InMemoryEventStore(campaigns)
    else:
        campaigns, event_store = anywhere.campaigns(), anywhere.event_store()  # type: ignore[assignment]
    campaigns.create(Campaign(NUMBER, "acme", "news@example.com", None), {})
    campaigns.claim(NUMBER, FIRST)
    return campaigns, event_store


World = tuple[InMemoryCampaigns, EventStore]


def test_a_block_in_doubt_keeps_what_events_tell_of_it(world: World) -> None:
    campaigns, event_store = world
    assert event_store.record([accepted(3), accepted(4), accepted(3)]) == 1
    assert event_store.record([accepted(0)]) == 1
    (row,) = campaigns.rows(NUMBER, 0)
    assert row.proven == {at: sent(at) for at in (0, 3, 4)}


def test_a_settled_block_keeps_nothing_more(world: World) -> None:
    campaigns, event_store = world
    event_store.record([accepted(3)])
    outcomes = {at: Outcome(DeliveryStatus.SENT, "x") for at in range(50)}
    campaigns.settle(NUMBER, FIRST, outcomes)
    assert event_store.record([accepted(4)]) == 0
    (row,) = campaigns.rows(NUMBER, 0)
    assert (row.outcomes, row.proven) == (outcomes, {})


def test_a_block_that_nobody_claimed_is_not_made_by_an_event(world: World) -> None:
    campaigns, event_store = world
    assert event_store.record([accepted(60, SECOND)]) == 0
    assert len(campaigns.rows(NUMBER, 0)) == 1
    campaigns.claim(NUMBER, SECOND)
    assert event_store.record([accepted(60, SECOND)]) == 1


def test_events_about_many_blocks_are_kept_together(world: World) -> None:
    campaigns, event_store = world
    campaigns.claim(NUMBER, SECOND)
    assert event_store.record([accepted(at, FIRST if at < 50 else SECOND) for at in range(100)]) == 2
    assert [len(row.proven) for row in campaigns.rows(NUMBER, 0)] == [50, 50]


def test_the_watermark_only_rises(world: World) -> None:
    _, event_store = world
    assert event_store.alive_until() == 0
    for at in (500, 300, 700, 600):
        event_store.mark_alive(at)
    assert event_store.alive_until() == 700


@pytest.mark.parametrize("among", [None, 17_000])
def test_what_arrives_after_a_silence_counts_once_what_was_held_up_has_arrived_too(
    among: int | None, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``among``: another event in the same run, which does not begin a new one."""
    event_store = tables.event_store(settling=10_000)

    def at(now: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: now)

    for now, accepted, known in ((1_000, 100, 0), (5_000, 200, 0), (11_000, 300, 300), (22_000, 400, 300)):
        at(now)
        event_store.mark_alive(accepted)
        assert event_store.alive_until() == known
    if among:
        at(31_000)
        event_store.mark_alive(500)
        assert event_store.alive_until() == 300
    at(32_000)
    assert event_store.alive_until() == (500 if among else 400)


def test_an_earlier_mail_does_not_begin_a_new_run(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    event_store = tables.event_store(settling=10_000)
    for now, accepted in ((1_000, 300), (30_000, 200)):
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        event_store.mark_alive(accepted)
    assert event_store.alive_until() == 300


def test_a_late_event_turns_unknown_into_sent_once_and_nothing_else(world: World) -> None:
    campaigns, event_store = world
    outcomes = {at: Outcome(DeliveryStatus.UNKNOWN, "no_send_event") for at in range(50)}
    outcomes |= {
        1: Outcome(DeliveryStatus.FAILED, "x"),
        2: Outcome(DeliveryStatus.SKIPPED, "bounced"),
        3: Outcome(DeliveryStatus.SENT, "id"),
    }
    campaigns.settle(NUMBER, FIRST, outcomes)
    assert event_store.record([accepted(at) for at in (1, 2, 3, 4, 5)]) == 1
    assert event_store.record([accepted(at) for at in (4, 5)]) == 0
    assert event_store.record([accepted(6)]) == 1
    (row,) = campaigns.rows(NUMBER, 0)
    assert row.outcomes == outcomes | {at: Outcome(DeliveryStatus.SENT, f"m{at}") for at in (4, 5, 6)}
    campaign = campaigns.get(NUMBER)
    assert campaign
    counters = {name: n for name, n in campaign.counters.items() if n}
    assert counters == {"sent": 4, "unknown": 44, "failed": 1, "skipped": 1, "skipped_bounced": 1}


SENT = {at: Outcome(DeliveryStatus.SENT, "id") for at in range(50)}
OUTCOMES = {"settle": SENT, "settle_unknown": SENT | {3: Outcome(DeliveryStatus.UNKNOWN, "no_send_event")}}
EVENTS = {"send": [accepted(3)], "reject": [rejected(3)], "both": [rejected(3), accepted(3), rejected(3)]}


@pytest.mark.parametrize(
    "steps",
    [
        "settle reject",
        "reject settle",
        "settle_unknown reject",
        "reject settle_unknown",
        "send settle reject",
        "settle send reject send",
        "send reject settle",
        "reject send settle send",
        "reject settle reject send reject",
        "reject reject settle settle",
        "both settle",
        "settle both both",
    ],
)
def test_an_email_that_was_rejected_has_failed_once_in_whatever_order_its_events_come(steps: str, world: World) -> None:
    campaigns, event_store = world
    for step in steps.split():
        if step in EVENTS:
            event_store.record(EVENTS[step])
        else:
            campaigns.settle(NUMBER, FIRST, OUTCOMES[step])
    (row,) = campaigns.rows(NUMBER, 0)
    assert (row.outcomes, row.proven) == (SENT | {3: REJECTED}, {})
    campaign = campaigns.get(NUMBER)
    assert campaign
    counters = {name: n for name, n in campaign.counters.items() if n}
    assert counters == {"sent": 49, "failed": 1, "rejected": 1}


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(DeliveryStatus.FAILED, "MessageRejected"),
        Outcome(DeliveryStatus.SKIPPED, "bounced"),
        Outcome(DeliveryStatus.RETRY, "TRANSIENT_FAILURE"),
    ],
    ids=lambda outcome: outcome.status,
)
def test_a_rejection_changes_no_outcome_of_an_email_that_was_not_accepted(outcome: Outcome, world: World) -> None:
    campaigns, event_store = world
    campaigns.settle(NUMBER, FIRST, SENT | {3: outcome})
    assert event_store.record([rejected(3)]) == 0
    assert campaigns.rows(NUMBER, 0)[0].outcomes == SENT | {3: outcome}


def test_a_settle_with_a_claim_does_not_forget_a_rejection(world: World) -> None:
    campaigns, event_store = world
    event_store.record([rejected(3)])
    campaigns.settle_and_claim(NUMBER, FIRST, SENT, SECOND)
    assert campaigns.rows(NUMBER, 0)[0].outcomes == SENT | {3: REJECTED}


def test_two_who_correct_a_block_at_once_lose_nothing(tables: Tables) -> None:
    campaigns, first, second = tables.campaigns(), tables.event_store(), tables.event_store()
    campaigns.create(Campaign(NUMBER, "acme", "news@example.com", None), {})
    campaigns.claim(NUMBER, FIRST)
    campaigns.settle(NUMBER, FIRST, {at: Outcome(DeliveryStatus.UNKNOWN, "no_send_event") for at in range(50)})
    meanwhile = [accepted(8)]

    def interfere(**_: object) -> None:
        if meanwhile:
            second.record([meanwhile.pop()])

    tables.client.meta.events.register("after-call.dynamodb.BatchGetItem", interfere)
    assert first.record([accepted(7)]) == 1
    (row,) = campaigns.rows(NUMBER, 0)
    assert row.outcomes
    assert {at for at, outcome in row.outcomes.items() if outcome.status is DeliveryStatus.SENT} == {7, 8}


def test_the_watermark_is_written_once_in_a_while(tables: Tables) -> None:
    event_store, writes = tables.event_store(beat=30_000, settling=60_000), []
    event_store.mark_alive(900_000)
    tables.client.meta.events.register("before-send.dynamodb.UpdateItem", lambda **_: writes.append(1))
    for at in range(1_000_000, 1_060_001, 1_000):
        event_store.mark_alive(at)
    assert len(writes) == 3


def test_the_events_of_a_thousand_mails_that_are_settled_cost_no_write_and_next_to_no_read(tables: Tables) -> None:
    campaigns, event_store = tables.campaigns(), tables.event_store(beat=30_000)
    campaigns.create(Campaign(NUMBER, "acme", "news@example.com", None), {})
    blocks: list[Block] = []
    for index in range(4):
        chunk = Chunk(index, tuple(Recipient(1, "a@example.com", "") for _ in range(250)), None)
        campaigns.advance(NUMBER, Cursor(), chunk)
        blocks += chunk.blocks()
    for block in blocks:
        campaigns.claim(NUMBER, block)
        campaigns.settle(NUMBER, block, {at: Outcome(DeliveryStatus.SENT, "x") for at in block.positions})
    calls: Counter[str] = Counter()
    tables.client.meta.events.register("before-call.dynamodb", lambda model, **_: calls.update([model.name]))
    everything = [accepted(at, block) for block in blocks for at in block.positions]
    for _ in ("Send", "Delivery"):
        for start in range(0, len(everything), 10):
            event_store.record(everything[start : start + 10])
    assert len(blocks) == 1000 / BLOCK
    assert calls == {"BatchGetItem": len(blocks)}


def test_events_that_outrun_the_settle_cost_a_write_per_batch_and_block_not_per_mail(tables: Tables) -> None:
    campaigns, event_store = tables.campaigns(), tables.event_store()
    campaigns.create(Campaign(NUMBER, "acme", "news@example.com", None), {})
    campaigns.claim(NUMBER, FIRST)
    calls: Counter[str] = Counter()
    tables.client.meta.events.register("before-call.dynamodb", lambda model, **_: calls.update([model.name]))
    event_store.record([accepted(at) for at in range(50)])
    assert calls == {"BatchGetItem": 1, "UpdateItem": 1}


def test_an_event_that_crosses_a_transaction_is_recorded_after_it(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    campaigns, event_store = tables.campaigns(), tables.event_store()
    campaigns.create(Campaign(NUMBER, "acme", "news@example.com", None), {})
    campaigns.claim(NUMBER, FIRST)
    crossing = iter([True])

    def conflict(**_: object) -> Any:
        if next(crossing, None):
            error = {"Error": {"Code": "TransactionConflictException", "Message": "x"}}
            return SimpleNamespace(status_code=400), error
        return None

    tables.client.meta.events.register("before-call.dynamodb.UpdateItem", conflict)
    assert event_store.record([accepted(3)]) == 1
    (row,) = campaigns.rows(NUMBER, 0)
    assert row.proven == {3: sent(3)}


def test_an_event_that_is_overtaken_by_a_settle_corrects_what_the_settle_did_not_know(tables: Tables) -> None:
    """The block is read while it is in doubt, and settled as unknown before the event is written."""
    campaigns, event_store = tables.campaigns(), tables.event_store()
    campaigns.create(Campaign(NUMBER, "acme", "news@example.com", None), {})
    campaigns.claim(NUMBER, FIRST)
    unknown = {at: Outcome(DeliveryStatus.UNKNOWN, "timeout") for at in range(50)}
    settling = iter([True])

    def settle(**_: object) -> None:
        if next(settling, None):
            campaigns.settle(NUMBER, FIRST, unknown)

    tables.client.meta.events.register("before-call.dynamodb.UpdateItem", settle)
    assert event_store.record([accepted(3)]) == 1
    (row,) = campaigns.rows(NUMBER, 0)
    assert row.outcomes == unknown | {3: Outcome(DeliveryStatus.SENT, "m3")}
    stored = campaigns.get(NUMBER)
    assert stored
    assert (stored.counters["sent"], stored.counters["unknown"]) == (1, 49)
