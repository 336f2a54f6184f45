"""A campaign's workers in this process, over the engine's tables and the strict SES stand-in."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any

from botocore.config import Config

from feedback.event_files import mails
from feedback.notifications import read
from local.engine import clients
from local.ses.accepted import accepted
from local.stack import Stack
from optout import clock
from optout.aws.delivery.sender import SESSender
from optout.aws.provider.account import SESAccount
from optout.campaigns.campaign import Campaign, State
from optout.campaigns.ledger import BLOCK, Block, Chunk, Recipient
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
from optout.provider.send_rate import Provider
from optout.runtime.html import parse_html
from optout.runtime.pattern import compile_pattern
from tests.reliability.hostile import Faults, HostileQueue, Killed, Mortal
from tests.reliability.provider_events import Events
from tests.reliability.readers import WORKSPACE, Crowd, Readers
from tests.support.engine import Tables
from tests.support.fakes import InMemoryCredentials

CONTENT = compose("News, [fname]", Body(parse_html, '<p>Dear [name]</p><a href="[unsubscribe]">Leave</a>'))
# Milliseconds. A worker here never takes as long as ``event`` from its claim to its call, and events are not as late.
PATIENCE = Timeouts(worker=3_000, event=10_000, give_up=10**12, file=2_000)
STALLED = 1_500
RAMP_WAIT = 500
WALKERS = 2


class Mailer:
    """One campaign to many recipients, and its workers."""

    def __init__(
        self,
        stack: Stack,
        tables: Tables,
        events: Events,
        crowd: Crowd | Readers,
        faults: Faults,
        ramp: Ramp | None = None,
    ) -> None:
        self.number, self.crowd, self.faults = new_number(), crowd, faults
        self.campaigns, self.suppressions = tables.campaigns(), tables.suppressions()
        self.event_store = tables.event_store()
        self.deaths: Counter[str] = Counter()
        self.walks_cut_short = 0
        self._stack, self._tables, self._events = stack, tables, events
        self.expand, self.deliver = (HostileQueue(seed, faults.duplicates) for seed in (1, 2))
        self.problems: list[BaseException] = []
        self.ramp_wait = RAMP_WAIT
        self.when_cut_short: Callable[[bool], object] = lambda resumes: None
        self._stop = threading.Event()
        self.provider: Provider = SESAccount(stack.client("sesv2"))
        self.send_limiter = tables.send_limiter(self.provider, good_for=1_000)
        campaign = Campaign(self.number, WORKSPACE, "news@example.com", None, ramp=ramp)
        self.campaigns.create(campaign, CONTENT)

    @property
    def campaign(self) -> Campaign:
        found = self.campaigns.get(self.number)
        assert found
        return found

    def chunks(self) -> Iterator[Chunk]:
        for index in range(self.campaign.chunks):
            if chunk := self.campaigns.chunk(self.number, index):
                yield chunk

    def block_size(self) -> int:
        """By the rate of this moment."""
        return max(1, min(BLOCK, int(self.provider.account().rate)))

    def start(self) -> None:
        self.expand.send([{"campaign": self.number, "first_chunk": 0}])

    @contextmanager
    def at_work(self, workers: int) -> Iterator[None]:
        """Workers that send, others that walk the audience, the sweeper with the reconciler, and the readers of events,
        each in a thread of its own."""
        jobs: list[Callable[[], None]] = [self._keep_watch, self._read_feedback, self._read_files]
        jobs += [partial(self._walk, seed) for seed in range(WALKERS)]
        jobs += [partial(self._send, seed) for seed in range(WALKERS, WALKERS + workers)]
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

    def _walk(self, seed: int) -> None:
        mortal = self._mortal(seed)
        ports = mortal(self.campaigns, "put_chunk"), mortal(self.crowd), mortal(self.suppressions)
        expansion = Expansion(*ports, self.block_size, compile_pattern)
        self._serve(seed, self.expand, lambda message: self._expand(expansion, message))

    def _send(self, seed: int) -> None:
        mortal = self._mortal(seed)
        ports = (self.campaigns, self.suppressions, self.send_limiter, self.sender())
        delivery = Delivery(*map(mortal, ports))
        self._serve(seed, self.deliver, lambda message: self._deliver(delivery, message))

    def _mortal(self, seed: int) -> Callable[..., Any]:
        chance = random.Random(seed)
        return lambda port, *doomed: Mortal(port, lambda: self.faults.deaths, chance.random(), self.deaths, *doomed)

    def _serve(self, seed: int, queue: HostileQueue, handle: Callable[[Mapping[str, Any]], None]) -> None:
        """Run a worker that dies and starts again; its message comes back, or is lost now and then."""
        chance = random.Random(seed)
        while not self._stop.is_set():
            message = queue.take()
            if message is None:
                time.sleep(0.02)
                continue
            try:
                handle(message)
            except (Killed, OptoutError):
                if comes_back := chance.random() < 0.9:
                    queue.send([message])
                if queue is self.expand:
                    self.walks_cut_short += 1
                    self.when_cut_short(comes_back)

    def _expand(self, expansion: Expansion, message: Mapping[str, Any]) -> None:
        """As the function does."""
        chunks = expansion.expand(message["campaign"], message["first_chunk"], lambda: 900.0)
        self.deliver.send({"campaign": message["campaign"], "chunk": chunk} for chunk in chunks)

    def _deliver(self, delivery: Delivery, message: Mapping[str, Any]) -> None:
        """As the function does, but without a delay."""
        report = delivery.deliver(message["campaign"], message["chunk"], lambda: 900.0)
        if report.retry_in is not None:
            self.deliver.send([message])

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
