"""What was asked of whom, when."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from optout.address import Address
from optout.subscribers.subscriber import Newsletter

MINUTE = 60_000  # milliseconds


DAY = 24 * 60 * MINUTE


MOST = 3  # mails that ask one address for one newsletter within a day; and one a minute


@dataclass(frozen=True, slots=True)
class Asking:
    """A wish to have a subscriber confirm; ``asked`` is when it was uttered (epoch milliseconds), which tells it from
    every other."""

    workspace: str
    newsletter: str
    subscriber: int
    asked: int


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


def sends(newsletter: Newsletter | None) -> bool:
    """Whether a newsletter has an address that its own mails come from."""
    return newsletter is not None and bool(newsletter.sender)
