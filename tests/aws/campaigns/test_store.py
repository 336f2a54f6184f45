"""The contract of `Campaigns`, kept by the fake and by DynamoDB alike: the campaign, its walk, its end."""

from dataclasses import replace

import pytest

from optout import clock
from optout.address import Address
from optout.aws.dynamodb import pack, unpack
from optout.campaigns.campaign import Campaign, Campaigns, IdempotencyKey, Parking, ParkReason, State
from optout.campaigns.ledger import Block, Chunk, Cursor, DeliveryStatus, Outcome, Recipient
from optout.campaigns.ramp import Ramp
from optout.errors import Conflict
from optout.messages.link_token import LinkScope
from optout.scope import MessageClass
from tests.aws.conftest import Stores
from tests.support.engine import Tables

NUMBER = 2**52 + 11
PLAIN = Campaign(NUMBER, "acme", "news@example.com", "newsletter:weekly")
CONTENT = {"subject": "S {{lb}}", "html": "<p>\u00e9</p>", "text": "t\n"}
FULL = Campaign(
    NUMBER, "acme", "N <n@example.com>", None, MessageClass.TRANSACTIONAL, LinkScope.TOPIC, "boss@example.com",
    query='{"name":"Ada"}', ramp=Ramp(1_000, 2**41),
)  # fmt: skip
PEOPLE = tuple(Recipient(at, f"p{at}@example.com", f'N "{at}" \u00e9') for at in range(1, 6))
CHUNK = Chunk(0, PEOPLE, Cursor(1, "weekly", 5), 2)
LAST = Chunk(1, PEOPLE[:1], None, 2, start=5)


@pytest.fixture
def store(stores: Stores) -> Campaigns:
    stores.campaigns.create(PLAIN, CONTENT)
    return stores.campaigns


def campaign(store: Campaigns, number: int = NUMBER) -> Campaign:
    found = store.get(number)
    assert found
    return found


@pytest.mark.parametrize("made", [PLAIN, FULL], ids=["plain", "full"])
def test_a_campaign_is_read_back_whole(stores: Stores, made: Campaign) -> None:
    before = clock.now()
    stores.campaigns.create(made, CONTENT)
    found = campaign(stores.campaigns)
    assert found == replace(made, counters={"audience": 0}, progress=found.progress)
    assert before <= found.progress <= clock.now()
    assert stores.campaigns.content(NUMBER) == CONTENT


def test_a_number_that_is_taken_is_a_conflict_and_changes_nothing(store: Campaigns) -> None:
    with pytest.raises(Conflict):
        store.create(replace(PLAIN, workspace="rival"), {"subject": "other"})
    assert campaign(store).workspace == "acme"
    assert store.content(NUMBER) == CONTENT


def test_nothing_is_known_of_an_unknown_campaign(store: Campaigns) -> None:
    assert store.get(5) is None
    assert store.chunk(5, 0) is None
    assert store.content(5) == {}
    assert list(store.ledger(5)) == []


def test_a_chunk_is_read_back_whole(store: Campaigns) -> None:
    assert store.put_chunk(NUMBER, CHUNK) == CHUNK
    assert store.put_chunk(NUMBER, LAST) == LAST
    assert [store.chunk(NUMBER, index) for index in (0, 1, 2)] == [CHUNK, LAST, None]


def test_the_chunk_that_is_there_is_answered(store: Campaigns) -> None:
    store.put_chunk(NUMBER, CHUNK)
    assert store.put_chunk(NUMBER, replace(LAST, index=0, block_size=50)) == CHUNK
    assert store.chunk(NUMBER, 0) == CHUNK


def test_a_person_is_taken_by_one_chunk_and_kept_by_it(store: Campaigns) -> None:
    ada, spelled = Address.parse("Ada@Example.com"), Address.parse("ada@example.com")
    assert [store.take_person(NUMBER, chunk, who) for chunk, who in ((3, ada), (3, spelled), (4, spelled))] == [
        True,
        True,
        False,
    ]
    assert store.take_person(NUMBER, 4, Address.parse("bob@example.com"))
    assert store.take_person(5, 4, ada)


def test_advancing_moves_the_cursor_and_counts_the_audience_once(store: Campaigns) -> None:
    assert store.advance(NUMBER, Cursor(), CHUNK)
    assert not store.advance(NUMBER, Cursor(), CHUNK)
    found = campaign(store)
    assert (found.cursor, found.chunks, found.state) == (Cursor(1, "weekly", 5), 1, State.EXPANDING)
    assert found.counters == {"audience": 5}
    assert CHUNK.next
    assert store.advance(NUMBER, CHUNK.next, LAST)
    found = campaign(store)
    assert (found.cursor, found.chunks, found.counters) == (None, 2, {"audience": 6})
    assert found.state is State.SENDING


def test_a_stopped_or_unknown_campaign_does_not_advance(store: Campaigns) -> None:
    assert cancelled(store)
    assert not store.advance(NUMBER, Cursor(), CHUNK)
    assert not store.advance(5, Cursor(), CHUNK)
    assert campaign(store).counters == {"audience": 0}
    assert store.get(5) is None


def finished(store: Campaigns) -> bool:
    """Whether the campaign can be finished after its one recipient is settled."""
    block = Block(0, 0, 0, (0,))
    store.advance(NUMBER, Cursor(), replace(LAST, index=0))
    store.claim(NUMBER, block)
    store.settle(NUMBER, block, {0: Outcome(DeliveryStatus.SENT, "id")})
    return store.finish(NUMBER)


def test_a_campaign_is_finished_once_when_everybody_is_accounted_for(store: Campaigns) -> None:
    assert not store.finish(NUMBER)
    store.advance(NUMBER, Cursor(), replace(LAST, index=0))
    assert not store.finish(NUMBER)
    assert finished(store)
    assert not store.finish(NUMBER)
    assert campaign(store).state is State.FINISHED


def test_a_campaign_whose_walk_is_not_over_is_not_finished(store: Campaigns) -> None:
    store.advance(NUMBER, Cursor(), replace(CHUNK, recipients=()))
    assert not store.finish(NUMBER)


def test_a_campaign_of_nobody_is_finished(store: Campaigns) -> None:
    store.advance(NUMBER, Cursor(), replace(LAST, index=0, recipients=()))
    assert store.finish(NUMBER)


def cancelled(store: Campaigns) -> bool:
    return store.move(campaign(store), State.CANCELLED)


def test_a_campaign_moves_from_the_state_in_which_it_was_read(store: Campaigns) -> None:
    read = campaign(store)
    assert store.move(read, State.PAUSED)
    assert not store.move(read, State.CANCELLED)
    assert campaign(store).state is State.PAUSED


def test_a_campaign_goes_on_only_from_where_its_walk_was_when_it_was_read(store: Campaigns) -> None:
    read = replace(campaign(store), cursor=Cursor(9, "weekly", 9))
    assert store.move(campaign(store), State.PAUSED)
    assert not store.move(replace(read, state=State.PAUSED), State.EXPANDING)
    assert store.move(campaign(store), State.ACCEPTED)


def test_parking_is_kept_until_the_campaign_moves_on(store: Campaigns) -> None:
    parking = Parking(ParkReason.QUOTA, "LimitExceededException", 2**41)
    assert store.move(campaign(store), State.PARKED, parking)
    assert campaign(store).parking == parking
    assert store.move(campaign(store), State.ACCEPTED)
    assert campaign(store).parking is None
    assert store.move(campaign(store), State.PARKED, Parking(ParkReason.CONFIG))
    assert campaign(store).parking == Parking(ParkReason.CONFIG)


def test_a_reason_that_only_a_newer_version_knows_waits_for_a_person(tables: Tables) -> None:
    campaigns = tables.campaigns()
    campaigns.create(PLAIN, CONTENT)
    assert campaigns.move(PLAIN, State.PARKED, Parking(ParkReason.QUOTA, "why", 5))
    (item,) = [one for one in map(unpack, tables.items("CampaignsTable")) if one["sk"] == "campaign"]
    item["parking"]["reason"] = "weather"
    tables.client.put_item(TableName=tables.names["CampaignsTable"], Item=pack(item))
    assert campaign(campaigns).parking == Parking(ParkReason.CONFIG, "why", 5)


def test_what_is_excused_is_kept_until_more_is(store: Campaigns) -> None:
    assert store.move(campaign(store), State.PARKED, Parking(ParkReason.BOUNCES, "9 of 20 bounced"))
    assert store.move(campaign(store), State.ACCEPTED, excused={"sent": 20, "bounced": 9})
    assert store.move(campaign(store), State.PAUSED)
    assert campaign(store).excused == {"sent": 20, "bounced": 9}


def test_a_step_of_the_ramp_is_taken_once_and_only_at_work(store: Campaigns) -> None:
    ramped = replace(PLAIN, number=NUMBER + 1, ramp=Ramp())
    store.create(ramped, CONTENT)
    assert store.widen(ramped, Ramp(1_000, 7))
    assert not store.widen(ramped, Ramp(8_000))
    found = campaign(store, ramped.number)
    assert found.ramp == Ramp(1_000, 7)
    assert store.move(found, State.PAUSED)
    assert not store.widen(found, Ramp(8_000))


def test_an_unknown_campaign_does_not_move(store: Campaigns) -> None:
    assert not store.move(replace(PLAIN, number=5), State.PAUSED)
    assert store.get(5) is None


def test_a_cancelled_campaign_is_not_finished(store: Campaigns) -> None:
    assert cancelled(store)
    assert not finished(store)
    assert campaign(store).state is State.CANCELLED


def test_an_unknown_campaign_is_not_finished(store: Campaigns) -> None:
    assert not store.finish(5)
    assert store.get(5) is None


def test_a_paused_campaign_is_finished_after_it_was_resumed(store: Campaigns) -> None:
    store.advance(NUMBER, Cursor(), replace(LAST, index=0, recipients=()))
    store.move(campaign(store), State.PAUSED)
    assert not store.finish(NUMBER)
    store.move(campaign(store), State.SENDING)
    assert store.finish(NUMBER)


def test_campaigns_that_have_not_ended_are_listed_oldest_first(store: Campaigns) -> None:
    store.create(replace(PLAIN, number=12), CONTENT)
    assert store.unended() == [12, NUMBER]
    store.retire(12)
    assert store.unended() == [12, NUMBER]
    store.move(replace(PLAIN, number=12), State.CANCELLED)
    store.retire(12)
    assert finished(store)
    assert store.unended() == []


def test_the_campaigns_of_one_workspace_that_have_not_ended_are_listed_alone(store: Campaigns) -> None:
    for number, workspace in ((12, "acme"), (13, "globex"), (14, "acme-2")):
        store.create(replace(PLAIN, number=number, workspace=workspace), CONTENT)
    assert [store.unended(name) for name in ("acme", "globex", "nobody")] == [[12, NUMBER], [13], []]


def test_the_sweeper_s_ringing_is_written_down_once_and_counted_until_there_is_progress(store: Campaigns) -> None:
    read, later = campaign(store), clock.now() + 10_000
    assert store.note_enqueued(read, later)
    assert not store.note_enqueued(read, later)
    assert store.note_enqueued(campaign(store), later + 1)
    found = campaign(store)
    assert (found.enqueued_at, found.attempts) == (later + 1, 2)
    assert store.move(found, State.PAUSED)
    assert not store.note_enqueued(campaign(store), later + 2)


def test_a_campaign_and_a_chunk_are_read_at_once(store: Campaigns) -> None:
    store.put_chunk(NUMBER, CHUNK)
    assert store.with_chunk(NUMBER, 0) == (store.get(NUMBER), CHUNK)
    assert store.with_chunk(NUMBER, 1) == (store.get(NUMBER), None)
    assert store.with_chunk(5, 0) == (None, None)


def test_the_key_of_a_request_is_taken_once_and_leads_to_its_campaign(stores: Stores) -> None:
    request = IdempotencyKey("k", "digest")
    assert stores.campaigns.find_by_key("k") is None
    stores.campaigns.create(PLAIN, CONTENT, request)
    with pytest.raises(Conflict):
        stores.campaigns.create(replace(PLAIN, number=NUMBER + 1), CONTENT, IdempotencyKey("k", "another"))
    assert stores.campaigns.find_by_key("k") == (request, NUMBER)
    assert stores.campaigns.get(NUMBER + 1) is None
    assert stores.campaigns.unended() == [NUMBER]


def test_a_number_that_is_taken_leaves_the_key_of_the_request_free(store: Campaigns) -> None:
    with pytest.raises(Conflict):
        store.create(PLAIN, CONTENT, IdempotencyKey("k", "digest"))
    assert store.find_by_key("k") is None


def test_campaigns_are_listed_newest_first_and_by_workspace(stores: Stores) -> None:
    for number, workspace in ((3, "acme"), (1, "acme"), (4, "globex"), (2, "acme")):
        stores.campaigns.create(replace(PLAIN, number=number, workspace=workspace), CONTENT)
    assert [found.number for found in stores.campaigns.newest("acme", 2**53, 10)] == [3, 2, 1]
    assert [found.number for found in stores.campaigns.newest("acme", 3, 1)] == [2]
    assert list(stores.campaigns.newest("nobody", 2**53, 10)) == []


def test_a_scheduled_campaign_begins_once(stores: Stores) -> None:
    planned = replace(PLAIN, state=State.SCHEDULED, not_before=7)
    stores.campaigns.create(planned, CONTENT)
    assert campaign(stores.campaigns).not_before == 7
    assert [stores.campaigns.move(planned, State.ACCEPTED) for _ in range(2)] == [True, False]
