"""A sender that keeps what it was given and answers as it is told, and slots that are always free."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from optout.campaign import Block, Campaign, Fate, Outcome
from optout.delivery import Message
from optout.errors import OptoutError

Answer = Callable[[Sequence[Message]], Mapping[int, Outcome]]


class RecordingSender:
    """The `Sender` port. ``answers`` are used up one per call; afterwards every call succeeds.

    ``mailed`` lists the addresses of everything that SES may have accepted, lost answers included.
    """

    def __init__(self, *answers: Answer | OptoutError) -> None:
        self.answers = deque(answers)
        self.calls: list[tuple[str, ...]] = []
        self.blocks: list[Block] = []
        self.mailed: list[str] = []

    def rate(self) -> float:
        return 50.0

    def send(
        self, campaign: Campaign, content: Mapping[str, str], block: Block, messages: Sequence[Message]
    ) -> Mapping[int, Outcome]:
        self.calls.append(tuple(message.recipient.email for message in messages))
        self.blocks.append(block)
        answer = self.answers.popleft() if self.answers else all_sent
        if isinstance(answer, OptoutError):
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
    """The `Slots` port: never any waiting. ``taken`` lists what was asked for, ``before`` runs first."""

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        self.taken: list[int] = []
        self._before = before

    def take(self, count: int, rate: float) -> None:
        self._before()
        self.taken.append(count)
