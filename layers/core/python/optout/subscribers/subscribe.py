"""Add one, or up to 100."""

from collections.abc import Sequence
from dataclasses import dataclass

from optout import number
from optout.address import Address
from optout.backoff import ATTEMPTS, pause
from optout.errors import AlreadySubscribed, Conflict, Unavailable
from optout.subscribers.subscriber import Status, Subscriber, Subscribers

TOGETHER = 100  # subscribers that may be added in one step


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is to be added."""

    address: Address
    name: str | None = ""
    status: Status = Status.ACTIVE


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
    return subscribe_all(subscribers, workspace, newsletter, [Newcomer(address, name, status)])[0]


def subscribe_all(
    subscribers: Subscribers, workspace: str, newsletter: str, newcomers: Sequence[Newcomer]
) -> Sequence[Subscriber]:
    """Add up to 100 people to a newsletter, all or none; raises `AlreadySubscribed` for one, or for two who are one."""
    if len({newcomer.address.key_form for newcomer in newcomers}) < len(newcomers):
        raise AlreadySubscribed
    for attempt in range(ATTEMPTS):
        first = subscribers.next_number(workspace, newsletter)
        made = [_made(workspace, newsletter, at, newcomer) for at, newcomer in enumerate(newcomers, first)]
        try:
            subscribers.add(*made)
        except Conflict:  # somebody else was faster
            pause(attempt)
        else:
            return made
    raise Unavailable


def _made(workspace: str, newsletter: str, at: int, newcomer: Newcomer) -> Subscriber:
    created = number.milliseconds(at)
    return Subscriber(workspace, newsletter, at, newcomer.address, newcomer.name, newcomer.status, created)
