"""The sweeper: it enqueues stopped work again, and does not touch running work."""

from dataclasses import replace

import pytest

from optout import clock
from optout.campaigns.campaign import Campaign, Parking, ParkReason, State
from optout.campaigns.ledger import CHUNK, Block, Chunk, Cursor, DeliveryStatus, Outcome, Recipient
from optout.campaigns.ramp import WAIT, Ramp
from optout.campaigns.transitions import cancel, park, pause
from optout.campaigns.wake import Waker
from optout.delivery.sweep import STALLED_AFTER, Sweep, Swept, is_stalled
from optout.errors import InDoubt, NotSent
from optout.provider.send_rate import Account, SendRate
from tests.support.fakes import InMemoryQueue, RecordingSender
from tests.support.samples import campaign
from tests.support.worker import Worker

NOW = 1_760_000_000_000
LATER = NOW + STALLED_AFTER


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


class World(Worker):
    """A worker's campaign, and the sweeper with its queues."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.expand, self.queue = InMemoryQueue(), InMemoryQueue()

    def sweep(self, at: int = LATER) -> Swept:
        return Sweep(self.campaigns, self.send_limiter, Waker(self.campaigns, self.expand, self.queue)).sweep(at)


def test_a_campaign_that_stands_still_is_rung_for() -> None:
    world = World()
    assert world.sweep().requeued == 1
    assert world.queue.sent == [{"campaign": world.number, "chunk": 0}]
    assert world.expand.sent == []


def test_a_campaign_that_gets_on_is_left_alone() -> None:
    world = World()
    assert world.sweep(LATER - 1) == Swept()


def test_a_walk_that_stands_still_goes_on_where_it_was() -> None:
    world = World()
    world.campaigns.create(campaign(5), {})
    world.campaigns.advance(5, Cursor(), Chunk(0, (Recipient(1, "a@example.com", ""),), Cursor(1, "weekly", 1)))
    world.sweep()
    assert world.expand.sent == [{"campaign": 5, "first_chunk": 1}]
    assert {"campaign": 5, "chunk": 0} in world.queue.sent


def test_a_chunk_that_is_done_is_not_rung_for() -> None:
    world = World()
    second = Chunk(1, world.chunk.recipients[:1], None)
    world.campaigns.put_chunk(world.number, second)
    world.campaigns.close_chunk(world.number, 0)
    assert world.sweep().requeued == 0


def test_who_rings_in_vain_waits_longer_each_time() -> None:
    world, requeued = World(), []
    for minute in range(120):
        if world.sweep(NOW + minute * 60_000).requeued:
            requeued.append(minute)
    assert requeued == [3, 9, 21, 45, 93]


def test_two_sweepers_ring_once() -> None:
    world = World()
    found = world.campaigns.get(world.number)
    assert found
    assert world.campaigns.note_enqueued(found, LATER)
    assert not world.campaigns.note_enqueued(found, LATER)


def test_no_more_is_rung_for_than_a_quarter_of_an_hour_can_send() -> None:
    world = World()
    world.send_limiter.state = SendRate(Account(rate=14.0, quota=-1, sent=0), NOW)
    for index in range(1, 200):
        world.campaigns._open_chunks.add((world.number, index))
    assert world.sweep().requeued == int(900 * 14 / CHUNK)


@pytest.mark.parametrize(
    ("changed", "stalled"),
    [
        ({"progress": NOW}, True),
        ({"progress": NOW + 1}, False),
        ({"progress": 0, "enqueued_at": NOW, "attempts": 0}, True),
        ({"progress": 0, "enqueued_at": NOW, "attempts": 1}, False),
        ({"progress": NOW - 5, "enqueued_at": NOW - 10, "attempts": 9}, True),
    ],
)
def test_when_a_campaign_counts_as_stalled(changed: dict[str, int], stalled: bool) -> None:
    found: Campaign = replace(campaign(), **changed)  # type: ignore[arg-type]
    assert is_stalled(found, LATER) == stalled


def test_a_campaign_whose_last_run_died_before_it_said_so_is_finished() -> None:
    world = World(people=2)
    block = Block(0, 0, 0, (0, 1))
    world.campaigns.claim(world.number, block)
    world.campaigns.settle(world.number, block, {at: Outcome(DeliveryStatus.SENT, "x") for at in (0, 1)})
    assert world.sweep(NOW).finished == 1
    assert world.state is State.FINISHED
    assert world.campaigns.unended() == []


@pytest.mark.parametrize("halt", [pause, cancel])
def test_a_stopped_campaign_is_not_rung_for(halt: object) -> None:
    world = World()
    halt(world.campaigns, world.number)  # type: ignore[operator]
    assert world.sweep().requeued == 0


def test_a_cancelled_campaign_is_left_alone_once_nothing_of_it_is_in_doubt() -> None:
    world = World(sender=RecordingSender(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        world.deliver()
    cancel(world.campaigns, world.number)
    world.sweep()
    assert [doubt.chunk for doubt in world.campaigns.doubts(world.number)] == [0]
    world.sweep()
    assert world.campaigns.unended() == [world.number]
    world.campaigns.forget(world.number, world.campaigns.doubts(world.number)[0])
    world.sweep()
    assert world.campaigns.unended() == []


ROOMY, SPENT = Account(50.0, 1_000, 0), Account(50.0, 1_000, 1_000)


@pytest.mark.parametrize(
    ("parking", "account", "after", "goes_on"),
    [
        (Parking(ParkReason.QUOTA, "", NOW + 500), SPENT, 0, False),
        (Parking(ParkReason.QUOTA, "", NOW + 500), ROOMY, 0, True),
        (Parking(ParkReason.QUOTA, "", NOW + 500), SPENT, 500, True),
        (Parking(ParkReason.PROVIDER_PAUSED, "", NOW + 500), ROOMY, 499, False),
        (Parking(ParkReason.PROVIDER_PAUSED, "", NOW + 500), ROOMY, 500, True),
        (Parking(ParkReason.PROVIDER_PAUSED, "", NOW + 500), replace(ROOMY, enabled=False), 500, False),
        (Parking(ParkReason.CONFIG, ""), ROOMY, 10**9, False),
        (Parking(ParkReason.BOUNCES, "9 of 20 bounced"), ROOMY, 10**9, False),
        (Parking(ParkReason.COMPLAINTS, "3 of 20 complained"), ROOMY, 10**9, False),
    ],
)
def test_a_parked_campaign_goes_on_when_its_time_has_come(
    parking: Parking, account: Account, after: int, goes_on: bool
) -> None:
    world = World()
    park(world.campaigns, world.number, parking)
    world.send_limiter.state = SendRate(account, NOW)
    swept = world.sweep(NOW + after)
    assert (swept.unparked, swept.requeued) == (int(goes_on), int(goes_on))
    assert swept.parked == ({} if goes_on else {parking.reason.value: 1})
    assert world.state is (State.SENDING if goes_on else State.PARKED)


def test_a_campaign_that_bounces_is_stopped_though_its_last_event_was_lost() -> None:
    world = World()
    world.campaigns._change(world.number, counters={"audience": 5, "sent": 2, "bounced": 9})
    assert world.sweep(NOW).parked == {"bounces": 1}
    assert world.state is State.PARKED


def test_a_campaign_widens_when_its_slice_has_gone_well_and_what_is_open_is_rung_for() -> None:
    world = World(stored=replace(campaign(), ramp=Ramp(4)))
    world.campaigns._change(world.number, counters={"audience": 5, "sent": 2})
    assert world.sweep(NOW).requeued == 0
    assert world.sweep(NOW + WAIT - 1).requeued == 0
    world.campaigns._change(world.number, ramp=Ramp(400, NOW), counters={"audience": 500, "sent": 300})
    assert world.sweep(NOW + WAIT).requeued == 1
    found = world.campaigns.get(world.number)
    assert found
    assert found.ramp == Ramp(3_200)


def test_two_sweepers_take_one_step() -> None:
    world = World(stored=replace(campaign(), ramp=Ramp()))
    found = world.campaigns.get(world.number)
    assert found
    assert world.campaigns.widen(found, Ramp(8_000))
    assert not world.campaigns.widen(found, Ramp(8_000))


def test_without_word_of_the_account_nothing_parked_goes_on() -> None:
    world = World()
    park(world.campaigns, world.number, Parking(ParkReason.QUOTA, "", NOW))
    world.send_limiter.refusal = NotSent("GetAccount")
    assert world.sweep().unparked == 0


def test_everything_is_sent_although_every_message_was_lost() -> None:
    world = World(sender=RecordingSender(InDoubt()))
    world.sweep()
    world.deliver()
    assert world.statuses == [None, None, "sent", "sent", "sent"]
