"""A campaign under everything that can go wrong at once, judged by the SES stand-in's own ledger.

CAMPAIGN_RECIPIENTS=100000 (or 1000000) makes it larger; the workers run in this process, over the engine's tables.
"""

import os
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from local.stack import Stack
from optout.campaigns.campaign import State
from optout.campaigns.deliveries import delivery_page
from optout.campaigns.ledger import DeliveryStatus
from optout.campaigns.transitions import cancel, pause, resume
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from tests.reliability.hostile import Faults
from tests.reliability.mailer import Mailer
from tests.reliability.provider_events import Events
from tests.support.engine import Tables
from tests.support.patience import PATIENCE

PEOPLE = int(os.environ.get("CAMPAIGN_RECIPIENTS", "1000"))
LONGEST = PATIENCE + PEOPLE / 20  # seconds
LEFT = range(13, min(PEOPLE, 4_000), 97)  # opted out before
WORKERS = 8

LOST_ANSWERS = [
    {"fault": "error_after", "probability": 0.03},
    {"fault": "close_after", "probability": 0.03, "status": 503},
    {"fault": "hang_after", "probability": 0.01, "seconds": 3},
]
NEVER_ACCEPTED = [
    {"fault": "throttle", "probability": 0.1},
    {"fault": "error_before", "probability": 0.02, "status": 503},
    {"fault": "close_before", "probability": 0.02},
]
ENTRIES = [{"status": "TRANSIENT_FAILURE", "probability": 0.01}, {"status": "ACCOUNT_THROTTLED", "probability": 0.01}]
EVENTS = [
    {"fault": "duplicate", "probability": 0.05},
    {"fault": "reorder", "probability": 0.1, "seconds": 1},
    {"fault": "drop", "probability": 0.02, "kinds": ["Send"]},  # the email's Delivery event proves it too
]
EVERYTHING_WRONG = Faults(
    {"seed": 7, "calls": NEVER_ACCEPTED + LOST_ANSWERS, "entries": ENTRIES, "events": EVENTS}, 0.02, 0.3
)


@pytest.fixture(scope="module")
def events(stack: Stack) -> Events:
    return Events(stack)


@pytest.fixture
def mailer(request: pytest.FixtureRequest, stack: Stack, engine: Tables, events: Events) -> Iterator[Mailer]:
    faults = getattr(request, "param", Faults())
    httpx.put(f"{stack.ses_url}/_local/faults", json=faults.plan, trust_env=False).raise_for_status()
    try:
        yield Mailer(stack, engine, events, PEOPLE, faults)
    finally:
        httpx.delete(f"{stack.ses_url}/_local/faults", trust_env=False)


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


@pytest.mark.parametrize("mailer", [EVERYTHING_WRONG], indirect=True)
def test_nobody_is_mailed_twice_and_nobody_is_forgotten(mailer: Mailer) -> None:
    for at in LEFT:
        address = mailer.crowd.address(at)
        suppress(mailer.suppressions, "acme", address, EVERYTHING, Reason.ONE_CLICK, Origin("command"))
    mailer.start()
    with mailer.at_work(WORKERS):
        for share in (0.2, 0.5, 0.8):
            mailer.wait(LONGEST, lambda campaign, share=share: campaign.accounted >= share * PEOPLE)  # type: ignore[misc]
            mailer.expand.purge()
            mailer.deliver.purge()
        campaign = mailer.wait_until_finished(LONGEST)
    mailed = mailer.mailed()
    assert [email for email, times in mailed.items() if times > 1] == []
    assert mailer.crowd.emails - mailed.keys() == {f"p{at}@example.org" for at in LEFT}
    assert mailed.keys() <= mailer.crowd.emails
    assert campaign.audience == PEOPLE == campaign.accounted
    assert counted(mailer) == {"sent": PEOPLE - len(LEFT), "skipped": len(LEFT)}
    assert campaign.counters["sent"] == mailed.total()
    assert sum(mailer.deaths.values()) > 0
    assert mailer.deliver.purged > 0 or PEOPLE < 10_000  # so few may all be in hand


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
