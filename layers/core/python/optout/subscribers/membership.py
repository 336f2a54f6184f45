"""Subscribers and the suppression list: the status of a member, changes, and the return of a member who left.

A suppression belongs to an address. A subscriber who left stays unsubscribed under a new address too, until the status
is set to ``active``.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple, TypedDict

from optout.address import Address
from optout.backoff import ATTEMPTS, pause
from optout.errors import AlreadySubscribed, Conflict, NotFound, Protected, TooBroad, Unavailable
from optout.origin import Origin
from optout.subscribers.subscriber import Status, Subscriber, Subscribers, require
from optout.suppressions.lift import OPERATORS, lift
from optout.suppressions.reason import Reason, Speaker
from optout.suppressions.state import AddressState, InForce, Rule
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Suppressions

WALKED = 20_000  # subscribers that one listing by status may read
FORMER = 5  # addresses of a subscriber, besides the present one, that an opt-out covers
_BATCH = 100  # states read at once
_MOVED = "Unsubscribed under an earlier address."


class Member(NamedTuple):
    """A subscriber, and the status after the suppression list has been applied."""

    subscriber: Subscriber
    status: Status


class Changes(TypedDict, total=False):
    """Changes of a subscriber; a missing key leaves the value as it is."""

    address: Address
    name: str | None
    status: Status


def member(subscriber: Subscriber, state: AddressState) -> Member:
    """The status is ``unsubscribed`` when any suppression covers the newsletter, whatever its origin."""
    left = state.stopping(subscriber.mail) is not None
    return Member(subscriber, Status.UNSUBSCRIBED if left else subscriber.status)


def members(suppressions: Suppressions, subscribers: Iterable[Subscriber]) -> Iterator[Member]:
    """Subscribers of one workspace with their statuses; the states are read 100 at a time."""
    left = iter(subscribers)
    while some := list(islice(left, _BATCH)):
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
    """A page of a newsletter, newest first, and the total. Only the suppression list knows the status
    ``unsubscribed``, so a filter by ``status`` reads every subscriber; raises `TooBroad` above `WALKED`."""
    if status is None:
        page, total = subscribers.newest(workspace, newsletter, offset, limit)
        return list(members(suppressions, page)), total
    _, there = subscribers.newest(workspace, newsletter, 0, 0)
    if there > WALKED:
        raise TooBroad(WALKED)
    possible = (one for one in subscribers.walk(workspace, newsletter) if status in (one.status, Status.UNSUBSCRIBED))
    found = [one for one in members(suppressions, possible) if one.status is status]
    return found[offset : offset + limit], len(found)


def update(
    subscribers: Subscribers,
    suppressions: Suppressions,
    subscriber: Subscriber,
    changes: Changes,
    origin: Origin,
    may: Collection[Reason] = OPERATORS,
) -> Subscriber:
    """Change a subscriber. The status ``active`` removes the opt-out from this newsletter and nothing else. Raises
    `Protected`, and changes nothing, when another suppression would still stop the email. Raises `AlreadySubscribed`
    when the new address is taken."""
    for attempt in range(ATTEMPTS):
        after = moved(subscriber, changes)
        try:
            if changes.get("status") is Status.ACTIVE:
                _revive(subscribers, suppressions, subscriber, after, may, origin)
            else:
                _follow(subscribers, suppressions, subscriber, after, origin)
        except Conflict:
            pause(attempt)
            subscriber = require(subscribers, *_key(subscriber))
        else:
            return after
    raise Unavailable


def moved(subscriber: Subscriber, changes: Changes) -> Subscriber:
    """The subscriber after the changes. An address that is given up is kept: emails to it may be waiting or out, and
    their links unsubscribe it too."""
    after = replace(subscriber, **changes)
    known = {after.address.key_form: after.address}
    for address in (subscriber.address, *subscriber.former):
        known.setdefault(address.key_form, address)
    return replace(after, former=tuple(known.values())[1 : 1 + FORMER])


def _revive(
    subscribers: Subscribers,
    suppressions: Suppressions,
    before: Subscriber,
    after: Subscriber,
    may: Collection[Reason],
    origin: Origin,
) -> None:
    """The opt-out is lifted last, so a crash can only leave someone suppressed for longer, never mailed too early."""
    require_liftable(after, suppressions.state(after.workspace, after.address), may)
    _write(subscribers, before, after)
    if rule := own_rule(after, suppressions.state(after.workspace, after.address)):
        lift_own(suppressions, rule, after.workspace, may, origin)


def _follow(
    subscribers: Subscribers, suppressions: Suppressions, before: Subscriber, after: Subscriber, origin: Origin
) -> None:
    """The new address of a subscriber who left is suppressed before the change and again after it, because an opt-out
    may arrive during the change. `unsubscribe` reads twice for the same reason."""
    moves = before.address.key_form != after.address.key_form
    if moves and subscribers.numbers_of(after.workspace, [after.newsletter], after.address):
        raise AlreadySubscribed  # before the address of another subscriber is suppressed
    if moves:
        _carry_opt_out(suppressions, before, after, origin)
    _write(subscribers, before, after)
    if moves:
        _carry_opt_out(suppressions, before, after, origin)


def _write(subscribers: Subscribers, before: Subscriber, after: Subscriber) -> None:
    if before != after:
        subscribers.change(before, after)


def own_rule(subscriber: Subscriber, state: AddressState) -> InForce | None:
    """The rule for exactly this newsletter, if any."""
    return state.in_force.get(subscriber.scope)


def lift_own(
    suppressions: Suppressions,
    rule: InForce,
    workspace: str,
    may: Collection[Reason],
    origin: Origin,
    *,
    stated_before: int | None = None,
) -> None:
    """Remove from the rule for exactly this newsletter what the caller may remove (see `lift`)."""
    try:
        lift(suppressions, workspace, rule.number, origin, may, stated_before=stated_before)
    except NotFound:
        return  # a concurrent request has lifted it


def rules_beyond(subscriber: Subscriber, state: AddressState, may: Collection[Reason]) -> Sequence[Rule]:
    """The rules that would still stop the newsletter without these reasons for exactly it, the strongest first."""
    own = subscriber.scope
    left = {scope: rule.without(may) if scope == own else rule for scope, rule in state.in_force.items()}
    others = {scope: rule for scope, rule in left.items() if rule}
    return AddressState(state.workspace, state.address, in_force=others).rules_against(subscriber.mail)


def require_liftable(subscriber: Subscriber, state: AddressState, may: Collection[Reason]) -> None:
    """Raises `Protected` when rules beyond these reasons would still stop the newsletter."""
    if rules_beyond(subscriber, state, may):
        raise Protected


def _carry_opt_out(suppressions: Suppressions, before: Subscriber, after: Subscriber, origin: Origin) -> None:
    """Suppress the newsletter for the new address if it is suppressed for the old one. If a person said so, it stays
    their own word, which an operator may not remove."""
    rules = suppressions.state(before.workspace, before.address).rules_against(before.mail)
    if not rules:
        return
    is_own = any(reason.speaker is Speaker.PERSON for rule in rules for reason in rule.entry.reasons)
    reason = Reason.ONE_CLICK if is_own else Reason.UNSUBSCRIBED
    suppress(suppressions, after.workspace, after.address, after.scope, reason, origin, why=_MOVED)


def _key(subscriber: Subscriber) -> tuple[str, str, int]:
    return subscriber.workspace, subscriber.newsletter, subscriber.number
