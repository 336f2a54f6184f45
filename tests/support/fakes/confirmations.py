"""Confirmation requests in memory, and a confirmation sender with prepared answers."""

from collections import deque

from optout.address import Address
from optout.confirmations.request import RequestLog
from optout.errors import Conflict
from optout.subscribers.subscriber import Newsletter, Subscriber
from tests.support.fakes.switch import Store


class InMemoryConfirmationRequests(Store):
    """The `ConfirmationRequests` port."""

    def __init__(self) -> None:
        super().__init__()
        self._logs: dict[tuple[str, str, str], RequestLog] = {}

    def get(self, workspace: str, newsletter: str, address: Address) -> RequestLog:
        with self._open():
            return self._logs.get((workspace, newsletter, address.key_form), RequestLog())

    def put(self, workspace: str, newsletter: str, address: Address, before: RequestLog, after: RequestLog) -> None:
        with self._open():
            if self.get(workspace, newsletter, address).requested_at != before.requested_at:
                raise Conflict
            self._logs[workspace, newsletter, address.key_form] = after


class RecordingConfirmationSender:
    """The `ConfirmationSender` port. ``answers`` are used up one per call; afterwards every call is accepted. ``calls``
    lists the address and the request time of each call."""

    def __init__(self, *answers: bool | BaseException) -> None:
        self.answers = deque(answers)
        self.calls: list[tuple[str, int]] = []

    def send(self, newsletter: Newsletter, subscriber: Subscriber, requested_at: int) -> bool:
        self.calls.append((subscriber.address.original, requested_at))
        answer = self.answers.popleft() if self.answers else True
        if isinstance(answer, BaseException):
            raise answer
        return answer
