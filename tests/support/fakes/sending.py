"""What a send meets: a sender that answers as it is told, slots that are free, a bell, and what events prove."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from optout.campaigns.campaign import Campaign
from optout.campaigns.ledger import Block, Fate, Outcome
from optout.campaigns.screen import Message
from optout.delivery.evidence import Sighting
from optout.errors import OptoutError, Unavailable
from optout.provider.pace import Account, Pace, Turn
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
        self.mailed += [message.recipient.email for message in messages if outcomes[message.position].fate is Fate.SENT]
        return outcomes


def all_sent(messages: Sequence[Message]) -> Mapping[int, Outcome]:
    return {message.position: Outcome(Fate.SENT, f"id-{message.position}") for message in messages}


def sent_after(effect: Callable[[], object]) -> Answer:
    """Something happens while the call is on its way, and it succeeds."""

    def answer(messages: Sequence[Message]) -> Mapping[int, Outcome]:
        effect()
        return all_sent(messages)

    return answer


class InMemorySlots:
    """The `Slots` port. ``taken`` lists what was asked for, ``before`` runs first, ``state`` is the pace, ``refusal``
    what everybody gets instead, ``wait`` the seconds until a turn begins."""

    def __init__(
        self,
        before: Callable[[], object] = lambda: None,
        account: Account = RICH,
        refusal: OptoutError | None = None,
        wait: float = 0,
    ) -> None:
        self.wait = wait
        self.taken: list[int] = []
        self.slowed = 0
        self.shut_until = 0
        self.state = Pace(account, read_at=0)
        self.refusal = refusal
        self.taking: OptoutError | None = None  # what takes get, and only they
        self._before = before

    def take(self, need: int, want: int, kind: MessageClass) -> Turn:
        self._before()
        if refusal := self.refusal or self.taking:
            raise refusal
        self.taken.append(need)
        return Turn(self.wait, 0, need)

    def slow_down(self) -> None:
        self.slowed += 1

    def shut(self, until: int) -> None:
        self.shut_until = max(self.shut_until, until)

    def pace(self) -> Pace:
        if self.refusal:
            raise self.refusal
        return self.state


class InMemoryDoorbell:
    """The `Doorbell` port: keeps what was rung for, with the delays; one that is ``broken`` does not ring."""

    def __init__(self) -> None:
        self.rung: list[dict[str, Any]] = []
        self.delays: list[float] = []
        self.broken = False

    def ring(self, messages: Iterable[Mapping[str, int | str]], delay: float = 0) -> None:
        if self.broken:
            raise Unavailable
        for message in messages:
            self.rung.append(dict(message))
            self.delays.append(delay)


class InMemoryEvidence:
    """The `Evidence` port, over a ledger in memory; ``written`` counts the blocks that were written to."""

    def __init__(self, ledger: InMemoryLedger) -> None:
        self.written = 0
        self.alive = 0
        self._ledger = ledger

    def note(self, sightings: Sequence[Sighting]) -> int:
        by_block: defaultdict[tuple[int, int, int, int], dict[int, str]] = defaultdict(dict)
        for sighting in sightings:
            by_block[sighting.block][sighting.position] = sighting.message_id
        written = sum(self._ledger.see(block[0], block[1:], seen) for block, seen in by_block.items())
        self.written += written
        return written

    def note_alive(self, at: int) -> None:
        self.alive = max(self.alive, at)

    def alive_until(self) -> int:
        return self.alive
