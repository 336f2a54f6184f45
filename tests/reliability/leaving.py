"""Many recipients who unsubscribe during a campaign: their threads, and the time of each acknowledgement.

Claims and opt-outs wait for each other. Each block that is about to be claimed starts a few opt-outs: some of any
recipients that are left, some of this block, and one more of it after the claim. Every other claim waits for the
opt-outs of its block, the rest only until no more are running than there are threads. So neither side can get far
ahead, however slow the machine is, and both orders occur.
"""

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from optout import clock
from optout.address import Address
from optout.campaigns.ledger import Block, Chunk, Claim, Outcomes
from optout.errors import OptoutError

ANYWHERE, HERE, LATE = 2, 2, 1  # for each block
TRIES = 20
PATIENCE = 10  # seconds that a claim waits


@dataclass(frozen=True)
class Acknowledged:
    """The time of an acknowledged opt-out: epoch milliseconds, and the monotonic clock of this machine."""

    at: int
    monotonic: float


class Leaving:
    """``leave`` opts an address out, and returns when that is done."""

    def __init__(self, emails: Iterable[str], leave: Callable[[Address], object], threads: int) -> None:
        self.acknowledged: dict[str, Acknowledged] = {}
        self._leave, self._threads = leave, threads
        self._random = random.Random(20)
        self._anybody = sorted(emails)
        self._random.shuffle(self._anybody)
        self._untouched = set(self._anybody)
        self._chunks: dict[int, Chunk] = {}
        self._claimed: set[tuple[int, int]] = set()
        self._chosen: set[str] = set()
        self._wishes: SimpleQueue[str | None] = SimpleQueue()
        self._on_the_way = 0
        self._changed = threading.Condition()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """The threads at work; a few people leave before anything is claimed."""
        with ThreadPoolExecutor(self._threads) as pool:
            self._let_go(self._pick_anybody(self._threads))
            working = [pool.submit(self._work) for _ in range(self._threads)]
            try:
                yield
            finally:
                for _ in working:
                    self._wishes.put(None)
        for one in working:
            one.result()

    def _work(self) -> None:
        while (email := self._wishes.get()) is not None:
            try:
                self._press(Address.parse(email))
                told = Acknowledged(clock.now(), time.monotonic())
                with self._changed:
                    self.acknowledged[email] = told
            finally:
                with self._changed:
                    self._on_the_way -= 1
                    self._changed.notify_all()

    def _press(self, address: Address) -> None:
        """Unsubscribe, and retry while the service is unavailable."""
        for attempt in range(TRIES):
            try:
                self._leave(address)
            except OptoutError:
                if attempt + 1 == TRIES:
                    raise
            else:
                return

    def stored(self, chunk: Chunk) -> None:
        """A chunk was stored: remember the block of each recipient."""
        with self._changed:
            self._chunks[chunk.index] = chunk

    def before_claim(self, block: Block) -> None:
        """The next ones go, and are waited for."""
        with self._changed:
            here = self._come_up(block)
            told = here if block.index % 2 else set()
            self._changed.wait_for(
                lambda: self._on_the_way <= self._threads and told <= self.acknowledged.keys(), timeout=PATIENCE
            )

    def _come_up(self, block: Block) -> set[str]:
        """Start some opt-outs before the first claim of a block; returns those of its recipients."""
        here = self._emails(block)
        if block.part or not self._untouched.issuperset(here):
            return set()
        self._untouched.difference_update(here)
        leaving = self._pick(here, HERE)
        self._let_go([*self._pick_anybody(ANYWHERE), *leaving])
        return set(leaving)

    def after_claim(self, block: Block) -> None:
        """One more goes, too late."""
        with self._changed:
            if (block.chunk, block.index) not in self._claimed:
                self._claimed.add((block.chunk, block.index))
                self._let_go(self._pick(self._emails(block), LATE))

    def _let_go(self, emails: Sequence[str]) -> None:
        self._chosen.update(emails)
        self._on_the_way += len(emails)
        for email in emails:
            self._wishes.put(email)

    def _emails(self, block: Block) -> list[str]:
        recipients = self._chunks[block.chunk].recipients
        return [recipients[at].email for at in block.positions]

    def _pick(self, emails: Iterable[str], count: int) -> list[str]:
        left = [email for email in emails if email not in self._chosen]
        return self._random.sample(left, min(count, len(left)))

    def _pick_anybody(self, count: int) -> list[str]:
        """Of those whose block has not come up."""
        found: list[str] = []
        while self._anybody and len(found) < count:
            email = self._anybody.pop()
            if email in self._untouched and email not in self._chosen:
                found.append(email)
        return found


class Watched:
    """The `Campaigns` port, whose claims start opt-outs. Others may wait for chunks: they are told of each one that is
    stored before any worker."""

    def __init__(self, port: Any, leaving: Leaving, *others: Callable[[Chunk], object]) -> None:
        self._port, self._leaving, self._told = port, leaving, (leaving.stored, *others)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def put_chunk(self, number: int, chunk: Chunk) -> Chunk:
        stored: Chunk = self._port.put_chunk(number, chunk)
        for tell in self._told:
            tell(stored)
        return stored

    def claim(self, number: int, block: Block) -> Claim:
        self._leaving.before_claim(block)
        return self._seen(self._port.claim(number, block), block)

    def settle_and_claim(self, number: int, block: Block, outcomes: Outcomes, following: Block) -> Claim:
        self._leaving.before_claim(following)
        return self._seen(self._port.settle_and_claim(number, block, outcomes, following), following)

    def _seen(self, claim: Claim, block: Block) -> Claim:
        if claim.won:
            self._leaving.after_claim(block)
        return claim
