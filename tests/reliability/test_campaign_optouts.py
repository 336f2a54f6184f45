"""A recipient whose opt-out was acknowledged before the claim of the block gets no email, even with many opt-outs.

CAMPAIGN_RECIPIENTS=20000 makes the test larger. The SES stand-in's own ledger is the evidence.
"""

import os
from collections import Counter
from collections.abc import Iterator

import pytest

from local.stack import Stack
from optout.campaigns.ledger import DeliveryStatus
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from tests.reliability.history import History
from tests.reliability.hostile import Faults
from tests.reliability.leaving import Leaving, Watched
from tests.reliability.mailer import Mailer
from tests.reliability.provider import faulty
from tests.reliability.provider_events import Events
from tests.reliability.readers import Crowd
from tests.support.engine import Tables
from tests.support.patience import PATIENCE

PEOPLE = int(os.environ.get("CAMPAIGN_RECIPIENTS", "1000"))
LONGEST = PATIENCE + PEOPLE / 20  # seconds
WORKERS, LEAVERS = 8, 20
# Some are not taken at first: they are claimed once more, in a block of their own, and may have left in between.
REFUSALS = Faults(
    {
        "seed": 11,
        "calls": [{"fault": "throttle", "probability": 0.05}],
        "entries": [{"status": "TRANSIENT_FAILURE", "probability": 0.05}],
    }
)


@pytest.fixture(scope="module")
def events(stack: Stack) -> Events:
    return Events(stack)


@pytest.fixture(params=[Faults(), REFUSALS], ids=["all is well", "refusals"])
def mailer(request: pytest.FixtureRequest, stack: Stack, engine: Tables, events: Events) -> Iterator[Mailer]:
    with faulty(stack, request.param.plan):
        yield Mailer(stack, engine, events, Crowd(PEOPLE), request.param)


def test_nobody_is_mailed_who_was_told_before_the_claim(mailer: Mailer, capsys: pytest.CaptureFixture[str]) -> None:
    origin = Origin("one_click")
    leaving = Leaving(
        mailer.crowd.emails,
        lambda address: suppress(mailer.suppressions, "acme", address, EVERYTHING, Reason.ONE_CLICK, origin),
        LEAVERS,
    )
    mailer.campaigns = Watched(mailer.campaigns, leaving)  # type: ignore[assignment]
    mailer.start()
    with leaving.under_way(), mailer.at_work(WORKERS):
        campaign = mailer.wait_until_finished(LONGEST)
    history = History.of(mailer, leaving.acknowledged)
    with capsys.disabled():
        print(f"\n  {PEOPLE} recipients, {history}")
    assert history.violations() == []
    assert history.meanwhile()
    assert history.after()
    assert_everybody_is_accounted_for(mailer, history)
    assert campaign.accounted == campaign.audience == PEOPLE


def assert_everybody_is_accounted_for(mailer: Mailer, history: History) -> None:
    mailed = mailer.mailed()
    assert [email for email, times in mailed.items() if times > 1] == []
    lines = {entry.recipient.email: entry for entry in mailer.campaigns.ledger(mailer.number)}
    assert {email for email, line in lines.items() if line.status is DeliveryStatus.SENT} == mailed.keys()
    left_out = {email for email, line in lines.items() if line.status is DeliveryStatus.SKIPPED}
    assert {lines[email].detail for email in left_out} == {Reason.ONE_CLICK.value}
    assert history.before() <= left_out <= history.acknowledged.keys()
    counters = mailer.campaign.counters
    counted = {name: counters.get(name, 0) for name in ("sent", "skipped", "failed")}
    statuses = Counter(str(line.status) for line in lines.values())
    assert counted == {"sent": mailed.total(), "skipped": len(left_out), "failed": 0}
    assert statuses == {"sent": mailed.total(), "skipped": PEOPLE - mailed.total()}
