"""Where the people of a newsletter meet the suppression list: who has left, who leaves, who comes back.

A suppression belongs to an address. A subscriber who leaves takes that along: under another address they are still
gone, until somebody says that they are active.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple, TypedDict

from optout.address import Address
from optout.backoff import ATTEMPTS, pause
from optout.errors import AlreadySubscribed, Conflict, NotFound, Protected, TooBroad, Unavailable
from optout.origin import Origin
from optout.scope import Mail, Scope, newsletter_topic
from optout.subscribers.subscriber import Status, Subscriber, Subscribers, require
from optout.suppressions.lift import lift
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import AddressState, InForce, Reason, Suppressions

WALKED = 20_000  # subscribers that one listing by status may look at
_ASKED = 100  # addresses whose state is asked for at once
_MOVED = "Left under an earlier address."


class Member(NamedTuple):
    """A subscriber, and the status that the suppression list leaves them."""

    subscriber: Subscriber
    status: Status


class Changes(TypedDict, total=False):
    """What is to become of a subscriber; what is not there stays."""

    address: Address
    name: str | None
    status: Status


def member(subscriber: Subscriber, state: AddressState) -> Member:
    """A suppression that covers the newsletter shows as ``unsubscribed``, whoever made it."""
    left = state.stopping(Mail(newsletter_topic(subscriber.newsletter))) is not None
    return Member(subscriber, Status.UNSUBSCRIBED if left else subscriber.status)


def members(suppressions: Suppressions, subscribers: Iterable[Subscriber]) -> Iterator[Member]:
    """Subscribers of one workspace with their statuses, asked for a hundred at a time."""
    left = iter(subscribers)
    while some := list(islice(left, _ASKED)):
        states = suppressions.states(some[0].workspace, [subscriber.address for subscriber in some])
        yield from (member(subscriber, states[subscriber.address]) for subscriber in some)


def listing(
    subscribers: Subscribers,
    suppressions: Suppressions,
    workspace: str,
    newsletter: str,
    status: Status | None,
    *,
    offset: int,
    limit: int,
) -> tuple[Sequence[Member], int]:
    """A page of a newsletter, newest first, and the number of all. Who is unsubscribed, only the suppression list
    knows: with a ``status`` everybody is looked at, and `TooBroad` is raised where they are too many for that."""
    if status is None:
        page, total = subscribers.newest(workspace, newsletter, offset, limit)
        return list(members(suppressions, page)), total
    _, there = subscribers.newest(workspace, newsletter, 0, 0)
    if there > WALKED:
        raise TooBroad(WALKED)
    possible = (one for one in subscribers.walk(workspace, newsletter) if status in (one.status, Status.UNSUBSCRIBED))
    found = [one for one in members(suppressions, possible) if one.status is status]
    return found[offset : offset + limit], len(found)


def leave(subscribers: Subscribers, suppressions: Suppressions, subscriber: Subscriber, origin: Origin) -> Subscriber:
    """The subscriber leaves the newsletter, under whatever address they are found when it is done."""
    for _ in range(ATTEMPTS):
        _stop(suppressions, subscriber, origin)
        left, subscriber = subscriber, require(subscribers, *_key(subscriber))
        if left.address.key_form == subscriber.address.key_form:
            return subscriber
    raise Unavailable


def amend(
    subscribers: Subscribers, suppressions: Suppressions, subscriber: Subscriber, changes: Changes, origin: Origin
) -> Subscriber:
    """Change a subscriber. The status ``active`` lifts the opt-out from this newsletter and nothing else: raises
    `Protected`, and changes nothing, where that would not bring them back. Raises `AlreadySubscribed` too."""
    for attempt in range(ATTEMPTS):
        after = replace(subscriber, **changes)
        try:
            if changes.get("status") is Status.ACTIVE:
                _revive(subscribers, suppressions, subscriber, after, origin)
            else:
                _follow(subscribers, suppressions, subscriber, after, origin)
        except Conflict:
            pause(attempt)
            subscriber = require(subscribers, *_key(subscriber))
        else:
            return after
    raise Unavailable


def _revive(
    subscribers: Subscribers, suppressions: Suppressions, before: Subscriber, after: Subscriber, origin: Origin
) -> None:
    """The opt-out is lifted last: whoever gives up in between leaves somebody alone too long, and nobody too short."""
    require_liftable(after, suppressions.state(after.workspace, after.address))
    _write(subscribers, before, after)
    if rule := own_rule(after, suppressions.state(after.workspace, after.address)):
        lift_own(suppressions, after, rule, origin)


def _follow(
    subscribers: Subscribers, suppressions: Suppressions, before: Subscriber, after: Subscriber, origin: Origin
) -> None:
    """Who has left is suppressed under the new address before they have it, and once more after it: somebody may leave
    while the address changes, and `leave` looks twice for the same reason."""
    moves = before.address.key_form != after.address.key_form
    if moves and subscribers.numbers_of(after.workspace, [after.newsletter], after.address):
        raise AlreadySubscribed  # before anything is suppressed that is somebody else's
    if moves and _has_left(suppressions, before):
        _stop(suppressions, after, origin, _MOVED)
    _write(subscribers, before, after)
    if moves and _has_left(suppressions, before):
        _stop(suppressions, after, origin, _MOVED)


def _write(subscribers: Subscribers, before: Subscriber, after: Subscriber) -> None:
    if before != after:
        subscribers.change(before, after)


def own_rule(subscriber: Subscriber, state: AddressState) -> InForce | None:
    """What is in force for exactly this newsletter."""
    return state.in_force.get(_scope(subscriber))


def lift_own(suppressions: Suppressions, subscriber: Subscriber, rule: InForce, origin: Origin) -> None:
    """Lift what was in force for exactly this newsletter."""
    try:
        lift(suppressions, subscriber.workspace, rule.number, origin)
    except NotFound:
        return  # somebody else has lifted it


def require_liftable(subscriber: Subscriber, state: AddressState) -> None:
    """Raises `Protected` where lifting the opt-out from this newsletter would not bring the subscriber back."""
    own = _scope(subscriber)
    others = {scope: rule for scope, rule in state.in_force.items() if scope != own or rule.reason.protected}
    if AddressState(state.workspace, state.address, in_force=others).stopping(_mail(subscriber)):
        raise Protected


def _has_left(suppressions: Suppressions, subscriber: Subscriber) -> bool:
    state = suppressions.state(subscriber.workspace, subscriber.address)
    return state.stopping(_mail(subscriber)) is not None


def _stop(suppressions: Suppressions, subscriber: Subscriber, origin: Origin, why: str = "") -> None:
    scope = _scope(subscriber)
    suppress(suppressions, subscriber.workspace, subscriber.address, scope, Reason.UNSUBSCRIBED, origin, why=why)


def _key(subscriber: Subscriber) -> tuple[str, str, int]:
    return subscriber.workspace, subscriber.newsletter, subscriber.number


def _scope(subscriber: Subscriber) -> Scope:
    return Scope.of([newsletter_topic(subscriber.newsletter)])


def _mail(subscriber: Subscriber) -> Mail:
    return Mail(newsletter_topic(subscriber.newsletter))
