"""Asking people to confirm a subscription: who is rung for, and who is mailed.

Whoever is stored as ``pending`` is rung for before the caller hears that it is done; when the bell fails the caller
hears that instead, and asking again (the status ``pending`` once more) rings again. The job behind the bell takes an
asking up by one conditional write and mails in exactly one attempt. Nobody is asked whom a yes would not bring back:
a bounce, a complaint or an opt-out from more than this newsletter is left as it is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, TypeAlias

from optout import number
from optout.address import Address
from optout.errors import Problem, Unprocessable
from optout.membership import Changes, amend
from optout.subscriber import Newcomer, Newsletter, Status, Subscriber, Subscribers, subscribe_all
from optout.suppression import Origin, Suppressions

MINUTE = 60_000  # milliseconds
DAY = 24 * 60 * MINUTE
MOST = 3  # mails that ask one address for one newsletter within a day; and one a minute

Message: TypeAlias = Mapping[str, int | str]
Ring: TypeAlias = Callable[[Iterable[Message]], None]


@dataclass(frozen=True, slots=True)
class Asking:
    """A wish to have a subscriber confirm; ``asked`` is when it was uttered (epoch milliseconds), which tells it from
    every other."""

    workspace: str
    newsletter: str
    subscriber: int
    asked: int


class Bell(Protocol):
    """Rings for the job that mails: a message carries ids and the time of the asking."""

    def ring(self, messages: Iterable[Message], delay: float = 0) -> None:
        """Send messages, to arrive after ``delay`` seconds; raises `Unavailable` when one did not get through."""
        ...


class Verdict(StrEnum):
    """Why an asking is not taken up."""

    REPEATED = "repeated"  # it has been, or a later one has
    LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class Asked:
    """What one address has been asked for one newsletter: the last asking that was taken up, and when those of the
    last day were (epoch milliseconds)."""

    asked: int = 0
    taken: tuple[int, ...] = ()

    def with_one_more(self, asked: int, now: int) -> "Asked | Verdict":
        """After taking up an asking, or why it is not to be."""
        if asked <= self.asked:
            return Verdict.REPEATED
        lately = tuple(at for at in self.taken if at > now - DAY)
        if len(lately) >= MOST or (lately and lately[-1] > now - MINUTE):
            return Verdict.LIMITED
        return replace(self, asked=asked, taken=(*lately, now))


class Askings(Protocol):
    """What people have been asked, as it is stored. Every method raises `Unavailable` when the store is silent."""

    def get(self, workspace: str, newsletter: str, address: Address) -> Asked:
        """What an address has been asked, strongly consistent."""
        ...

    def put(self, workspace: str, newsletter: str, address: Address, before: Asked, after: Asked) -> None:
        """Write what it has been asked, if that is still ``before``; else `Conflict`."""
        ...


def subscribe_and_ask(
    subscribers: Subscribers, ring: Ring, workspace: str, newsletter: str, newcomers: Sequence[Newcomer]
) -> Sequence[Subscriber]:
    """`subscribe_all`, and ring for those who are pending; raises `Unprocessable` when nobody could ask them."""
    if any(newcomer.status is Status.PENDING for newcomer in newcomers):
        _require_sender(subscribers, workspace, newsletter)
    made = subscribe_all(subscribers, workspace, newsletter, newcomers)
    _ring(ring, [one for one in made if one.status is Status.PENDING])
    return made


def amend_and_ask(
    subscribers: Subscribers,
    suppressions: Suppressions,
    ring: Ring,
    subscriber: Subscriber,
    changes: Changes,
    origin: Origin,
) -> Subscriber:
    """`amend`, and ring for who is to be pending, or is it under another address. Nothing needs to have changed: that
    is how one asks again."""
    if changes.get("status") is Status.PENDING:
        _require_sender(subscribers, subscriber.workspace, subscriber.newsletter)
    after = amend(subscribers, suppressions, subscriber, changes, origin)
    if after.status is Status.PENDING and changes.keys() & {"address", "status"}:
        _ring(ring, [after])
    return after


def sends(newsletter: Newsletter | None) -> bool:
    """Whether a newsletter has an address that its own mails come from."""
    return newsletter is not None and bool(newsletter.sender)


def _require_sender(subscribers: Subscribers, workspace: str, newsletter: str) -> None:
    if not sends(subscribers.newsletter(workspace, newsletter)):
        raise Unprocessable("body", Problem("status", "no_sender", "The newsletter has no sender who could ask."))


def _ring(ring: Ring, pending: Sequence[Subscriber]) -> None:
    if pending:
        now = number.now()
        ring(
            {"workspace": one.workspace, "newsletter": one.newsletter, "subscriber": one.number, "asked": now}
            for one in pending
        )
