"""The audience is judged by the newsletter that a person was taken from, whatever the campaign calls its email."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from optout.address import Address
from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import Chunk
from optout.campaigns.preview import Previewer
from optout.campaigns.screen import apply_suppressions
from optout.delivery import expand as expansion
from optout.delivery.expand import Expansion
from optout.errors import Unavailable
from optout.messages.template import Site
from optout.origin import Origin
from optout.runtime.pattern import compile_pattern
from optout.scope import MessageClass, Scope
from optout.subscribers.membership import update
from optout.subscribers.subscriber import Subscriber
from tests.support.fakes import InMemoryCampaigns, InMemorySuppressions
from tests.support.fakes.delivery import InMemorySendLimiter
from tests.support.samples import CONTENT, campaign, campaigns, plenty, stop, subscriber, subscribers

NUMBER = 1_000_000
DAILY, WEEKLY = Scope.of(["newsletter:daily"]), Scope.of(["newsletter:weekly"])
ADA, BOB = "ada@example.com", "bob@example.com"
IN_BOTH = [subscriber(1, ADA, "daily"), subscriber(2, ADA), subscriber(3, BOB)]
EVERYBODY_S = campaign(topic=None)


def mailed(stored: Campaign, people: Sequence[Subscriber], left: dict[str, Scope]) -> tuple[list[str], int]:
    """Who is mailed by a campaign after these opt-outs, and the size of its audience. A preview says the same."""
    suppressions, store = InMemorySuppressions(), campaigns(stored)
    for email, scope in left.items():
        stop(suppressions, email, scope)
    indexes = list(
        Expansion(store, subscribers(*people), suppressions, lambda: 3, compile_pattern).expand(NUMBER, 0, plenty)
    )
    chunks = [chunk for index in indexes if (chunk := store.chunk(NUMBER, index))]
    sent = [
        message.recipient.email
        for chunk in chunks
        for block in chunk.blocks()
        for message in apply_suppressions(stored, chunk, block, suppressions)[1]
    ]
    audience = sum(len(chunk.recipients) for chunk in chunks)
    previewer = Previewer(
        subscribers(*people), suppressions, InMemorySendLimiter(), Site("Acme", "https://m.example"), compile_pattern
    )
    found = previewer.preview(stored, CONTENT)
    assert (found.mails, found.audience) == (len(sent), audience)
    return sent, audience


@pytest.mark.parametrize(
    "stored",
    [EVERYBODY_S, campaign(topic="product-news"), replace(EVERYBODY_S, query='{"status":"active"}')],
    ids=["no topic", "another topic", "a query"],
)
def test_who_left_the_newsletter_that_they_are_taken_from_is_not_mailed(stored: Campaign) -> None:
    people = [subscriber(1, ADA), subscriber(2, BOB)]
    assert mailed(stored, people, {ADA: WEEKLY}) == ([BOB], 2)


def test_who_left_one_of_two_newsletters_is_mailed_once_through_the_other() -> None:
    assert mailed(EVERYBODY_S, IN_BOTH, {ADA: DAILY}) == ([ADA, BOB], 2)
    assert mailed(EVERYBODY_S, IN_BOTH, {ADA: WEEKLY}) == ([ADA, BOB], 2)


def test_an_address_is_mailed_once_though_its_subscription_moves_while_the_chunk_waits() -> None:
    people, suppressions, store = subscribers(*IN_BOTH), InMemorySuppressions(), campaigns(EVERYBODY_S)
    walk = Expansion(store, people, suppressions, lambda: 3, compile_pattern).expand(NUMBER, 0, plenty)
    assert next(walk) == 0  # the chunk of the daily
    update(people, suppressions, IN_BOTH[0], {"address": Address.parse("ada@elsewhere.example")}, Origin("api"))
    assert list(walk) == [1]
    assert [entry.recipient.email for entry in store.ledger(NUMBER)] == [ADA, BOB]


def test_who_left_both_newsletters_is_counted_once_and_not_mailed() -> None:
    both = Scope.of(["newsletter:daily", "newsletter:weekly"])
    assert mailed(EVERYBODY_S, IN_BOTH, {ADA: both}) == ([BOB], 2)


def test_a_transactional_email_is_not_stopped_by_an_opt_out_from_a_newsletter() -> None:
    transactional = campaign(topic=None, message_class=MessageClass.TRANSACTIONAL)
    assert mailed(transactional, [subscriber(1, ADA)], {ADA: WEEKLY}) == ([ADA], 1)


class Dies(InMemoryCampaigns):
    """Its first chunk is not stored."""

    deaths = 1

    def put_chunk(self, number: int, chunk: Chunk) -> Chunk:
        if self.deaths:
            self.deaths -= 1
            raise Unavailable
        return super().put_chunk(number, chunk)


def test_nobody_is_lost_when_a_run_dies_and_the_next_one_cuts_the_audience_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(expansion, "CHUNK", 6)
    emails = [f"p{at}@example.com" for at in range(1, 13)]
    people = subscribers(
        *(subscriber(at, email, "daily") for at, email in enumerate(emails, 1)),
        *(subscriber(100 + at, email, "weekly") for at, email in enumerate(emails, 1)),
    )
    store = Dies()
    store.create(EVERYBODY_S, CONTENT)
    with pytest.raises(Unavailable):
        list(Expansion(store, people, InMemorySuppressions(), lambda: 6, compile_pattern).expand(NUMBER, 0, plenty))
    list(Expansion(store, people, InMemorySuppressions(), lambda: 4, compile_pattern).expand(NUMBER, 0, plenty))
    assert [entry.recipient.email for entry in store.ledger(NUMBER)] == emails
