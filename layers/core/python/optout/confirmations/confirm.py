"""Taking somebody's yes: from a link in a mail to an active subscription, with the evidence.

A link speaks for the address that it was sent to, and says no more than its owner knew when it was: it lapses when the
address changes, when its owner leaves after having been asked, and after a month. What it lifts is the opt-out from
this newsletter and nothing else, as the status ``active`` does.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from optout import clock
from optout.backoff import ATTEMPTS, pause
from optout.confirmations.request import DAY
from optout.errors import Conflict, Protected, Unavailable
from optout.messages.link_token import Invitation, mark
from optout.origin import Origin
from optout.subscribers.membership import lift_own, own_rule, require_liftable
from optout.subscribers.subscriber import Confirmation, Status, Subscriber, Subscribers
from optout.suppressions.suppression import Suppressions

GOOD_FOR = 30 * DAY  # milliseconds


class Answer(StrEnum):
    """What became of a yes."""

    CONFIRMED = "confirmed"
    HELD_BACK = "held_back"  # something else stops the mail; nothing was changed
    LAPSED = "lapsed"


def confirm(
    subscribers: Subscribers,
    suppressions: Suppressions,
    invitation: Invitation,
    hashed: Callable[[str], str],
    origin: Origin,
) -> Answer:
    """Make a pending subscriber active, and write down when and how they said so. Twice is once.

    The opt-out is lifted last: whoever gives up in between leaves somebody alone too long, and the next click lifts it.
    """
    for attempt in range(ATTEMPTS):
        subscriber = subscribers.get(invitation.workspace, invitation.newsletter, invitation.number)
        if subscriber is None or not _is_meant(invitation, subscriber, hashed):
            return Answer.LAPSED
        state = suppressions.state(subscriber.workspace, subscriber.address)
        rule = own_rule(subscriber, state)
        if rule and rule.since >= invitation.asked:
            return Answer.LAPSED
        try:
            require_liftable(subscriber, state)
            _activate(subscribers, subscriber, invitation.asked, origin)
        except Protected:
            return Answer.HELD_BACK
        except Conflict:
            pause(attempt)
            continue
        if rule:
            lift_own(suppressions, subscriber, rule, origin)
        return Answer.CONFIRMED
    raise Unavailable


def _is_meant(invitation: Invitation, subscriber: Subscriber, hashed: Callable[[str], str]) -> bool:
    is_fresh = invitation.asked > clock.now() - GOOD_FOR
    return is_fresh and mark(hashed(subscriber.address.key_form)) == invitation.mark


def _activate(subscribers: Subscribers, subscriber: Subscriber, asked: int, origin: Origin) -> None:
    if subscriber.status is Status.PENDING:
        confirmation = Confirmation(subscriber.address, asked, clock.now(), origin)
        subscribers.change(subscriber, replace(subscriber, status=Status.ACTIVE), confirmation)
