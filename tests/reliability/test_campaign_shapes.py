"""Campaigns are finished by this version whatever wrote their items: an older one, which knew fewer attributes, or a
newer one, which knows more."""

from collections import Counter
from collections.abc import Callable

import pytest

from optout import clock
from optout.aws.campaigns.items import pk_of
from optout.aws.dynamodb import Item, pack, unpack
from optout.campaigns.campaign import Campaign, State
from optout.campaigns.ledger import Block, DeliveryStatus, Outcome
from optout.campaigns.ramp import Ramp
from optout.campaigns.transitions import pause, resume
from optout.campaigns.wake import Waker
from optout.delivery.deliver import Delivery
from optout.delivery.event_store import Proof
from optout.delivery.expand import Expansion
from optout.delivery.reconcile import Reconciliation, Timeouts
from optout.delivery.sweep import Sweep
from optout.number import new as new_number
from optout.runtime.pattern import compile_pattern
from tests.aws.conftest import tables
from tests.reliability.another_version import UNKNOWN
from tests.reliability.mailer import CONTENT
from tests.reliability.readers import Crowd
from tests.support.engine import Tables
from tests.support.fakes import InMemoryQueue, InMemorySendLimiter, InMemorySuppressions, RecordingSender

__all__ = ["tables"]

PEOPLE = 600
CROWD = Crowd(PEOPLE)
SINCE = {"not_before", "ramp", "excused", "start"}  # attributes that the first version did not write
Change = Callable[[Item], Item]


def older(item: Item) -> Item:
    return {name: value for name, value in item.items() if name not in SINCE}


def newer(item: Item) -> Item:
    more = {"n_of_another_kind": 3, "n_": 1} if item["sk"] == "campaign" else {}
    return item | UNKNOWN | more


class Story:
    """A campaign to many recipients over real tables; ``mailed`` counts the emails given to the provider."""

    def __init__(self, tables: Tables) -> None:
        self.tables, self.campaigns, self.number = tables, tables.campaigns(), new_number()
        self.event_store, self.sender = tables.event_store(), RecordingSender()
        self.delivery = Delivery(self.campaigns, InMemorySuppressions(), InMemorySendLimiter(), self.sender)
        self.queue = InMemoryQueue()
        campaign = Campaign(self.number, "acme", "news@example.com", "newsletter:weekly", ramp=Ramp(PEOPLE))
        self.campaigns.create(campaign, CONTENT)
        self.mailed: Counter[str] = Counter()

    def expand(self, *seconds: float) -> None:
        left = iter(seconds)
        expansion = Expansion(self.campaigns, CROWD, InMemorySuppressions(), lambda: 50, compile_pattern)  # type: ignore[arg-type]
        list(expansion.expand(self.number, 0, lambda: next(left, 0.0)))

    def half_way(self) -> None:
        """Two chunks of three. One block is sent and settled; the responses of two are lost, and the provider's events
        prove one of those two emails."""
        self.expand(900.0, 900.0)
        chunk = self.campaigns.chunk(self.number, 0)
        assert chunk
        settled, accepted, unseen = chunk.blocks()[:3]
        for block in (settled, accepted, unseen):
            assert self.campaigns.claim(self.number, block).won
        outcomes = {at: Outcome(DeliveryStatus.SENT, f"id-{at}") for at in settled.positions}
        self.campaigns.settle(self.number, settled, outcomes)
        for block in (settled, accepted):
            self.mailed.update(chunk.recipients[at].email for at in block.positions)
        self.campaigns.doubt(self.number, 0)
        self.see(accepted)

    def see(self, block: Block) -> None:
        where = self.number, block.chunk, block.index, block.part
        sent = {at: Outcome(DeliveryStatus.SENT, f"id-{at}") for at in block.positions}
        self.event_store.record([Proof(*where, at, outcome) for at, outcome in sent.items()])

    def rewrite(self, change: Change) -> None:
        """As another version would have written it."""
        names = self.tables.names["CampaignsTable"]
        for item in self.items():
            self.tables.client.put_item(TableName=names, Item=pack(change(item)))

    def items(self) -> list[Item]:
        items = map(unpack, self.tables.items("CampaignsTable"))
        return [item for item in items if item["pk"] == pk_of(self.number)]

    def finish(self) -> Campaign:
        """Run the functions and the schedules."""
        pause(self.campaigns, self.number)
        resume(self.campaigns, self.number)
        self.event_store.mark_alive(clock.now() + 1)
        timeouts = Timeouts(worker=0, event=0)
        Reconciliation(self.campaigns, self.event_store, self.queue, timeouts).reconcile(clock.now() + 1)
        self.expand(*[900.0] * 9)
        sweep = Sweep(self.campaigns, self.delivery.send_limiter, Waker(self.campaigns, self.queue, self.queue), -1)
        sweep.sweep(clock.now())
        for chunk in {message["chunk"] for message in self.queue.sent if "chunk" in message}:
            self.delivery.deliver(self.number, chunk, lambda: 900.0)
        self.mailed.update(self.sender.mailed)
        found = self.campaigns.get(self.number)
        assert found
        return found


@pytest.mark.parametrize("written", [lambda item: item, older, newer], ids=["this version", "older", "newer"])
def test_a_campaign_of_another_version_is_finished_by_this_one(tables: Tables, written: Change) -> None:
    story = Story(tables)
    story.half_way()
    story.rewrite(written)
    campaign = story.finish()
    assert campaign.state is State.FINISHED
    assert story.mailed == Counter(dict.fromkeys(CROWD.emails, 1))
    assert {name: campaign.counters[name] for name in ("sent", "audience")} == {"sent": PEOPLE, "audience": PEOPLE}
    assert campaign.accounted == PEOPLE
    assert {entry.status for entry in story.campaigns.ledger(story.number)} == {DeliveryStatus.SENT}


def test_what_a_newer_version_wrote_stays_for_it(tables: Tables) -> None:
    story = Story(tables)
    story.half_way()
    story.rewrite(newer)
    kept = {item["sk"] for item in story.items()}
    story.finish()
    left = [item for item in story.items() if item["sk"] in kept]
    assert {"campaign", "chunk#000000", "block#000000#0000#00"} <= {item["sk"] for item in left}
    assert all(item.items() >= UNKNOWN.items() for item in left)
