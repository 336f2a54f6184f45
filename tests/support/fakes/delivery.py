"""A sender, a send limiter, a queue and an event store, in memory."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import Block, DeliveryStatus, Outcome
from optout.campaigns.screen import Message
from optout.delivery.event_store import Proof
from optout.errors import OptoutError, Unavailable
from optout.provider.send_rate import Account, Lease, SendRate
from optout.scope import MessageClass
from tests.support.fakes.ledger import InMemoryLedger

Answer = Callable[[Sequence[Message]], Mapping[int, Outcome]]
RICH = Account(rate=50.0, quota=50_000, sent=0)


class RecordingSender:
    """The `Sender` port. ``answers`` are used up one per call; afterwards every call succeeds.

    ``mailed`` lists the addresses of everything that SES may have accepted, lost answers included.
    """

    def __init__(self, *answers: Answer | BaseException) -> None:
        self.answers = deque(answers)
        self.calls: list[tuple[str, ...]] = []
        self.blocks: list[Block] = []
        self.mailed: list[str] = []

    def send(
        self, campaign: Campaign, content: Mapping[str, str], block: Block, messages: Sequence[Message]
    ) -> Mapping[int, Outcome]:
        self.calls.append(tuple(message.recipient.email for message in messages))
        self.blocks.append(block)
        answer = self.answers.popleft() if self.answers else all_sent
        if isinstance(answer, BaseException):
            raise answer
        outcomes = answer(messages)
        self.mailed += [
            message.recipient.email for message in messages if outcomes[message.position].status is DeliveryStatus.SENT
        ]
        return outcomes


def all_sent(messages: Sequence[Message]) -> Mapping[int, Outcome]:
    return {message.position: Outcome(DeliveryStatus.SENT, f"id-{message.position}") for message in messages}


def sent_after(effect: Callable[[], object]) -> Answer:
    """Something happens while the call is on its way, and it succeeds."""

    def answer(messages: Sequence[Message]) -> Mapping[int, Outcome]:
        effect()
        return all_sent(messages)

    return answer


class InMemorySendLimiter:
    """The `SendLimiter` port. ``leased`` lists the requested slots, ``before`` runs first, ``state`` is the send rate,
    ``refusal`` is raised by every call, ``wait`` is the seconds until a lease begins."""

    def __init__(
        self,
        before: Callable[[], object] = lambda: None,
        account: Account = RICH,
        refusal: OptoutError | None = None,
        wait: float = 0,
    ) -> None:
        self.wait = wait
        self.leased: list[int] = []
        self.slowed = 0
        self.paused_until = 0
        self.state = SendRate(account, read_at=0)
        self.refusal = refusal
        self.leasing: OptoutError | None = None  # raised by leases only
        self._before = before

    def lease(self, need: int, want: int, kind: MessageClass) -> Lease:
        self._before()
        if refusal := self.refusal or self.leasing:
            raise refusal
        self.leased.append(need)
        return Lease(self.wait, 0, need)

    def slow_down(self) -> None:
        self.slowed += 1

    def pause(self, until: int) -> None:
        self.paused_until = max(self.paused_until, until)

    def send_rate(self) -> SendRate:
        if self.refusal:
            raise self.refusal
        return self.state


class InMemoryQueue:
    """The `Queue` port: keeps the messages and their delays; a ``broken`` one raises `Unavailable`."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.delays: list[float] = []
        self.broken = False

    def send(self, messages: Iterable[Mapping[str, int | str]], delay: float = 0) -> None:
        if self.broken:
            raise Unavailable
        for message in messages:
            self.sent.append(dict(message))
            self.delays.append(delay)


class InMemoryEventStore:
    """The `EventStore` port, over a ledger in memory; ``written`` counts the blocks that were written."""

    def __init__(self, ledger: InMemoryLedger) -> None:
        self.written = 0
        self.alive = 0
        self._ledger = ledger

    def record(self, proofs: Sequence[Proof]) -> int:
        by_block: defaultdict[tuple[int, int, int, int], dict[int, Outcome]] = defaultdict(dict)
        for proof in proofs:
            proven = by_block[proof.campaign, proof.chunk, proof.index, proof.part]
            if proof.position not in proven or proof.outcome.overrules(proven[proof.position]):
                proven[proof.position] = proof.outcome
        written = sum(self._ledger.see(block[0], block[1:], proven) for block, proven in by_block.items())
        self.written += written
        return written

    def mark_alive(self, at: int) -> None:
        self.alive = max(self.alive, at)

    def alive_until(self) -> int:
        return self.alive
