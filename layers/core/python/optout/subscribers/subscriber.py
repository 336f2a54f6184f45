"""Subscribers: the people of a newsletter, one per address.

Whether somebody is unsubscribed has one home, the suppression list: a subscriber's own status is only whether the
subscription has been confirmed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from optout.address import Address
from optout.errors import NotFound
from optout.origin import Origin
from optout.scope import Mail, Scope, newsletter_topic


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

    @property
    def scope(self) -> Scope:
        """The newsletter, as an opt-out from it names it."""
        return Scope.of([newsletter_topic(self.newsletter)])

    @property
    def mail(self) -> Mail:
        """The newsletter, as an email from it is judged."""
        return Mail(newsletter_topic(self.newsletter))


@dataclass(frozen=True, slots=True)
class Newsletter:
    """A newsletter; ``sender`` is the address that its own mails come from ("" when nobody has named one), ``title``
    the name beside it."""

    workspace: str
    slug: str
    sender: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A confirmed double opt-in: the address, when the confirmation was requested (which identifies the link), when it
    was given, and its origin. Times in epoch milliseconds. The store keeps a keyed hash of the IP address."""

    address: Address
    requested_at: int
    at: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Page:
    """Some subscribers in the order of their numbers, and the number to go on after; None at the end."""

    subscribers: Sequence[Subscriber]
    after: int | None


class Subscribers(Protocol):
    """Subscribers as they are stored. Every method raises `Unavailable` when the store does not answer."""

    def next_number(self, workspace: str, newsletter: str) -> int:
        """A number for a new subscriber, greater than that of everyone in the newsletter."""
        ...

    def add(self, *subscribers: Subscriber) -> None:
        """Store up to 100 new ones of one newsletter, under numbers that follow each other: all of them or, whatever
        happens, none. Raises `AlreadySubscribed`, or `Conflict` when somebody there has a number as great."""
        ...

    def change(self, before: Subscriber, after: Subscriber, confirmation: Confirmation | None = None) -> None:
        """Write another address, name or status, if the subscriber is still as ``before``, and with it the
        confirmation that is the reason. Raises `AlreadySubscribed` when the address is somebody else's, else
        `Conflict`. An address that was given up is free again."""
        ...

    def confirmations(self, workspace: str, newsletter: str, number: int) -> Sequence[Confirmation]:
        """Every time that a subscriber said yes, oldest first."""
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
        """Subscribers from ``offset`` on, newest first, and how many there are altogether, strongly consistent; the
        first page costs the same however many they are."""
        ...

    def walk(self, workspace: str, newsletter: str) -> Iterable[Subscriber]:
        """Every subscriber, newest first, read as they are asked for."""
        ...


def require(subscribers: Subscribers, workspace: str, newsletter: str, wanted: int | None) -> Subscriber:
    """The subscriber under a number of this newsletter; raises `NotFound`."""
    subscriber = None if wanted is None else subscribers.get(workspace, newsletter, wanted)
    if subscriber is None:
        raise NotFound
    return subscriber
