"""The subscribers of a newsletter, one per address.

Only the suppression list knows whether an address is unsubscribed. The status of a subscriber tells whether the
subscription is confirmed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from optout.address import Address
from optout.errors import NotFound
from optout.number import LIMIT
from optout.origin import Origin
from optout.scope import Mail, Scope, newsletter_topic


class Status(StrEnum):
    """``active`` and ``pending`` are stored; ``unsubscribed`` comes from the suppression list."""

    ACTIVE = "active"
    PENDING = "pending"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscriber of one newsletter. ``created`` is in epoch milliseconds; ``name`` is as given, "" or None if
    missing; ``former`` are earlier addresses, the latest first."""

    workspace: str
    newsletter: str
    number: int
    address: Address
    name: str | None
    status: Status
    created: int
    former: tuple[Address, ...] = ()

    @property
    def scope(self) -> Scope:
        """The scope of an opt-out from the newsletter."""
        return Scope.of([newsletter_topic(self.newsletter)])

    @property
    def mail(self) -> Mail:
        """An email of the newsletter, for the suppression list."""
        return Mail(newsletter_topic(self.newsletter))


@dataclass(frozen=True, slots=True)
class Newsletter:
    """A newsletter. ``sender`` is the From address of its confirmation emails ("" if none is set), ``title`` the
    display name."""

    workspace: str
    slug: str
    sender: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The evidence of a double opt-in: address, time of the request (it identifies the link), time of the confirmation,
    and origin. Times are in epoch milliseconds. The store keeps a keyed hash of the IP address."""

    address: Address
    requested_at: int
    at: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Page:
    """Subscribers in the order of their numbers, and the number after which the next page starts; None at the end."""

    subscribers: Sequence[Subscriber]
    after: int | None


class Subscribers(Protocol):
    """The stored subscribers. Every method raises `Unavailable` if the store does not answer."""

    def next_number(self, workspace: str, newsletter: str) -> int:
        """A number for a new subscriber, greater than all numbers in the newsletter."""
        ...

    def add(self, *subscribers: Subscriber) -> None:
        """Store up to 100 new subscribers of one newsletter with consecutive numbers: all of them or, even after a
        crash, none. Raises `AlreadySubscribed`, or `Conflict` if a number is not greater than all others."""
        ...

    def change(self, before: Subscriber, after: Subscriber, confirmation: Confirmation | None = None) -> None:
        """Change the address, name or status if the subscriber still equals ``before``, together with the confirmation
        that caused the change. The old address becomes free. Raises `AlreadySubscribed` if another subscriber has the
        new address, otherwise `Conflict`."""
        ...

    def confirmations(
        self, workspace: str, newsletter: str, number: int, *, before: int = LIMIT, limit: int = 100
    ) -> Sequence[Confirmation]:
        """The latest confirmations of a subscriber before a time (epoch milliseconds), newest first."""
        ...

    def get(self, workspace: str, newsletter: str, number: int) -> Subscriber | None:
        """The subscriber with this number in one newsletter, strongly consistent."""
        ...

    def find(self, workspace: str, number: int) -> Subscriber | None:
        """The subscriber with this number in any newsletter of the workspace, strongly consistent."""
        ...

    def for_email(self, workspace: str, address: Address) -> Subscriber | None:
        """A subscriber of the workspace with this address, strongly consistent."""
        ...

    def numbers_of(self, workspace: str, newsletters: Iterable[str], address: Address) -> Mapping[str, int]:
        """The subscriber number of an address, by newsletter; newsletters without the address are left out."""
        ...

    def newsletter(self, workspace: str, newsletter: str) -> Newsletter | None:
        """A newsletter by its name, strongly consistent."""
        ...

    def newsletters(self, workspace: str) -> Sequence[str]:
        """The newsletters of a workspace, by name."""
        ...

    def page(self, workspace: str, newsletter: str, after: int, before: int, limit: int) -> Page:
        """Up to ``limit`` subscribers with after < number < before, strongly consistent."""
        ...

    def newest(self, workspace: str, newsletter: str, offset: int, limit: int) -> tuple[Sequence[Subscriber], int]:
        """A page of subscribers, newest first, and their total, strongly consistent. The first page has a constant
        cost."""
        ...

    def walk(self, workspace: str, newsletter: str) -> Iterable[Subscriber]:
        """All subscribers, newest first, read lazily."""
        ...


def require(subscribers: Subscribers, workspace: str, newsletter: str, wanted: int | None) -> Subscriber:
    """The subscriber with this number in this newsletter; raises `NotFound`."""
    subscriber = None if wanted is None else subscribers.get(workspace, newsletter, wanted)
    if subscriber is None:
        raise NotFound
    return subscriber
