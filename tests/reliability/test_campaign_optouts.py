"""A recipient whose opt-out was acknowledged before the claim of the block gets no email, even with many opt-outs.

CAMPAIGN_RECIPIENTS=20000 makes the test larger. The SES stand-in's own ledger is the evidence.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import httpx
import pytest

from local.stack import Stack
from optout.campaigns.ledger import DeliveryStatus
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from tests.reliability.hostile import Faults
from tests.reliability.leaving import Acknowledged, Leaving, Watched
from tests.reliability.mailer import Mailer
from tests.reliability.provider_events import Events
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
    httpx.put(f"{stack.ses_url}/_local/faults", json=request.param.plan, trust_env=False).raise_for_status()
    try:
        yield Mailer(stack, engine, events, PEOPLE, request.param)
    finally:
        httpx.delete(f"{stack.ses_url}/_local/faults", trust_env=False)


@dataclass(frozen=True)
class History:
    """The acknowledged opt-outs, the claims (epoch milliseconds, by block and by recipient) and the accepted emails."""

    acknowledged: Mapping[str, Acknowledged]
    claims: Mapping[str, int]
    first_claim: Mapping[str, int]
    accepted: list[Mapping[str, Any]]

    @classmethod
    def of(cls, mailer: Mailer, leaving: Leaving) -> "History":
        claims, first_claim = dict[str, int](), dict[str, int]()
        for index in range(mailer.campaign.chunks):
            chunk = mailer.campaigns.chunk(mailer.number, index)
            assert chunk
            for row in mailer.campaigns.rows(mailer.number, index):
                claims[row.block.id] = row.claimed
                for at in row.block.positions:
                    first_claim.setdefault(chunk.recipients[at].email, row.claimed)
        return cls(leaving.acknowledged, claims, first_claim, list(mailer.accepted()))

    def before(self) -> set[str]:
        """Recipients whose opt-out was acknowledged before their first claim. Both times are rounded down, so equal
        times prove nothing."""
        return {email for email, told in self.acknowledged.items() if told.at < self.first_claim[email]}

    def meanwhile(self) -> set[str]:
        """Those of them who opted out while other emails were sent."""
        began = min(self.claims.values())
        return {email for email in self.before() if self.acknowledged[email].at > began}

    def violations(self) -> list[Mapping[str, Any]]:
        """Emails of a block that was claimed after the recipient's opt-out had been acknowledged."""
        return [
            row
            for row in self.accepted
            if row["recipient"] in self.acknowledged
            and self.acknowledged[row["recipient"]].at < self.claims[row["tags"]["blk"]]
        ]

    def after(self) -> list[float]:
        """The milliseconds from the acknowledgement to the acceptance of the email, for recipients with both; mostly
        below 0."""
        return [
            1000 * (row["monotonic"] - self.acknowledged[row["recipient"]].monotonic)
            for row in self.accepted
            if row["recipient"] in self.acknowledged
        ]


def described(history: History) -> str:
    overlaps = [one for one in history.after() if one > 0]
    window = "nobody was mailed after being told"
    if len(overlaps) > 1:
        p99 = quantiles(overlaps, n=100, method="inclusive")[98]
        window = f"{len(overlaps)} mailed after being told, p99 {p99:.0f} ms, maximum {max(overlaps):.0f} ms"
    elif overlaps:
        window = f"1 mailed after being told, {overlaps[0]:.0f} ms"
    return (
        f"{PEOPLE} recipients, {len(history.acknowledged)} opt-outs: {len(history.before())} before their claim "
        f"({len(history.meanwhile())} of them while others were mailed), {len(history.after())} mailed; {window}"
    )


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
    history = History.of(mailer, leaving)
    with capsys.disabled():
        print(f"\n  {described(history)}")
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
