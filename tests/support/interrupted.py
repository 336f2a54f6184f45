"""Subscribers of whom one is changed by somebody else, at the worst of moments."""

from collections.abc import Callable

from optout.subscribers.subscriber import Confirmation, Subscriber
from tests.support.fakes import InMemorySubscribers


class Subscribers(InMemorySubscribers):
    """A store where something happens just before a change is written."""

    def __init__(self, row: Subscriber) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], object]] = []
        self.add(row)

    def change(self, before: Subscriber, after: Subscriber, confirmation: Confirmation | None = None) -> None:
        if self.meanwhile:
            self.meanwhile.pop()()
        super().change(before, after, confirmation)
