"""A query narrows the audience of a campaign and changes nothing else."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from optout.delivery import expand
from optout.delivery.expand import Expansion
from optout.runtime.pattern import compile_pattern
from optout.subscribers.subscriber import Status, Subscriber
from tests.support.fakes import InMemoryCampaigns, InMemorySuppressions
from tests.support.samples import campaign, campaigns, people, plenty, subscriber, subscribers


def audience(query: str, *rows: Subscriber, only: str | None = None) -> Sequence[str]:
    """The recipients of a campaign with a query, in order."""
    store: InMemoryCampaigns = campaigns(replace(campaign(test_recipient=only), query=query))
    list(
        Expansion(store, subscribers(*rows), InMemorySuppressions(), lambda: 1, compile_pattern).expand(
            1_000_000, 0, plenty
        )
    )
    found = store.get(1_000_000)
    assert found
    emails = [entry.recipient.email for entry in store.ledger(1_000_000)]
    assert found.counters["audience"] == len(emails)
    return emails


def test_without_a_query_everybody_is_in_the_audience() -> None:
    assert audience("", *people(3)) == audience("{}", *people(3)) == [f"p{at}@example.com" for at in (1, 2, 3)]


def test_a_query_leaves_out_whom_it_does_not_select_in_every_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expand, "CHUNK", 2)
    query = '{"email":{"$in":["p1@example.com","p4@example.com","p5@example.com"]}}'
    assert audience(query, *people(7)) == ["p1@example.com", "p4@example.com", "p5@example.com"]


def test_a_query_that_selects_nobody_has_an_empty_audience() -> None:
    assert audience('{"name":"Nobody"}', *people(3)) == []
    assert audience('{"status":"unsubscribed"}', *people(3)) == []


def test_a_query_cannot_bring_in_who_has_not_confirmed() -> None:
    pending = subscriber(2, "p2@example.com", status=Status.PENDING)
    assert audience('{"status":"pending"}', subscriber(1, "p1@example.com"), pending) == []
    assert audience('{"$or":[{},{"status":"pending"}]}', subscriber(1, "p1@example.com"), pending) == ["p1@example.com"]


def test_somebody_in_two_newsletters_is_taken_by_the_one_that_is_selected() -> None:
    both = [subscriber(1, "p1@example.com", "daily"), subscriber(2, "p1@example.com", "weekly")]
    for newsletter in ("daily", "weekly"):
        assert audience(f'{{"newsletter":"{newsletter}"}}', *both) == ["p1@example.com"]
    assert audience('{"newsletter":{"$in":["daily","weekly"]}}', *both) == ["p1@example.com"]
    assert audience('{"newsletter":"monthly"}', *both) == []


def test_a_test_mail_goes_to_its_sender_whatever_the_query_says() -> None:
    assert audience('{"name":"Nobody"}', *people(3), only="boss@example.com") == ["boss@example.com"]
