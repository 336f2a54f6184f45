"""Subscribe or update with double opt-in: a ``pending`` subscriber is sent a confirmation email.

The request of a new subscriber is enqueued before the subscriber is stored: whoever is stored is asked, and if
enqueuing fails, nobody is stored and the caller can try again. The job waits a moment for a subscriber that is not
there yet, and drops the request of one that was never stored. The request of an existing subscriber is enqueued after
the update. If that fails, the caller gets the error, and setting the status ``pending`` once more enqueues it again.

The job accepts a request by one conditional write and sends in exactly one attempt. No request is sent when a
confirmation would change nothing: a bounce, a complaint or a wider opt-out stays in force.
"""

from collections.abc import Collection, Sequence
from functools import partial

from optout import clock
from optout.confirmations.request import sends
from optout.errors import Problem, Unprocessable
from optout.origin import Origin
from optout.queue import Queue
from optout.subscribers.membership import Changes, update
from optout.subscribers.subscribe import NewSubscriber, subscribe_all
from optout.subscribers.subscriber import Status, Subscriber, Subscribers
from optout.suppressions.lift import OPERATORS
from optout.suppressions.reason import Reason
from optout.suppressions.suppression import Suppressions


def subscribe_with_confirmation(
    subscribers: Subscribers, queue: Queue, workspace: str, newsletter: str, new: Sequence[NewSubscriber]
) -> Sequence[Subscriber]:
    """`subscribe_all`, with a confirmation request to those who are pending. Raises `Unprocessable` when the newsletter
    has no sender."""
    if any(one.status is Status.PENDING for one in new):
        _require_sender(subscribers, workspace, newsletter)
    return subscribe_all(subscribers, workspace, newsletter, new, announce=partial(_request_confirmation, queue))


def update_with_confirmation(
    subscribers: Subscribers,
    suppressions: Suppressions,
    queue: Queue,
    subscriber: Subscriber,
    changes: Changes,
    origin: Origin,
    may: Collection[Reason] = OPERATORS,
) -> Subscriber:
    """`update`, then request a confirmation if the subscriber becomes pending, or is pending under a new address. The
    status ``pending`` set once more requests it again."""
    if changes.get("status") is Status.PENDING:
        _require_sender(subscribers, subscriber.workspace, subscriber.newsletter)
    after = update(subscribers, suppressions, subscriber, changes, origin, may)
    if changes.keys() & {"address", "status"}:
        _request_confirmation(queue, [after])
    return after


def _require_sender(subscribers: Subscribers, workspace: str, newsletter: str) -> None:
    if not sends(subscribers.newsletter(workspace, newsletter)):
        text = "The newsletter has no sender address for confirmation emails."
        raise Unprocessable("body", Problem("status", "no_sender", text))


def _request_confirmation(queue: Queue, subscribers: Sequence[Subscriber]) -> None:
    now = clock.now()
    queue.send(
        {"workspace": one.workspace, "newsletter": one.newsletter, "subscriber": one.number, "requested_at": now}
        for one in subscribers
        if one.status is Status.PENDING
    )
