"""One campaign under everything that can go wrong at once: what it owes its readers, by the SES stand-in's own ledger.

The readers have several newsletters; some move and some leave meanwhile. The provider refuses, loses answers and
changes its rate. Workers die while they walk the audience and while they send. The queues repeat, reorder and lose
messages.

CAMPAIGN_RECIPIENTS=100000 makes it larger; the workers run in this process, over the engine's tables.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pytest

from local.stack import Stack
from optout.address import Address
from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import DeliveryStatus, LedgerEntry
from optout.campaigns.links import unsubscribe_by_link
from optout.messages.link_token import Link, LinkScope
from optout.origin import Origin
from optout.scope import Scope, newsletter_topic
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from tests.reliability.history import History
from tests.reliability.hostile import EVERYTHING_WRONG, Faults
from tests.reliability.leaving import Leaving, Watched
from tests.reliability.mailer import Mailer
from tests.reliability.moving import Moving
from tests.reliability.provider import Rates, faulty, inject
from tests.reliability.provider_events import Events
from tests.reliability.readers import WORKSPACE, Reader, Readers
from tests.support.engine import throw_away
from tests.support.patience import PATIENCE

PEOPLE = int(os.environ.get("CAMPAIGN_RECIPIENTS", "1000"))
LONGEST = PATIENCE + PEOPLE / 20  # seconds
WORKERS, LEAVERS = 8, 20


@dataclass(frozen=True)
class Past:
    """A campaign that has ended."""

    mailer: Mailer
    readers: Readers
    moving: Moving
    leaving: Leaving
    rates: Rates
    campaign: Campaign

    @cached_property
    def history(self) -> History:
        """An opt-out is one from both addresses of a reader who moves."""
        told = self.leaving.acknowledged
        first = {
            email: min((told[other] for other in Reader.of(email).emails if other in told), key=lambda one: one.at)
            for said in told
            for email in Reader.of(said).emails
        }
        return History.of(self.mailer, first)

    @cached_property
    def lines(self) -> Sequence[LedgerEntry]:
        """The product's ledger."""
        return list(self.mailer.campaigns.ledger(self.mailer.number))

    @cached_property
    def mailed(self) -> Counter[str]:
        """The emails that the provider accepted, by address."""
        return Counter(row["recipient"] for row in self.history.accepted)

    def addresses(self, status: DeliveryStatus) -> list[str]:
        return sorted(line.recipient.email for line in self.lines if line.status is status)

    def __str__(self) -> str:
        walks, rates, moved = self.mailer.walks_cut_short, self.rates.changes, len(self.moving.moved)
        counters = ", ".join(f"{name} {count}" for name, count in sorted(self.campaign.counters.items()))
        return (
            f"{len(self.readers.everybody)} readers, {counters}; {sum(self.mailer.deaths.values())} deaths, "
            f"{walks} walks cut short, {rates} changes of the rate, {moved} readers moved; {self.history}"
        )


@pytest.fixture(scope="module")
def past(stack: Stack) -> Iterator[Past]:
    readers = Readers(PEOPLE)
    with throw_away(stack.client("dynamodb")) as tables, faulty(stack, EVERYTHING_WRONG.plan):
        mailer = Mailer(stack, tables, Events(stack), readers, EVERYTHING_WRONG)
        with Rates(stack, mailer.provider).changing() as rates:
            yield play(stack, mailer, readers, rates)


def play(stack: Stack, mailer: Mailer, readers: Readers, rates: Rates) -> Past:
    """The last fifth goes well, because whatever is in doubt takes ten seconds."""
    for reader in readers.everybody:
        for newsletter in reader.left:
            address, scope = Address.parse(reader.emails[0]), Scope.of([newsletter_topic(newsletter)])
            suppress(mailer.suppressions, WORKSPACE, address, scope, Reason.ONE_CLICK, Origin("one_click"))
    moving = Moving(readers, mailer.suppressions)
    leaving = Leaving(readers.emails, click(mailer, readers, moving), LEAVERS)
    mailer.campaigns = Watched(mailer.campaigns, leaving, moving.stored, rates.stored)  # type: ignore[assignment]
    mailer.provider, mailer.when_cut_short = rates, rates.cut_short
    mailer.start()
    with leaving.under_way(), mailer.at_work(WORKERS):
        for share in (0.2, 0.5, 0.8):
            mailer.wait(LONGEST, lambda campaign, share=share: campaign.accounted >= share * PEOPLE)  # type: ignore[misc]
            mailer.expand.purge()
            mailer.deliver.purge()
            rates.change()
        mailer.faults = Faults()
        inject(stack, {})
        campaign = mailer.wait_until_finished(LONGEST)
    return Past(mailer, readers, moving, leaving, rates, campaign)


def click(mailer: Mailer, readers: Readers, moving: Moving) -> Callable[[Address], None]:
    """Readers click on the link in an email of their first newsletter; some have moved a moment before."""

    def leave(address: Address) -> None:
        reader = Reader.of(address.original)
        moving.before_click(reader)
        link = Link(mailer.number, reader.number(reader.newsletters[0]), LinkScope.EVERYTHING)
        assert unsubscribe_by_link(link, mailer.campaigns, readers, mailer.suppressions, Origin("one_click"))

    return leave


def test_no_address_is_mailed_twice(past: Past) -> None:
    assert {email: times for email, times in past.mailed.items() if times > 1} == {}


def test_no_subscription_is_mailed_at_its_old_and_its_new_address(past: Past) -> None:
    lines = Counter(line.recipient.number for line in past.lines)
    assert {number: times for number, times in lines.items() if times > 1} == {}


def test_nobody_is_forgotten(past: Past) -> None:
    everybody = set(past.readers.everybody)
    assert everybody - {Reader.of(line.recipient.email) for line in past.lines} == set()
    left = {Reader.of(email) for email in past.leaving.acknowledged}
    stayed = {reader for reader in everybody if reader.wants_email} - left
    assert stayed - {Reader.of(email) for email in past.mailed} == set()


def test_nobody_is_mailed_who_left_all_their_newsletters_before(past: Past) -> None:
    gone = {reader for reader in past.readers.everybody if not reader.wants_email}
    assert gone
    assert gone & {Reader.of(email) for email in past.mailed} == set()


def test_nobody_is_mailed_at_any_address_after_an_acknowledged_opt_out(past: Past) -> None:
    assert past.history.violations() == []
    assert past.history.meanwhile()
    assert past.history.after()


def test_the_counters_are_exact(past: Past) -> None:
    counters, mailed = past.campaign.counters, past.mailed.total()
    assert past.addresses(DeliveryStatus.SENT) == sorted(past.mailed.elements())
    assert counters["sent"] == mailed
    assert counters["audience"] == past.campaign.accounted == len(past.lines)
    assert counters["skipped"] == len(past.lines) - mailed == len(past.addresses(DeliveryStatus.SKIPPED))
    assert counters[f"skipped_{Reason.ONE_CLICK}"] == counters["skipped"]


def test_everything_went_wrong(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    """Walks died and were resumed with other block sizes, and readers moved."""
    with capsys.disabled():
        print(f"\n  {past}")
    deaths = past.mailer.deaths
    assert deaths["before put_chunk"]
    assert deaths.total() > deaths["before put_chunk"]
    assert len({chunk.block_size for chunk in past.mailer.chunks()}) > 1
    assert past.moving.moved
