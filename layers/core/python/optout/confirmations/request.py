"""Confirmation requests (double opt-in): the requests of an address, and their limits."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from optout.address import Address
from optout.subscribers.subscriber import Newsletter

MINUTE = 60_000  # milliseconds
DAY = 24 * 60 * MINUTE
AFTER_LEAVING = 30 * DAY  # milliseconds between two requests to a person who left
MOST = 3  # confirmation emails to one address for one newsletter within a day; and at most one a minute


@dataclass(frozen=True, slots=True)
class ConfirmationRequest:
    """A request to confirm one subscription. ``requested_at`` (epoch milliseconds) identifies it."""

    workspace: str
    newsletter: str
    subscriber: int
    requested_at: int


class Declined(StrEnum):
    """Why no email is sent for a request."""

    REPEATED = "repeated"  # this request, or a later one, was accepted before
    LIMITED = "limited"


@dataclass(frozen=True, slots=True)
class RequestLog:
    """The requests of one address for one newsletter: ``requested_at`` of the last one accepted, and when those of the
    last day were accepted (epoch milliseconds)."""

    requested_at: int = 0
    accepted: tuple[int, ...] = ()

    def add_request(self, requested_at: int, now: int, left_at: int = 0) -> "RequestLog | Declined":
        """The log with one more request, or why it is declined. A person who left (at ``left_at``, epoch milliseconds;
        0: did not) is asked once per opt-out and 30 days."""
        if requested_at <= self.requested_at:
            return Declined.REPEATED
        if left_at and self.requested_at and self.requested_at > min(left_at, now - AFTER_LEAVING):
            return Declined.LIMITED
        recent = tuple(at for at in self.accepted if at > now - DAY)
        if len(recent) >= MOST or (recent and recent[-1] > now - MINUTE):
            return Declined.LIMITED
        return replace(self, requested_at=requested_at, accepted=(*recent, now))


class ConfirmationRequests(Protocol):
    """The request logs as they are stored. Every method raises `Unavailable` when the store does not answer."""

    def get(self, workspace: str, newsletter: str, address: Address) -> RequestLog:
        """The log of an address, strongly consistent."""
        ...

    def put(self, workspace: str, newsletter: str, address: Address, before: RequestLog, after: RequestLog) -> None:
        """Write the log if it is still ``before``; else `Conflict`."""
        ...


def sends(newsletter: Newsletter | None) -> bool:
    """Whether a newsletter has a sender address of its own."""
    return newsletter is not None and bool(newsletter.sender)
