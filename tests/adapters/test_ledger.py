"""The contract of a campaign's ledger: a block is claimed by one, settled once, and tells each recipient's fate."""

import pytest

from optout.campaign import Block, Campaign, Campaigns, Chunk, Claim, Cursor, Fate, LedgerEntry, Outcome, Recipient
from tests.adapters.conftest import Stores

NUMBER = 7_000_000
PEOPLE = tuple(Recipient(at + 1, f"p{at}@example.com", "") for at in range(5))
CHUNK = Chunk(0, PEOPLE, None, 2)
BLOCK, SECOND, THIRD = CHUNK.blocks()
SENT = {0: Outcome(Fate.SENT, "id-0"), 1: Outcome(Fate.SENT, "id-1")}


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


def fates(store: Campaigns) -> list[Fate | None]:
    return [entry.fate for entry in store.ledger(NUMBER)]


def test_a_block_is_claimed_by_the_first(store: Campaigns) -> None:
    assert store.claim(NUMBER, BLOCK) == Claim(True)
    assert store.claim(NUMBER, BLOCK) == Claim(False, {})
    assert store.claim(NUMBER, SECOND) == Claim(True)


def test_the_loser_of_a_settled_block_learns_its_outcomes(store: Campaigns) -> None:
    store.claim(NUMBER, BLOCK)
    store.settle(NUMBER, BLOCK, SENT)
    assert store.claim(NUMBER, BLOCK) == Claim(False, SENT)


def test_a_released_block_may_be_claimed_again(store: Campaigns) -> None:
    store.claim(NUMBER, BLOCK)
    store.release(NUMBER, BLOCK)
    assert store.claim(NUMBER, BLOCK).won


def test_releasing_what_nobody_claimed_changes_nothing(store: Campaigns) -> None:
    store.release(NUMBER, BLOCK)
    assert store.claim(NUMBER, BLOCK).won


def test_a_settled_block_is_never_released(store: Campaigns) -> None:
    store.claim(NUMBER, BLOCK)
    store.settle(NUMBER, BLOCK, SENT)
    store.release(NUMBER, BLOCK)
    assert store.claim(NUMBER, BLOCK) == Claim(False, SENT)


def test_settling_adds_up_once(store: Campaigns) -> None:
    store.claim(NUMBER, BLOCK)
    assert store.settle(NUMBER, BLOCK, SENT)
    assert not store.settle(NUMBER, BLOCK, {0: Outcome(Fate.FAILED, "x"), 1: Outcome(Fate.FAILED, "x")})
    assert counters(store) == {"audience": 5, "sent": 2}
    assert fates(store) == [Fate.SENT, Fate.SENT, None, None, None]


def test_what_nobody_claimed_is_not_settled(store: Campaigns) -> None:
    assert not store.settle(NUMBER, BLOCK, SENT)
    assert counters(store) == {"audience": 5}
    assert store.claim(NUMBER, BLOCK).won


def test_every_fate_is_counted_and_those_left_out_by_reason(store: Campaigns) -> None:
    outcomes = {
        0: Outcome(Fate.SENT, "id"),
        1: Outcome(Fate.SKIPPED, "bounced"),
        2: Outcome(Fate.SKIPPED, "unsubscribed"),
        3: Outcome(Fate.SKIPPED, "bounced"),
        4: Outcome(Fate.FAILED, "FAILED"),
    }
    block = Block(0, 0, 0, range(5))
    store.claim(NUMBER, block)
    store.settle(NUMBER, block, outcomes)
    expected = {"audience": 5, "sent": 1, "skipped": 3, "skipped_bounced": 2, "skipped_unsubscribed": 1, "failed": 1}
    assert counters(store) == expected
    found = store.get(NUMBER)
    assert found
    assert found.accounted == 5


def test_who_is_tried_again_is_counted_when_that_is_settled(store: Campaigns) -> None:
    again = {0: Outcome(Fate.AGAIN, "TRANSIENT_FAILURE"), 1: Outcome(Fate.AGAIN, "TRANSIENT_FAILURE")}
    store.claim(NUMBER, BLOCK)
    assert store.settle(NUMBER, BLOCK, again)
    assert not store.settle(NUMBER, BLOCK, again)
    assert counters(store) == {"audience": 5}
    follow_up = BLOCK.follow_up(store.claim(NUMBER, BLOCK).outcomes)
    assert follow_up == Block(0, 0, 1, (0, 1))
    assert store.claim(NUMBER, follow_up).won
    store.settle(NUMBER, follow_up, SENT)
    assert counters(store) == {"audience": 5, "sent": 2}
    assert fates(store)[:2] == [Fate.SENT, Fate.SENT]


def test_the_ledger_has_everybody_in_audience_order(store: Campaigns) -> None:
    for block, detail in ((THIRD, "c"), (BLOCK, "a")):
        store.claim(NUMBER, block)
        store.settle(NUMBER, block, {at: Outcome(Fate.SENT, f"{detail}{at}") for at in block.positions})
    store.claim(NUMBER, SECOND)
    assert list(store.ledger(NUMBER)) == [
        LedgerEntry(PEOPLE[0], Fate.SENT, "a0"),
        LedgerEntry(PEOPLE[1], Fate.SENT, "a1"),
        LedgerEntry(PEOPLE[2], None, ""),
        LedgerEntry(PEOPLE[3], None, ""),
        LedgerEntry(PEOPLE[4], Fate.SENT, "c4"),
    ]


def test_many_blocks_and_chunks_stay_in_order(store: Campaigns) -> None:
    second = Chunk(10, PEOPLE, None, 1)
    store.put_chunk(NUMBER, Chunk(2, PEOPLE, None, 1))
    store.put_chunk(NUMBER, second)
    for block in second.blocks():
        store.claim(NUMBER, block)
        store.settle(NUMBER, block, {block.positions[0]: Outcome(Fate.SENT, block.id)})
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
