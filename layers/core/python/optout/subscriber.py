"""Subscribers: the people of a newsletter, one per address.

Whether somebody is unsubscribed has one home, the suppression list: a subscriber's own status is only whether the
subscription has been confirmed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from optout import number
from optout.address import Address
from optout.errors import Conflict, NotFound, Unavailable

_ATTEMPTS = 5


class Status(StrEnum):
    """``active`` or ``pending`` is stored; ``unsubscribed`` is what the suppression list says."""

    ACTIVE = "active"
    PENDING = "pending"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One person in one newsletter; ``created`` in epoch milliseconds, ``name`` as given, "" or None for none."""

    workspace: str
    newsletter: str
    number: int
    address: Address
    name: str | None
    status: Status
    created: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some subscribers in the order of their numbers, and the number to go on after; None at the end."""

    subscribers: Sequence[Subscriber]
    after: int | None


class Subscribers(Protocol):
    """Subscribers as they are stored. Every method raises `Unavailable` when the store does not answer."""

    def add(self, subscriber: Subscriber) -> None:
        """Store a new one; raises `AlreadySubscribed`, or `Conflict` when the number is taken."""
        ...

    def get(self, workspace: str, newsletter: str, number: int) -> Subscriber | None:
        """The subscriber under this number in one newsletter, strongly consistent."""
        ...

    def find(self, workspace: str, number: int) -> Subscriber | None:
        """The subscriber under this number in any newsletter of the workspace, strongly consistent."""
        ...

    def for_email(self, workspace: str, address: Address) -> Subscriber | None:
        """A subscriber of the workspace with this address, strongly consistent."""
        ...

    def numbers_of(self, workspace: str, newsletters: Iterable[str], address: Address) -> Mapping[str, int]:
        """Newsletter to the address's number there, for those of the newsletters that have it."""
        ...

    def newsletters(self, workspace: str) -> Sequence[str]:
        """The newsletters of a workspace, by name."""
        ...

    def page(self, workspace: str, newsletter: str, after: int, before: int, limit: int) -> Page:
        """Up to ``limit`` subscribers with after < number < before, strongly consistent."""
        ...


def subscribe(
    subscribers: Subscribers,
    workspace: str,
    newsletter: str,
    address: Address,
    *,
    name: str | None,
    status: Status = Status.ACTIVE,
) -> Subscriber:
    """Add somebody to a newsletter; raises `AlreadySubscribed`, whatever the status of the one who is there."""
    for _ in range(_ATTEMPTS):
        at = number.now()
        subscriber = Subscriber(workspace, newsletter, number.new(at), address, name, status, at)
        try:
            subscribers.add(subscriber)
        except Conflict:  # somebody else took that number in the same millisecond
            continue
        return subscriber
    raise Unavailable


def require(subscribers: Subscribers, workspace: str, newsletter: str, wanted: int | None) -> Subscriber:
    """The subscriber under a number of this newsletter; raises `NotFound`."""
    subscriber = None if wanted is None else subscribers.get(workspace, newsletter, wanted)
    if subscriber is None:
        raise NotFound
    return subscriber
