"""Campaigns to a thousand subscribers, sent by the product's own jobs in this process."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx

from benchmarks.meter import Tally
from benchmarks.newsletter import BODY, SENDER, SUBJECT, reader
from benchmarks.running import Running, Silent
from local.stack import Stack
from optout.access.credential import Credential, hash_key, new_key
from optout.address import Address
from optout.campaigns import create
from optout.campaigns import draft as mailing
from optout.campaigns.campaign import State
from optout.subscribers.subscribe import NewSubscriber, subscribe_all
from optout.wiring.campaigns import campaigns, readers
from optout.wiring.delivery import delivery as wired_delivery
from optout.wiring.delivery import expansion as wired_expansion
from optout.wiring.subscribers import subscribers
from tools.stores import Stores

PEOPLE = 1_000
WORKSPACE = "bench"  # with this one newsletter only
SECONDS_LEFT = 300.0
_NEWSLETTER = "bench-mail"
_ADDED_AT_ONCE = 100
_ROUNDS = 10
_NO_EVENTS = {"fault": "drop", "probability": 1}


@dataclass(slots=True)
class Cost:
    """The requests of a job, and its CPU seconds per chunk, including the AWS SDK."""

    asked: Tally = field(default_factory=Tally)
    laps: list[float] = field(default_factory=list)
    _since: float = field(default_factory=time.thread_time)

    def lap(self) -> None:
        now = time.thread_time()
        self.laps.append(now - self._since)
        self._since = now


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished campaign: the cost of walking its audience, and of sending to it."""

    number: int
    chunks: int
    expansion: Cost
    delivery: Cost


@dataclass(frozen=True, slots=True)
class CPU:
    """The CPU seconds of one campaign."""

    expansion: float
    delivery: float


class Campaigns:
    """Creates campaigns, all with the same newsletter to the same subscribers."""

    def __init__(self, running: Running, say: Callable[[str], None]) -> None:
        self.running, self.say = running, say

    @cached_property
    def counted(self) -> Ran:
        """A campaign whose requests were counted."""
        self.say(f"· a campaign to {PEOPLE:,} readers")
        return self._run()

    @cached_property
    def cpu(self) -> CPU:
        """The minimum of several campaigns for each chunk, because other load on the machine only adds to it. Requests
        are not counted meanwhile, because counting takes time."""
        self.say(f"· {_ROUNDS} more, for the processor")
        rounds = [self._run(counted=False) for _ in range(_ROUNDS)]
        return CPU(_least(ran.expansion for ran in rounds), _least(ran.delivery for ran in rounds))

    def begin(self) -> tuple[int, Iterator[int]]:
        """A new campaign, and its chunks, which are stored lazily."""
        draft = mailing.Draft(SENDER, SUBJECT, BODY)
        number = create.accept(campaigns(), Silent(), readers(), self._key, draft)
        return number, wired_expansion().expand(number, 0, lambda: SECONDS_LEFT)

    @cached_property
    def _key(self) -> Credential:
        """The credential of the sender, in a workspace with subscribers."""
        self.say(f"· adding {PEOPLE:,} readers")
        stores, may = Stores(self.running.stack), frozenset({"send-mail"})
        key = Credential(hash_key(new_key()), WORKSPACE, "native", permissions=may, senders=("@example.com",))
        stores.credentials.add(key)
        stores.subscribers.open_newsletter(WORKSPACE, _NEWSLETTER)
        people = [NewSubscriber(Address.parse(email), name) for name, email in map(reader, range(PEOPLE))]
        for start in range(0, PEOPLE, _ADDED_AT_ONCE):
            subscribe_all(subscribers(), WORKSPACE, _NEWSLETTER, people[start : start + _ADDED_AT_ONCE])
        return key

    def _run(self, *, counted: bool = True) -> Ran:
        number, walk = self.begin()
        with faults(self.running.stack):
            with self._costing(counted=counted) as expansion:
                chunks = []
                for chunk in walk:
                    chunks.append(chunk)
                    expansion.lap()
            with self._costing(counted=counted) as delivery:
                for chunk in chunks:
                    wired_delivery().deliver(number, chunk, lambda: SECONDS_LEFT)
                    delivery.lap()
        campaign = campaigns().get(number)
        if campaign is None or campaign.state is not State.FINISHED or campaign.counters["sent"] != PEOPLE:
            raise RuntimeError(f"not all messages were sent: {campaign}")
        return Ran(number, len(chunks), expansion, delivery)

    @contextmanager
    def _costing(self, *, counted: bool) -> Iterator[Cost]:
        with self.running.meter.counting() if counted else nullcontext(Tally()) as asked:
            yield Cost(asked)


def _least(costs: Iterable[Cost]) -> float:
    chunks: Iterable[tuple[float, ...]] = zip(*(cost.laps for cost in costs), strict=True)
    return sum(map(min, chunks))


@contextmanager
def faults(stack: Stack, *calls: Mapping[str, Any]) -> Iterator[None]:
    """Faults of the SES stand-in meanwhile. It sends no events either, because the stack's own functions would process
    them on the same CPUs."""
    url = f"{stack.ses_url}/_local/faults"
    before = httpx.get(url, trust_env=False).raise_for_status().json()["plan"]
    plan = {"calls": calls, "events": [_NO_EVENTS]}
    httpx.put(url, json=plan, trust_env=False).raise_for_status()
    try:
        yield
    finally:
        httpx.put(url, json=before, trust_env=False).raise_for_status()
