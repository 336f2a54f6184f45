"""A campaign's workers in this process, over the engine's tables and the strict SES stand-in."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from botocore.config import Config

from feedback.event_files import mails
from feedback.notifications import read
from local.engine import clients
from local.ses.accepted import accepted
from local.stack import Stack
from optout import clock
from optout.address import Address
from optout.aws.delivery.sender import SESSender
from optout.aws.provider.account import SESAccount
from optout.campaigns.campaign import Campaign, State
from optout.campaigns.ledger import BLOCK, Block, Recipient
from optout.campaigns.links import Links
from optout.campaigns.ramp import Ramp
from optout.campaigns.screen import Message
from optout.campaigns.wake import Waker
from optout.delivery.deliver import Delivery
from optout.delivery.expand import Expansion
from optout.delivery.reconcile import Reconciliation, Timeouts
from optout.delivery.sweep import Sweep
from optout.errors import OptoutError
from optout.feedback.record import Recorder, record_sent
from optout.messages.body import Body
from optout.messages.template import Site, compose
from optout.number import new as new_number
from optout.runtime.html import parse_html
from optout.subscribers.subscriber import Page, Status, Subscriber
from tests.reliability.hostile import Faults, HostileQueue, Killed, Mortal
from tests.reliability.provider_events import Events
from tests.support.engine import Tables
from tests.support.fakes import InMemoryCredentials

CONTENT = compose("News, [fname]", Body(parse_html, '<p>Dear [name]</p><a href="[unsubscribe]">Leave</a>'))
# Milliseconds. A worker here never takes as long as ``event`` from its claim to its call, and events are not as late.
PATIENCE = Timeouts(worker=3_000, event=10_000, give_up=10**12, file=2_000)
STALLED = 1_500
RAMP_WAIT = 500


@dataclass(frozen=True)
class Crowd:
    """The part of the `Subscribers` port that a walk needs, with generated subscribers."""

    size: int

    def newsletters(self, workspace: str) -> Sequence[str]:
        return ["weekly"]

    def page(self, workspace: str, newsletter: str, after: int, before: int, limit: int) -> Page:
        numbers = range(after + 1, min(after + limit, self.size) + 1)
        people = [
            Subscriber(workspace, newsletter, n, self.address(n), "Ada Lovelace", Status.ACTIVE, 0) for n in numbers
        ]
        return Page(people, numbers[-1] if numbers and numbers[-1] < self.size else None)

    @staticmethod
    def address(at: int) -> Address:
        return Address.parse(f"p{at}@example.org")

    @property
    def emails(self) -> set[str]:
        return {f"p{at}@example.org" for at in range(1, self.size + 1)}


class Mailer:
    """One campaign to many recipients, and its workers."""

    def __init__(
        self, stack: Stack, tables: Tables, events: Events, people: int, faults: Faults, ramp: Ramp | None = None
    ) -> None:
        self.number, self.crowd, self.faults = new_number(), Crowd(people), faults
        self.campaigns, self.suppressions = tables.campaigns(), tables.suppressions()
        self.event_store = tables.event_store()
        self.deaths: Counter[str] = Counter()
        self._stack, self._tables, self._events = stack, tables, events
        self.expand, self.deliver = (HostileQueue(seed, faults.duplicates) for seed in (1, 2))
        self.problems: list[BaseException] = []
        self.ramp_wait = RAMP_WAIT
        self._stop = threading.Event()
        self.send_limiter = tables.send_limiter(SESAccount(stack.client("sesv2")), good_for=1_000)
        campaign = Campaign(self.number, "acme", "news@example.com", "newsletter:weekly", ramp=ramp)
        self.campaigns.create(campaign, CONTENT)

    @property
    def campaign(self) -> Campaign:
        found = self.campaigns.get(self.number)
        assert found
        return found

    def block_size(self) -> int:
        return max(1, min(BLOCK, int(self.send_limiter.send_rate().account.rate)))

    def start(self) -> None:
        self.expand.send([{"campaign": self.number, "first_chunk": 0}])

    @contextmanager
    def at_work(self, workers: int) -> Iterator[None]:
        """Workers, the sweeper with the reconciler, and the readers of events, each in a thread of its own."""
        jobs: list[Callable[[], None]] = [self._keep_watch, self._read_feedback, self._read_files]
        jobs += [lambda seed=seed: self._work(seed) for seed in range(workers)]  # type: ignore[misc]
        threads = [threading.Thread(target=self._guarded, args=(job,), daemon=True) for job in jobs]
        with ExitStack() as closing:
            closing.callback(self._join, threads)
            for thread in threads:
                thread.start()
            yield
        assert self.problems == []

    def _join(self, threads: Sequence[threading.Thread]) -> None:
        self._stop.set()
        for thread in threads:
            thread.join(30)

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            while not self._stop.is_set():
                job()
        except BaseException as problem:
            self.problems.append(problem)

    def sender(self) -> SESSender:
        """A client that makes one attempt and does not wait long for the answer."""
        config = Config(
            connect_timeout=2, read_timeout=1.5, retries={"total_max_attempts": 1}, proxies={}, max_pool_connections=4
        )
        one_shot = clients.session().client("sesv2", endpoint_url=self._stack.ses_url, config=config)
        return SESSender(one_shot, self._events.configuration_set, _LINKS, Site("News", "https://o.example"))

    def _work(self, seed: int) -> None:
        """Run a worker that dies and starts again; its message comes back, or is lost."""
        chance = random.Random(seed)
        mortal = [
            Mortal(port, self.faults.deaths, chance.randrange(10**9), self.deaths)
            for port in (self.campaigns, self.suppressions, self.send_limiter, self.sender())
        ]
        delivery = Delivery(*mortal)
        while not self._stop.is_set():
            queue, message = next(
                ((queue, found) for queue in (self.expand, self.deliver) if (found := queue.take())), (None, None)
            )
            if queue is None or message is None:
                time.sleep(0.02)
                continue
            try:
                self._handle(delivery, message)
            except (Killed, OptoutError):
                if chance.random() < 0.5:
                    queue.send([message])

    def _handle(self, delivery: Delivery, message: Mapping[str, Any]) -> None:
        """As the functions of the jobs do."""
        number = message["campaign"]
        if "chunk" in message:
            report = delivery.deliver(number, message["chunk"], lambda: 900.0)
            if report.retry_in is not None:
                self.deliver.send([message])
            return
        expansion = Expansion(delivery.campaigns, self.crowd, delivery.suppressions, self.block_size)  # type: ignore[arg-type]
        self.deliver.send(
            {"campaign": number, "chunk": chunk}
            for chunk in expansion.expand(number, message["first_chunk"], lambda: 900.0)
        )

    def _keep_watch(self) -> None:
        """Run the schedules. Other emails are sent while a block is in doubt, because later events are needed."""
        waker = Waker(self.campaigns, self.expand, self.deliver)
        reconciliation = Reconciliation(self.campaigns, self.event_store, self.deliver, PATIENCE, self._events.files)
        other = Campaign(1, "acme", "news@example.com", None)
        sender = self.sender()
        while not self._stop.wait(0.4):
            Sweep(self.campaigns, self.send_limiter, waker, STALLED, self.ramp_wait).sweep(clock.now())
            reconciliation.reconcile(clock.now())
            if self.campaigns.doubts(self.number):
                with suppress(OptoutError):
                    sender.send(other, CONTENT, Block(0, 0, 0, (0,)), [Message(0, Recipient(0, "o@example.org", ""))])

    def _read_feedback(self) -> None:
        """The function that reads bounces and complaints; each message comes back unless it is done with."""
        recorder = Recorder(self.suppressions, self.campaigns, InMemoryCredentials(), self._tables.event_store())
        while not self._stop.is_set():
            messages = self._events.receive()
            for message in messages:
                notice = read(message["Body"])
                if notice:
                    recorder.record(notice.read_tags(), list(notice.verdicts()))
            recorder.finish()
            self._events.delete(messages)

    def _read_files(self) -> None:
        """The function that reads files of events; each is there until it has been read."""
        event_store, files = self._tables.event_store(), self._events.files
        while not self._stop.wait(0.2):
            for key in self._events.unread():
                record_sent(event_store, mails(files.read(key), self._unreadable))
                files.forget(key)

    @staticmethod
    def _unreadable(count: int) -> None:
        raise AssertionError(f"{count} events cannot be read")

    def wait(self, seconds: float, until: Callable[[Campaign], bool]) -> Campaign:
        deadline = time.monotonic() + seconds
        while not until(campaign := self.campaign):
            assert self.problems == []
            assert time.monotonic() < deadline, campaign
            time.sleep(0.05)
        return campaign

    def wait_until_finished(self, seconds: float) -> Campaign:
        return self.wait(seconds, lambda campaign: campaign.state is State.FINISHED)

    def mailed(self) -> Counter[str]:
        """The number of this campaign's emails per recipient, by the stand-in's own ledger."""
        return Counter(row["recipient"] for row in self.accepted())

    def accepted(self) -> Iterator[Mapping[str, Any]]:
        return accepted(self._stack.ses_url, cid=str(self.number))


_LINKS = Links("https://o.example", lambda: {1: b"key"})
