"""What people have been asked, in memory, and an inviter that answers as it is told."""

from collections import deque

from optout.address import Address
from optout.confirmations.request import Asked
from optout.errors import Conflict
from optout.subscribers.subscriber import Newsletter, Subscriber
from tests.support.fakes.switch import Store


class InMemoryAskings(Store):
    """The `Askings` port."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[tuple[str, str, str], Asked] = {}

    def get(self, workspace: str, newsletter: str, address: Address) -> Asked:
        with self._open():
            return self._asked.get((workspace, newsletter, address.key_form), Asked())

    def put(self, workspace: str, newsletter: str, address: Address, before: Asked, after: Asked) -> None:
        with self._open():
            if self.get(workspace, newsletter, address).asked != before.asked:
                raise Conflict
            self._asked[workspace, newsletter, address.key_form] = after


class RecordingInviter:
    """The `Inviter` port. ``answers`` are used up one per call; afterwards every call is taken. ``calls`` lists the
    address and the asking of each call."""

    def __init__(self, *answers: bool | BaseException) -> None:
        self.answers = deque(answers)
        self.calls: list[tuple[str, int]] = []

    def invite(self, newsletter: Newsletter, subscriber: Subscriber, asked: int) -> bool:
        self.calls.append((subscriber.address.original, asked))
        answer = self.answers.popleft() if self.answers else True
        if isinstance(answer, BaseException):
            raise answer
        return answer
