"""The contract of a campaign's ledger: a block is claimed by one run, settled once, and holds each delivery status."""

import pytest

from optout import clock
from optout.campaigns.campaign import Campaign, Campaigns, State
from optout.campaigns.ledger import Block, Chunk, Cursor, DeliveryStatus, Doubt, LedgerEntry, Outcome, Recipient, Row
from tests.aws.conftest import Stores

NUMBER = 7_000_000
PEOPLE = tuple(Recipient(at + 1, f"p{at}@example.com", "") for at in range(5))
CHUNK = Chunk(0, PEOPLE, None, 2)
BLOCK, SECOND, THIRD = CHUNK.blocks()
SENT = {0: Outcome(DeliveryStatus.SENT, "id-0"), 1: Outcome(DeliveryStatus.SENT, "id-1")}


@pytest.fixture
def store(stores: Stores) -> Campaigns:
    """A campaign of one chunk of five, in blocks of two."""
    stores.campaigns.create(Campaign(NUMBER, "acme", "news@example.com", None), {})
    stores.campaigns.put_chunk(NUMBER, CHUNK)
    stores.campaigns.advance(NUMBER, Cursor(), CHUNK)
    return stores.campaigns


def counters(store: Campaigns) -> dict[str, int]:
    found = store.get(NUMBER)
    assert found
    return {name: count for name, count in found.counters.items() if count}


def statuses(store: Campaigns) -> list[DeliveryStatus | None]:
    return [entry.status for entry in store.ledger(NUMBER)]


def test_a_block_is_claimed_by_the_first(store: Campaigns) -> None:
    before = clock.now()
    assert store.claim(NUMBER, BLOCK).won
    assert not store.claim(NUMBER, BLOCK).won
    assert store.claim(NUMBER, SECOND).won
    first, second = store.rows(NUMBER, 0)
    assert (first.block, second.block) == (Block(0, 0, 0, (0, 1)), Block(0, 1, 0, (2, 3)))
    assert before <= first.claimed <= second.claimed <= clock.now()
    assert not first.is_settled


def test_a_settled_block_is_read_back_whole(store: Campaigns) -> None:
    outcomes = {0: Outcome(DeliveryStatus.SENT, "id-\u00e9"), 4: Outcome(DeliveryStatus.UNKNOWN, "no_send_event")}
    block = Block(0, 7, 3, (0, 4))
    store.claim(NUMBER, block)
    store.settle(NUMBER, block, outcomes)
    (row,) = store.rows(NUMBER, 0)
    assert row == Row(block, row.claimed, outcomes)


def test_rows_are_those_of_one_chunk_in_order(store: Campaigns) -> None:
    for block in (Block(1, 0, 0, (0,)), Block(0, 2, 0, (4,)), Block(0, 0, 1, (1,)), Block(0, 0, 0, (0, 1))):
        store.claim(NUMBER, block)
    assert [row.block.id for row in store.rows(NUMBER, 0)] == ["0-0-0", "0-0-1", "0-2-0"]
    assert store.rows(NUMBER, 10) == []


def test_a_released_block_may_be_claimed_again(store: Campaigns) -> None:
    store.release(NUMBER, BLOCK, store.claim(NUMBER, BLOCK).mark)
    assert store.claim(NUMBER, BLOCK).won


def test_a_claim_that_was_given_back_does_not_take_the_next_owner_s(store: Campaigns) -> None:
    mine = store.claim(NUMBER, BLOCK)
    store.release(NUMBER, BLOCK, mine.mark)
    theirs = store.claim(NUMBER, BLOCK)
    store.release(NUMBER, BLOCK, mine.mark)
    assert not store.claim(NUMBER, BLOCK).won
    store.release(NUMBER, BLOCK, theirs.mark)
    assert store.claim(NUMBER, BLOCK).won


def test_releasing_what_nobody_claimed_changes_nothing(store: Campaigns) -> None:
    store.release(NUMBER, BLOCK, "mark")
    assert store.claim(NUMBER, BLOCK).won


def test_a_settled_block_is_never_released(store: Campaigns) -> None:
    claim = store.claim(NUMBER, BLOCK)
    store.settle(NUMBER, BLOCK, SENT)
    store.release(NUMBER, BLOCK, claim.mark)
    assert store.rows(NUMBER, 0)[0].outcomes == SENT


def test_settling_and_claiming_is_one_step(store: Campaigns) -> None:
    store.claim(NUMBER, BLOCK)
    claim = store.settle_and_claim(NUMBER, BLOCK, SENT, SECOND)
    assert claim.won
    assert [row.is_settled for row in store.rows(NUMBER, 0)] == [True, False]
    assert counters(store) == {"audience": 5, "sent": 2}
    store.release(NUMBER, SECOND, claim.mark)
    assert store.claim(NUMBER, SECOND).won


def stop(store: Campaigns, to: State) -> None:
    found = store.get(NUMBER)
    assert found
    assert store.move(found, to)


STOPS = [State.PAUSED, State.PARKED, State.CANCELLED]


@pytest.mark.parametrize("to", STOPS)
def test_no_block_of_a_stopped_campaign_is_claimed(store: Campaigns, to: State) -> None:
    stop(store, to)
    assert not store.claim(NUMBER, BLOCK).won
    assert store.rows(NUMBER, 0) == []


def test_no_block_of_a_campaign_that_never_was_is_claimed(store: Campaigns) -> None:
    assert not store.claim(5, BLOCK).won
    assert store.rows(5, 0) == []


@pytest.mark.parametrize("to", STOPS)
def test_a_stopped_campaign_settles_and_claims_nothing(store: Campaigns, to: State) -> None:
    store.claim(NUMBER, BLOCK)
    stop(store, to)
    assert not store.settle_and_claim(NUMBER, BLOCK, SENT, SECOND).won
    assert [row.outcomes for row in store.rows(NUMBER, 0)] == [SENT]
    assert counters(store) == {"audience": 5, "sent": 2}


def test_what_somebody_else_has_claimed_is_not_claimed_with_a_settle(store: Campaigns) -> None:
    store.claim(NUMBER, BLOCK)
    store.claim(NUMBER, SECOND)
    assert not store.settle_and_claim(NUMBER, BLOCK, SENT, SECOND).won
    assert [row.outcomes for row in store.rows(NUMBER, 0)] == [SENT, None]


def test_what_was_settled_before_claims_nothing(store: Campaigns) -> None:
    store.claim(NUMBER, BLOCK)
    store.settle(NUMBER, BLOCK, SENT)
    assert not store.settle_and_claim(NUMBER, BLOCK, SENT, SECOND).won
    assert counters(store) == {"audience": 5, "sent": 2}
    assert len(store.rows(NUMBER, 0)) == 1


def test_a_chunk_with_recipients_is_open_until_it_is_closed(store: Campaigns) -> None:
    for index in (3, 1, 2):
        store.create(Campaign(NUMBER + index, "acme", "news@example.com", None), {})
    store.advance(NUMBER + 1, Cursor(), Chunk(0, (), Cursor(1, "w", 1), 2))
    store.advance(NUMBER + 1, Cursor(1, "w", 1), Chunk(1, PEOPLE, Cursor(2, "w", 2), 2))
    store.advance(NUMBER + 1, Cursor(2, "w", 2), Chunk(2, PEOPLE, None, 2))
    assert store.open_chunks(NUMBER + 1, 10) == [1, 2]
    assert store.open_chunks(NUMBER + 1, 1) == [1]
    store.close_chunk(NUMBER + 1, 1)
    store.close_chunk(NUMBER + 1, 7)
    assert store.open_chunks(NUMBER + 1, 10) == [2]
    assert store.open_chunks(NUMBER, 10) == [0]


def test_the_settle_of_the_last_block_closes_its_chunk(store: Campaigns) -> None:
    store.claim(NUMBER, BLOCK)
    store.settle(NUMBER, BLOCK, SENT, closes=True)
    assert store.open_chunks(NUMBER, 10) == []


def test_a_settle_that_was_done_before_closes_nothing(store: Campaigns) -> None:
    store.claim(NUMBER, BLOCK)
    store.settle(NUMBER, BLOCK, SENT)
    assert not store.settle(NUMBER, BLOCK, SENT, closes=True)
    assert store.open_chunks(NUMBER, 10) == [0]


def test_a_doubt_is_noted_until_it_is_forgotten(store: Campaigns, monkeypatch: pytest.MonkeyPatch) -> None:
    for at, chunk in ((100, 7), (200, 0), (300, 7)):
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        store.doubt(NUMBER, chunk)
    assert store.doubts(NUMBER) == [Doubt(0, 200), Doubt(7, 300)]
    store.forget(NUMBER, Doubt(7, 100))
    store.forget(NUMBER, Doubt(0, 200))
    assert store.doubts(NUMBER) == [Doubt(7, 300)]


def test_settling_adds_up_once(store: Campaigns) -> None:
    store.claim(NUMBER, BLOCK)
    assert store.settle(NUMBER, BLOCK, SENT)
    assert not store.settle(
        NUMBER, BLOCK, {0: Outcome(DeliveryStatus.FAILED, "x"), 1: Outcome(DeliveryStatus.FAILED, "x")}
    )
    assert counters(store) == {"audience": 5, "sent": 2}
    assert statuses(store) == [DeliveryStatus.SENT, DeliveryStatus.SENT, None, None, None]


def test_what_nobody_claimed_is_not_settled(store: Campaigns) -> None:
    assert not store.settle(NUMBER, BLOCK, SENT)
    assert counters(store) == {"audience": 5}
    assert store.claim(NUMBER, BLOCK).won


def test_every_fate_is_counted_and_those_left_out_by_reason(store: Campaigns) -> None:
    outcomes = {
        0: Outcome(DeliveryStatus.SENT, "id"),
        1: Outcome(DeliveryStatus.SKIPPED, "bounced"),
        2: Outcome(DeliveryStatus.SKIPPED, "unsubscribed"),
        3: Outcome(DeliveryStatus.UNKNOWN, "no_send_event"),
        4: Outcome(DeliveryStatus.FAILED, "FAILED"),
    }
    block = Block(0, 0, 0, range(5))
    store.claim(NUMBER, block)
    store.settle(NUMBER, block, outcomes)
    assert counters(store) == {
        "audience": 5,
        "sent": 1,
        "skipped": 2,
        "skipped_bounced": 1,
        "skipped_unsubscribed": 1,
        "unknown": 1,
        "failed": 1,
    }
    found = store.get(NUMBER)
    assert found
    assert found.accounted == 5


def test_who_is_tried_again_is_counted_when_that_is_settled(store: Campaigns) -> None:
    again = {
        0: Outcome(DeliveryStatus.RETRY, "TRANSIENT_FAILURE"),
        1: Outcome(DeliveryStatus.RETRY, "TRANSIENT_FAILURE"),
    }
    store.claim(NUMBER, BLOCK)
    assert store.settle(NUMBER, BLOCK, again)
    assert not store.settle(NUMBER, BLOCK, again)
    assert counters(store) == {"audience": 5}
    assert statuses(store)[:2] == [None, None]
    (row,) = store.rows(NUMBER, 0)
    follow_up = BLOCK.follow_up(row.outcomes or {})
    assert follow_up
    assert follow_up == Block(0, 0, 1, (0, 1))
    assert store.claim(NUMBER, follow_up).won
    assert statuses(store)[:2] == [None, None]
    store.settle(NUMBER, follow_up, SENT)
    assert counters(store) == {"audience": 5, "sent": 2}
    assert statuses(store)[:2] == [DeliveryStatus.SENT, DeliveryStatus.SENT]


def test_the_ledger_has_everybody_in_audience_order(store: Campaigns) -> None:
    for block, detail in ((THIRD, "c"), (BLOCK, "a")):
        store.claim(NUMBER, block)
        store.settle(NUMBER, block, {at: Outcome(DeliveryStatus.SENT, f"{detail}{at}") for at in block.positions})
    store.claim(NUMBER, SECOND)
    assert list(store.ledger(NUMBER)) == [
        LedgerEntry(PEOPLE[0], DeliveryStatus.SENT, "a0"),
        LedgerEntry(PEOPLE[1], DeliveryStatus.SENT, "a1"),
        LedgerEntry(PEOPLE[2], None, ""),
        LedgerEntry(PEOPLE[3], None, ""),
        LedgerEntry(PEOPLE[4], DeliveryStatus.SENT, "c4"),
    ]


def test_many_blocks_and_chunks_stay_in_order(store: Campaigns) -> None:
    second = Chunk(10, PEOPLE, None, 1)
    store.put_chunk(NUMBER, Chunk(2, PEOPLE, None, 1))
    store.put_chunk(NUMBER, second)
    for block in second.blocks():
        store.claim(NUMBER, block)
        store.settle(NUMBER, block, {block.positions[0]: Outcome(DeliveryStatus.SENT, block.id)})
    details = [entry.detail for entry in store.ledger(NUMBER)]
    assert details == [""] * 10 + [f"10-{at}-0" for at in range(5)]


def test_a_bounce_is_counted_once_per_recipient_and_kind(store: Campaigns) -> None:
    def record(block: str, index: str, kind: str) -> bool:
        return store.record_feedback(NUMBER, block, index, kind)

    assert record("0-0-0", "1", "bounced")
    assert not record("0-0-0", "1", "bounced")
    assert record("0-0-0", "1", "complained")
    assert record("0-0-0", "0", "bounced")
    assert record("0-0-1", "1", "bounced")
    assert counters(store) == {"audience": 5, "bounced": 3, "complained": 1}


def test_feedback_about_an_unknown_campaign_is_not_kept(store: Campaigns) -> None:
    assert not store.record_feedback(5, "0-0-0", "0", "bounced")
    assert store.get(5) is None
    assert not store.record_feedback(5, "0-0-0", "0", "bounced")
