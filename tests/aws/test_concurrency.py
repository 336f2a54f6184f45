"""Concurrent writes, on a real engine only: moto loses updates, and has let two conditions win."""

from optout.address import Address
from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import Block, Chunk, Cursor, DeliveryStatus, Outcome, Recipient
from optout.errors import AlreadySubscribed, Conflict, NotFound
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.subscribers.subscribe import subscribe
from optout.suppressions.lift import lift
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Action
from tests.support.crowds import at_once
from tests.support.engine import Tables

ADA = Address.parse("ada@example.com")
ORIGIN = Origin("command")
NUMBER = 7_000_000


def test_fifty_identical_opt_outs_are_one_record_with_one_number(engine: Tables) -> None:
    store = engine.suppressions()
    done = at_once(50, lambda at: suppress(store, "acme", ADA, EVERYTHING, Reason.ONE_CLICK, ORIGIN))
    assert len({one.record.number for one in done}) == 1
    assert [one.action for one in done if one.action] == [Action.SUPPRESSED]
    assert len(store.for_email("acme", ADA)) == len(list(store.history("acme", ADA))) == 1


def test_fifty_counted_repeats_are_fifty_history_rows(engine: Tables) -> None:
    store = engine.suppressions()
    at_once(20, lambda at: suppress(store, "acme", ADA, EVERYTHING, Reason.MANUAL, ORIGIN, repeat=True))
    history = list(store.history("acme", ADA))
    assert [change.version for change in history] == list(range(1, 21))
    assert store.state("acme", ADA).version == 20
    assert [change.record.revision for change in history] == list(range(20))


def test_different_scopes_of_one_address_do_not_lose_each_other(engine: Tables) -> None:
    store = engine.suppressions()
    scopes = [Scope.of([f"topic-{at}"]) for at in range(15)]
    at_once(15, lambda at: suppress(store, "acme", ADA, scopes[at], Reason.MANUAL, ORIGIN))
    assert set(store.state("acme", ADA).in_force) == set(scopes)
    assert {record.scope for record in store.for_email("acme", ADA)} == set(scopes)


def test_the_strongest_of_many_reasons_wins(engine: Tables) -> None:
    store, reasons = engine.suppressions(), list(Reason)
    at_once(16, lambda at: suppress(store, "acme", ADA, EVERYTHING, reasons[at % len(reasons)], ORIGIN))
    assert store.state("acme", ADA).in_force[EVERYTHING].reason is Reason.COMPLAINED
    assert [record.reason for record in store.for_email("acme", ADA)] == [Reason.COMPLAINED]


def test_one_of_many_lifts_a_record(engine: Tables) -> None:
    store = engine.suppressions()
    made = suppress(store, "acme", ADA, EVERYTHING, Reason.MANUAL, ORIGIN).record

    def try_to(_: int) -> bool:
        try:
            lift(store, "acme", made.number, ORIGIN)
        except NotFound:
            return False
        return True

    assert sum(at_once(10, try_to)) == 1
    assert len(list(store.history("acme", ADA))) == 2


def test_one_of_many_subscribes_an_address(engine: Tables) -> None:
    store = engine.subscribers()
    store.open_newsletter("acme", "weekly")

    def try_to(_: int) -> bool:
        try:
            subscribe(store, "acme", "weekly", ADA, name=None)
        except AlreadySubscribed:
            return False
        return True

    assert sum(at_once(20, try_to)) == 1
    assert len(store.page("acme", "weekly", 0, 2**53, 10).subscribers) == 1


def campaign(tables: Tables, people: int) -> Chunk:
    """A stored campaign of one chunk in blocks of one."""
    store = tables.campaigns()
    chunk = Chunk(0, tuple(Recipient(at, f"p{at}@example.com", "") for at in range(people)), None, 1)
    store.create(Campaign(NUMBER, "acme", "news@example.com", None), {})
    store.put_chunk(NUMBER, chunk)
    return chunk


def test_one_of_many_creates_a_campaign(engine: Tables) -> None:
    store = engine.campaigns()

    def try_to(at: int) -> bool:
        try:
            store.create(Campaign(NUMBER, f"w{at}", "news@example.com", None), {"subject": str(at)})
        except Conflict:
            return False
        return True

    won = at_once(10, try_to)
    assert sum(won) == 1
    found = store.get(NUMBER)
    assert found
    assert found.workspace == f"w{list(won).index(True)}"
    assert store.content(NUMBER) == {"subject": str(list(won).index(True))}


def test_one_of_many_advances_and_the_audience_is_counted_once(engine: Tables) -> None:
    store, chunk = engine.campaigns(), campaign(engine, 30)
    assert sum(at_once(20, lambda at: store.advance(NUMBER, Cursor(), chunk))) == 1
    found = store.get(NUMBER)
    assert found
    assert found.counters["audience"] == 30


def test_one_of_many_wins_a_claim(engine: Tables) -> None:
    store = engine.campaigns()
    campaign(engine, 10)
    for block in (Block(0, index, 0, (index,)) for index in range(5)):
        assert sum(claim.won for claim in at_once(20, lambda at: store.claim(NUMBER, block))) == 1  # noqa: B023


def test_one_of_many_settles_a_block(engine: Tables) -> None:
    store, block = engine.campaigns(), Block(0, 0, 0, (0,))
    campaign(engine, 1)
    store.claim(NUMBER, block)
    assert sum(at_once(15, lambda at: store.settle(NUMBER, block, {0: Outcome(DeliveryStatus.SENT, str(at))}))) == 1
    found = store.get(NUMBER)
    assert found
    assert found.counters["sent"] == 1


def test_many_blocks_settled_at_once_add_up(engine: Tables) -> None:
    store, chunk = engine.campaigns(), campaign(engine, 20)
    blocks = chunk.blocks()
    store.advance(NUMBER, Cursor(), chunk)
    for block in blocks:
        store.claim(NUMBER, block)
    done = at_once(20, lambda at: store.settle(NUMBER, blocks[at], {at: Outcome(DeliveryStatus.SENT, "id")}))
    assert all(done)
    found = store.get(NUMBER)
    assert found
    assert found.accounted == found.counters["sent"] == 20
    assert sum(at_once(5, lambda at: store.finish(NUMBER))) == 1


def test_one_of_many_records_a_bounce(engine: Tables) -> None:
    store = engine.campaigns()
    campaign(engine, 1)
    assert sum(at_once(10, lambda at: store.record_feedback(NUMBER, "0-0-0", "0", "bounced"))) == 1
    found = store.get(NUMBER)
    assert found
    assert found.counters["bounced"] == 1
