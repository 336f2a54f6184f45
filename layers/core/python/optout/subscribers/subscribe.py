"""Add one subscriber, or up to 100."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from optout import number
from optout.address import Address
from optout.backoff import ATTEMPTS, pause
from optout.errors import AlreadySubscribed, Conflict, Unavailable
from optout.subscribers.subscriber import Status, Subscriber, Subscribers

TOGETHER = 100  # subscribers that one call may add


@dataclass(frozen=True, slots=True)
class NewSubscriber:
    """A subscriber to be added."""

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
    """Add a subscriber to a newsletter; raises `AlreadySubscribed` if the address has a subscriber of any status."""
    return subscribe_all(subscribers, workspace, newsletter, [NewSubscriber(address, name, status)])[0]


def subscribe_all(
    subscribers: Subscribers,
    workspace: str,
    newsletter: str,
    new_subscribers: Sequence[NewSubscriber],
    announce: Callable[[Sequence[Subscriber]], None] = lambda _: None,
) -> Sequence[Subscriber]:
    """Add up to 100 subscribers to a newsletter, all or none. ``announce`` is called with them before each attempt to
    store them; if it raises, they are not stored. Raises `AlreadySubscribed` if an address has a subscriber already or
    occurs twice."""
    if len({new_subscriber.address.key_form for new_subscriber in new_subscribers}) < len(new_subscribers):
        raise AlreadySubscribed
    for attempt in range(ATTEMPTS):
        first = subscribers.next_number(workspace, newsletter)
        made = [
            _made(workspace, newsletter, at, new_subscriber) for at, new_subscriber in enumerate(new_subscribers, first)
        ]
        announce(made)
        try:
            subscribers.add(*made)
        except Conflict:  # another writer took the numbers
            pause(attempt)
        else:
            return made
    raise Unavailable


def _made(workspace: str, newsletter: str, at: int, new_subscriber: NewSubscriber) -> Subscriber:
    created = number.milliseconds(at)
    return Subscriber(
        workspace, newsletter, at, new_subscriber.address, new_subscriber.name, new_subscriber.status, created
    )
