"""A campaign whose answers are lost, that is paused or cancelled, judged by the SES stand-in's own ledger.

CAMPAIGN_RECIPIENTS=100000 makes it larger; the workers run in this process, over the engine's tables.
"""

import os
from collections import Counter
from collections.abc import Iterator

import pytest

from local.stack import Stack
from optout.campaigns.campaign import State
from optout.campaigns.deliveries import delivery_page
from optout.campaigns.ledger import DeliveryStatus
from optout.campaigns.transitions import cancel, pause, resume
from tests.reliability.hostile import LOST_ANSWERS, Faults
from tests.reliability.mailer import Mailer
from tests.reliability.provider import faulty
from tests.reliability.provider_events import Events
from tests.reliability.readers import Crowd
from tests.support.engine import Tables
from tests.support.patience import PATIENCE

PEOPLE = int(os.environ.get("CAMPAIGN_RECIPIENTS", "1000"))
LONGEST = PATIENCE + PEOPLE / 20  # seconds
WORKERS = 8


@pytest.fixture(scope="module")
def events(stack: Stack) -> Events:
    return Events(stack)


@pytest.fixture
def mailer(request: pytest.FixtureRequest, stack: Stack, engine: Tables, events: Events) -> Iterator[Mailer]:
    faults = getattr(request, "param", Faults())
    with faulty(stack, faults.plan):
        yield Mailer(stack, engine, events, Crowd(PEOPLE), faults)


def counted(mailer: Mailer) -> Counter[str]:
    """The statuses in the product's ledger, line by line. A chunk that was stored when the campaign stopped, and that
    its cursor has not passed, is not in the audience."""
    campaign = mailer.campaign
    page = delivery_page(mailer.campaigns, campaign, -1)
    statuses = Counter(str(entry.status) for entry in page.entries)
    while page.after is not None:
        page = delivery_page(mailer.campaigns, campaign, page.after)
        statuses.update(str(entry.status) for entry in page.entries)
    return statuses


def test_who_is_in_the_ledger_as_sent_has_the_provider_s_message_id(mailer: Mailer) -> None:
    mailer.start()
    with mailer.at_work(WORKERS):
        mailer.wait_until_finished(LONGEST)
    accepted = {row["recipient"]: row["message_id"] for row in mailer.accepted()}
    written = {entry.recipient.email: entry.detail for entry in mailer.campaigns.ledger(mailer.number)}
    assert written == accepted


@pytest.mark.parametrize("mailer", [Faults({"seed": 3, "calls": LOST_ANSWERS})], indirect=True)
def test_lost_answers_are_settled_by_events_and_never_sent_again(mailer: Mailer) -> None:
    mailer.start()
    with mailer.at_work(WORKERS):
        mailer.wait_until_finished(LONGEST)
    assert set(mailer.mailed().values()) == {1}
    assert counted(mailer) == {"sent": PEOPLE}


def test_paused_half_way_nothing_more_goes_out_and_resumed_everybody_is_mailed_once(mailer: Mailer) -> None:
    mailer.start()
    with mailer.at_work(WORKERS):
        mailer.wait(LONGEST, lambda campaign: campaign.accounted > PEOPLE / 4)
        pause(mailer.campaigns, mailer.number)
        paused = mailer.wait(30, lambda campaign: mailer.mailed().total() == campaign.accounted)
        assert paused.state is State.PAUSED
        assert 0 < paused.accounted < PEOPLE
        assert mailer.campaign.counters == paused.counters
        resume(mailer.campaigns, mailer.number)
        campaign = mailer.wait_until_finished(LONGEST)
    assert set(mailer.mailed().values()) == {1}
    assert (campaign.counters["sent"], campaign.audience) == (PEOPLE, PEOPLE)


def test_cancelled_half_way_the_counts_are_exact_and_nothing_goes_out_any_more(mailer: Mailer) -> None:
    mailer.start()
    with mailer.at_work(WORKERS):
        mailer.wait(LONGEST, lambda campaign: campaign.accounted > PEOPLE / 4)
        cancel(mailer.campaigns, mailer.number)
        mailer.wait(30, lambda _: mailer.campaigns.unended() == [])
    campaign, statuses = mailer.campaign, counted(mailer)
    assert campaign.state is State.CANCELLED
    assert mailer.mailed().total() == campaign.counters["sent"] == statuses[DeliveryStatus.SENT] < PEOPLE
    assert campaign.pending == statuses["None"] == campaign.audience - campaign.accounted > 0
    assert set(mailer.mailed().values()) == {1}
