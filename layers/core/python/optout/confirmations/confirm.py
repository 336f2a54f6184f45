"""Confirm a subscription: from a link in an email to an active subscriber, with the evidence.

A link is valid for the address it was sent to. It lapses when the address changes, when the subscriber unsubscribes
after the request, and after 30 days. It removes the opt-out from this newsletter and nothing else, as the status
``active`` does.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from optout import clock
from optout.backoff import ATTEMPTS, pause
from optout.confirmations.request import DAY
from optout.errors import Conflict, Protected, Unavailable
from optout.messages.link_token import ConfirmationLink, mark
from optout.origin import Origin
from optout.subscribers.membership import lift_own, own_rule, rules_beyond
from optout.subscribers.subscriber import Confirmation, Status, Subscriber, Subscribers
from optout.suppressions.lift import BY_CONSENT
from optout.suppressions.state import Rule
from optout.suppressions.suppression import Suppressions

GOOD_FOR = 30 * DAY  # milliseconds


class Answer(StrEnum):
    """What became of a confirmation link."""

    CONFIRMED = "confirmed"
    SUPPRESSED = "suppressed"  # another suppression stops the email; nothing was changed
    LAPSED = "lapsed"


class Confirmed(NamedTuple):
    """The result of following a confirmation link, with the rules that stop the email of a suppressed address."""

    answer: Answer
    rules: Sequence[Rule] = ()


def confirm(
    subscribers: Subscribers,
    suppressions: Suppressions,
    link: ConfirmationLink,
    hashed: Callable[[str], str],
    origin: Origin,
) -> Confirmed:
    """Make a pending subscriber active and store the confirmation. A repeated call changes nothing.

    The opt-out is lifted last, so a crash can only leave someone suppressed for longer; the next click lifts it.
    """
    for attempt in range(ATTEMPTS):
        subscriber = subscribers.get(link.workspace, link.newsletter, link.number)
        if subscriber is None or not _is_valid(link, subscriber, hashed):
            return Confirmed(Answer.LAPSED)
        state = suppressions.state(subscriber.workspace, subscriber.address)
        rule = own_rule(subscriber, state)
        if rule and rule.last_stated(BY_CONSENT) >= link.requested_at:
            return Confirmed(Answer.LAPSED)  # the last word counts
        if others := rules_beyond(subscriber, state, BY_CONSENT):
            return Confirmed(Answer.SUPPRESSED, others)
        try:
            _activate(subscribers, subscriber, link.requested_at, origin)
        except Conflict:
            pause(attempt)
            continue
        try:
            if rule:
                asked = link.requested_at
                lift_own(suppressions, rule, subscriber.workspace, BY_CONSENT, origin, stated_before=asked)
        except Protected:
            return Confirmed(Answer.LAPSED)  # unsubscribed again at this moment
        return Confirmed(Answer.CONFIRMED)
    raise Unavailable


def _is_valid(link: ConfirmationLink, subscriber: Subscriber, hashed: Callable[[str], str]) -> bool:
    is_fresh = link.requested_at > clock.now() - GOOD_FOR
    return is_fresh and mark(hashed(subscriber.address.key_form)) == link.mark


def _activate(subscribers: Subscribers, subscriber: Subscriber, requested_at: int, origin: Origin) -> None:
    if subscriber.status is Status.PENDING:
        confirmation = Confirmation(subscriber.address, requested_at, clock.now(), origin)
        subscribers.change(subscriber, replace(subscriber, status=Status.ACTIVE), confirmation)
