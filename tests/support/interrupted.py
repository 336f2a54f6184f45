"""Subscribers, one of whom is changed by a concurrent request at the worst moment."""

from collections.abc import Callable

from optout.subscribers.subscriber import Confirmation, Subscriber
from tests.support.fakes import InMemorySubscribers


class Subscribers(InMemorySubscribers):
    """A store that runs a callback just before it writes a change."""

    def __init__(self, row: Subscriber) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], object]] = []
        self.add(row)

    def change(self, before: Subscriber, after: Subscriber, confirmation: Confirmation | None = None) -> None:
        if self.meanwhile:
            self.meanwhile.pop()()
        super().change(before, after, confirmation)
