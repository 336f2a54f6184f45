"""The reconciler: events settle blocks in doubt; a block is sent again only if its events are missing while others
arrive."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from optout import clock
from optout.campaigns.campaign import State
from optout.campaigns.ledger import PARTS, Block, DeliveryStatus, Outcome, Outcomes, Row
from optout.campaigns.outcomes import Rejection
from optout.campaigns.transitions import cancel, pause
from optout.delivery.event_store import Proof
from optout.delivery.reconcile import Reconciled, Reconciliation, Timeouts, decide
from optout.errors import InDoubt
from tests.support.fakes import InMemoryEventStore, InMemoryQueue, RecordingSender
from tests.support.worker import Worker

T = 1_760_000_000_000
PATIENCE = Timeouts(worker=10, event=100, give_up=1_000, file=21)
BLOCK, LAST = Block(0, 0, 0, (0, 1)), Block(0, 0, PARTS - 1, (0, 1))


def sent(message_id: str) -> Outcome:
    return Outcome(DeliveryStatus.SENT, message_id)


SENT = {0: sent("a"), 1: sent("b")}
HALF = {0: sent("a")}
REJECTED = {0: Outcome(DeliveryStatus.FAILED, Rejection.REJECTED)}


def lost(status: DeliveryStatus, *positions: int) -> dict[int, Outcome]:
    return {at: Outcome(status, "no_send_event") for at in positions}


@pytest.mark.parametrize(
    ("block", "proven", "after", "alive", "decision"),
    [
        (BLOCK, SENT, 9, 0, None),
        (BLOCK, SENT, 10, 0, SENT),
        (BLOCK, HALF, 10, 0, None),
        (BLOCK, HALF, 99, 500, None),
        (BLOCK, HALF, 100, 11, HALF | lost(DeliveryStatus.RETRY, 1)),
        (BLOCK, REJECTED, 100, 11, REJECTED | lost(DeliveryStatus.RETRY, 1)),
        (BLOCK, REJECTED | {1: sent("b")}, 10, 0, REJECTED | {1: sent("b")}),
        (BLOCK, {}, 100, 11, lost(DeliveryStatus.RETRY, 0, 1)),
        (BLOCK, {}, 100, 10, None),
        (BLOCK, {}, 100, 0, None),
        (BLOCK, {}, 999, 0, None),
        (BLOCK, {}, 1_000, 0, lost(DeliveryStatus.UNKNOWN, 0, 1)),
        (BLOCK, HALF, 1_000, 10, HALF | lost(DeliveryStatus.UNKNOWN, 1)),
        (BLOCK, HALF, 1_000, 11, HALF | lost(DeliveryStatus.RETRY, 1)),
        (LAST, HALF, 100, 11, HALF | lost(DeliveryStatus.UNKNOWN, 1)),
    ],
)
def test_what_a_claimed_block_is_settled_as(
    block: Block, proven: Outcomes, after: int, alive: int, decision: Outcomes | None
) -> None:
    assert decide(Row(block, T, None, proven), T + after, T + alive, PATIENCE) == decision


def test_a_worker_is_dead_long_before_its_block_can_be_sent_again() -> None:
    assert 5 * 60_000 < Timeouts().worker < Timeouts().event < Timeouts().give_up


@dataclass(frozen=True)
class Files:
    """Files of events, as far as the reconciler asks about them."""

    written: int | None

    def oldest(self) -> int | None:
        return self.written

    def read(self, key: str) -> Iterator[bytes]:
        raise NotImplementedError

    def forget(self, key: str) -> None:
        raise NotImplementedError


@dataclass
class World(Worker):
    """A worker whose first call is lost, the evidence, and the reconciler."""

    sender: RecordingSender = field(default_factory=lambda: RecordingSender(InDoubt()))
    queue: InMemoryQueue = field(default_factory=InMemoryQueue)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.event_store = InMemoryEventStore(self.campaigns)

    def see(self, *positions: int) -> int:
        return self.event_store.record([Proof(self.number, 0, 0, 0, at, sent(f"m{at}")) for at in positions])

    def reconcile(self, after: int, oldest_file: int | None = None) -> Reconciled:
        ports = self.campaigns, self.event_store, self.queue
        return Reconciliation(*ports, PATIENCE, Files(oldest_file)).reconcile(clock.now() + after)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(clock, "now", lambda: T)
    made = World()
    made.deliver()
    return made


def test_events_settle_a_lost_answer_and_nothing_is_sent_again(world: World) -> None:
    world.see(0, 1)
    done = world.reconcile(10)
    assert (done.blocks, done.sent, done.finished) == (1, 2, [world.number])
    assert world.statuses == ["sent"] * 5
    assert world.ledger[0].detail == "m0"
    assert world.counters == {"audience": 5, "sent": 5}
    assert len(world.sender.calls) == 3
    assert world.queue.sent == []


def test_who_has_no_event_while_later_ones_arrive_is_sent_to_again_alone(world: World) -> None:
    world.see(0)
    world.event_store.mark_alive(T + 50)
    assert world.reconcile(100).again == 1
    assert world.queue.sent == [{"campaign": world.number, "chunk": 0}]
    assert world.deliver().campaign_finished
    assert world.sender.calls[-1] == ("p1@example.com",)
    assert world.sender.blocks[-1] == Block(0, 0, 1, (1,))
    assert world.counters == {"audience": 5, "sent": 5}


@pytest.mark.parametrize(("oldest_file", "again"), [(None, 2), (T + 32, 2), (T + 31, 0), (T - 500, 0)])
def test_nothing_is_sent_again_while_a_file_of_its_time_is_still_to_be_read(
    oldest_file: int | None, again: int, world: World
) -> None:
    world.event_store.mark_alive(T + 50)
    assert world.reconcile(100, oldest_file).again == again


def test_what_events_have_told_is_settled_whatever_is_still_to_be_read(world: World) -> None:
    world.see(0, 1)
    assert world.reconcile(10, T).sent == 2


def test_a_late_event_mends_a_fate_that_was_unknown(world: World) -> None:
    world.reconcile(1_000)
    assert world.see(0) == 1
    assert world.see(0) == 0
    assert world.statuses == ["sent", "unknown", "sent", "sent", "sent"]
    assert world.counters == {"audience": 5, "sent": 4, "unknown": 1}


def test_without_proof_that_events_arrive_the_fate_is_unknown_and_nothing_is_sent_again(world: World) -> None:
    world.see(0)
    assert world.reconcile(999).waiting == 1
    assert world.statuses[:2] == [None, None]
    done = world.reconcile(1_000)
    assert (done.unknown, done.finished, world.state) == (1, [world.number], State.FINISHED)
    assert world.statuses == ["sent", "unknown", "sent", "sent", "sent"]
    assert world.counters == {"audience": 5, "sent": 4, "unknown": 1}
    assert len(world.sender.calls) == 3


def test_reconciling_twice_changes_nothing(world: World) -> None:
    world.see(0, 1)
    world.reconcile(10)
    assert world.reconcile(10) == Reconciled()
    assert world.counters == {"audience": 5, "sent": 5}


def test_nothing_in_doubt_is_nothing_to_do() -> None:
    world = World(sender=RecordingSender())
    world.deliver()
    assert world.reconcile(10**6) == Reconciled()


def test_a_note_is_kept_until_every_block_of_the_chunk_is_settled(world: World) -> None:
    world.reconcile(50)
    assert world.campaigns.doubts(world.number)
    world.see(0, 1)
    world.reconcile(50)
    assert not world.campaigns.doubts(world.number)
    assert not world.campaigns.open_chunks(world.number, 10)


def test_a_paused_campaign_is_settled_and_not_rung_for(world: World) -> None:
    pause(world.campaigns, world.number)
    world.event_store.mark_alive(T + 50)
    assert world.reconcile(100).again == 2
    assert world.queue.sent == []


def test_a_cancelled_campaign_is_settled_as_far_as_events_tell(world: World) -> None:
    cancel(world.campaigns, world.number)
    world.see(0)
    world.event_store.mark_alive(T + 50)
    world.reconcile(100)
    assert world.counters == {"audience": 5, "sent": 4}
    assert world.statuses == ["sent", None, "sent", "sent", "sent"]


def test_an_event_about_a_settled_block_writes_nothing(world: World) -> None:
    assert world.event_store.record([Proof(world.number, 0, 1, 0, 2, sent("x"))]) == 0
    assert world.see(0, 1) == 1
