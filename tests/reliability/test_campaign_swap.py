"""The workers of a campaign may be replaced by another version and back without any effect on its result."""

import random
import time
import uuid
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.ses.accepted import accepted
from local.stack import Stack
from optout import clock
from optout.address import Address
from optout.campaigns.campaign import Campaign, State
from optout.campaigns.ledger import BLOCK
from optout.delivery.expand import Expansion
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.subscribers.subscriber import Page, Status, Subscriber
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from tests.reliability import another_version
from tests.reliability.hostile import Faults
from tests.reliability.mailer import Mailer
from tests.reliability.provider import change
from tests.reliability.provider_events import Events
from tests.reliability.readers import Crowd
from tests.reliability.swapping import Graveyard, Schedules, Workers, send_limiter
from tests.support.engine import Tables
from tests.support.patience import PATIENCE
from tools.keys import make
from tools.stores import Stores

PEOPLE = 600
LONGEST = PATIENCE + 360  # seconds; a file of send events whose reader failed comes again after 360
THROTTLED = 60.0  # emails per second, so that there is time to replace the workers
BODY = '<p>Hello [fname]</p><p><a href="[unsubscribe]">Leave</a></p>'
LEFT = range(7, PEOPLE, 50)
BOTH = {another_version.BLOCK, BLOCK}


@dataclass
class Site:
    """A workspace with its readers on the deployed stack."""

    stack: Stack
    stores: Stores
    workspace: str
    key: dict[str, str]

    def address(self, at: int) -> Address:
        return Address.parse(f"p{at}.{self.workspace}@example.org")

    def fill(self) -> None:
        for start in range(0, PEOPLE, 100):
            first, now = self.stores.subscribers.next_number(self.workspace, "weekly"), clock.now()
            people = [
                Subscriber(self.workspace, "weekly", first + i, self.address(start + i), "Ada", Status.ACTIVE, now)
                for i in range(100)
            ]
            self.stores.subscribers.add(*people)
        for at in LEFT:
            arguments = self.workspace, self.address(at), EVERYTHING, Reason.ONE_CLICK, Origin("command")
            suppress(self.stores.suppressions, *arguments)

    def mail(self) -> int:
        mailing = {"from": "news@example.com", "subject": "News", "body": BODY}
        url = f"{self.stack.url}/api/v1/mailer"
        answer = httpx.post(url, json=mailing, headers=self.key, trust_env=False, timeout=30)
        assert answer.status_code == 200, answer.text
        return int(answer.headers["X-Campaign-Id"])

    def campaign(self, number: int) -> Campaign:
        found = self.stores.campaigns.get(number)
        assert found
        return found

    def final_state(self, number: int) -> tuple[object, ...]:
        """The result of a campaign: its state and counters, the emails per recipient by the stand-in's ledger, and each
        recipient's status."""
        campaign, ledger = self.campaign(number), self.stores.campaigns.ledger(number)
        mailed = Counter(row["recipient"] for row in accepted(self.stack.ses_url, cid=str(number)))
        statuses = [(line.recipient, line.status, line.detail if line.status != "sent" else "") for line in ledger]
        counters = {name: count for name, count in campaign.counters.items() if count}
        return campaign.state, counters, mailed, statuses, self.stores.campaigns.open_chunks(number, 10)


@pytest.fixture
def site(stack: Stack) -> Site:
    workspace = f"swap-{uuid.uuid4().hex[:8]}"
    options = Namespace(
        workspace=workspace,
        newsletter="weekly",
        sender=["news@example.com"],
        title="The Weekly",
        dialect="rocketchat",
        user=None,
        override=False,
        remove_own_opt_out=False,
        transactional=False,
    )
    stores = Stores(stack)
    site = Site(stack, stores, workspace, make.make(stores, options))
    site.fill()
    return site


@pytest.fixture
def workers(stack: Stack, tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(stack, tmp_path)
    yield workers
    workers.replace(others=False)


def change_rate(stack: Stack, rate: float) -> float:
    """Change the provider's rate, make all workers see it at once, and return the old one."""
    was = float(change(stack)["rate"])
    change(stack, rate=rate)
    while send_limiter(stack, good_for=0).send_rate().account.rate != rate:
        time.sleep(0.2)
    return was


@pytest.fixture
def slowly(stack: Stack) -> Iterator[Callable[[], None]]:
    """Makes the provider slow."""
    was: list[float] = []
    yield lambda: was.append(change_rate(stack, THROTTLED))
    for rate in was:
        change_rate(stack, rate)


def test_a_campaign_ends_the_same_when_its_workers_are_swapped_and_swapped_back(
    site: Site, workers: Workers, slowly: Callable[[], None]
) -> None:
    def wait(number: int, until: Callable[[Campaign], bool], tick: Callable[[], None] = lambda: None) -> int:
        deadline = time.monotonic() + LONGEST
        while not until(campaign := site.campaign(number)):
            assert time.monotonic() < deadline, campaign
            tick()
            time.sleep(0.1)
        return campaign.accounted

    def finished(campaign: Campaign) -> bool:
        return campaign.state is State.FINISHED

    undisturbed = site.mail()
    wait(undisturbed, finished)
    slowly()
    workers.replace(others=True)
    swapped = site.mail()
    graveyard = Graveyard(site.stores.campaigns, swapped, workers)
    tick = Schedules(site.stack, graveyard).tick
    wait(swapped, lambda campaign: campaign.chunks >= 2, tick)
    workers.replace(others=False)
    done = wait(swapped, lambda campaign: campaign.accounted >= PEOPLE / 4, tick)
    workers.replace(others=True)
    wait(swapped, lambda campaign: campaign.accounted >= done + PEOPLE / 4, tick)
    workers.replace(others=False)
    wait(swapped, finished, tick)

    assert site.final_state(swapped) == site.final_state(undisturbed)
    assert set(Counter(row["recipient"] for row in accepted(site.stack.ses_url, cid=str(swapped))).values()) == {1}
    assert site.campaign(swapped).counters["sent"] == PEOPLE - len(LEFT)
    assert {item["block_size"] for item in graveyard.items("chunk#")} == BOTH
    assert {another_version.MARK in item for item in graveyard.items("block#")} == {True, False}


@dataclass(frozen=True)
class CutOtherwise(Crowd):
    """The crowd as the other version walks it: in shorter pages."""

    def page(self, workspace: str, newsletter: str, after: int, before: int, limit: int) -> Page:
        return super().page(workspace, newsletter, after, before, min(limit, another_version.CHUNK))


class TwoVersions(Mailer):
    """Workers of both versions at once; each expands one chunk, and leaves the rest to the next one."""

    def _expand(self, expansion: Expansion, message: Mapping[str, Any]) -> None:
        size = self._next_version()
        crowd: Any = Crowd(PEOPLE) if size == BLOCK else CutOtherwise(PEOPLE)
        seconds = iter([900.0])
        expansion = replace(expansion, subscribers=crowd, block_size=lambda: size)
        last = message["first_chunk"] - 1
        for last in expansion.expand(self.number, message["first_chunk"], lambda: next(seconds, 0.0)):
            self.deliver.send([{"campaign": self.number, "chunk": last}])
        if self.campaign.cursor is not None:
            self.expand.send([{"campaign": self.number, "first_chunk": last + 1}])

    def _next_version(self) -> int:
        """The block size of the version that has cut fewer chunks by now."""
        cut = Counter(chunk.block_size for chunk in self.chunks())
        return min(BOTH, key=lambda size: (cut[size], random.random()))


def test_two_versions_that_cut_otherwise_work_side_by_side(stack: Stack, engine: Tables) -> None:
    mailer = TwoVersions(stack, engine, Events(stack), Crowd(PEOPLE), Faults(deaths=0.02, duplicates=0.3))
    mailer.start()
    with mailer.at_work(8):
        campaign = mailer.wait_until_finished(LONGEST)
    mailed = mailer.mailed()
    assert mailed.keys() == mailer.crowd.emails
    assert set(mailed.values()) == {1}
    assert (campaign.counters["sent"], campaign.audience, campaign.accounted) == (PEOPLE, PEOPLE, PEOPLE)
    assert {chunk.block_size for chunk in mailer.chunks()} == BOTH
