"""Asking people to confirm a subscription: who is rung for, and who is mailed.

Whoever is stored as ``pending`` is rung for before the caller hears that it is done; when the bell fails the caller
hears that instead, and asking again (the status ``pending`` once more) rings again. The job behind the bell takes an
asking up by one conditional write and mails in exactly one attempt. Nobody is asked whom a yes would not bring back:
a bounce, a complaint or an opt-out from more than this newsletter is left as it is.
"""

from collections.abc import Sequence

from optout import clock
from optout.confirmations.request import sends
from optout.errors import Problem, Unprocessable
from optout.origin import Origin
from optout.queue import Ring
from optout.subscribers.membership import Changes, amend
from optout.subscribers.subscribe import Newcomer, subscribe_all
from optout.subscribers.subscriber import Status, Subscriber, Subscribers
from optout.suppressions.suppression import Suppressions


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


def _require_sender(subscribers: Subscribers, workspace: str, newsletter: str) -> None:
    if not sends(subscribers.newsletter(workspace, newsletter)):
        raise Unprocessable("body", Problem("status", "no_sender", "The newsletter has no sender who could ask."))


def _ring(ring: Ring, pending: Sequence[Subscriber]) -> None:
    if pending:
        now = clock.now()
        ring(
            {"workspace": one.workspace, "newsletter": one.newsletter, "subscriber": one.number, "asked": now}
            for one in pending
        )
