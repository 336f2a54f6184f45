"""Send a confirmation email: accept the request, check the suppression list, send once.

The list is read between the claim and the call, as for every other email. If the provider refuses, the claim is
released and the request enqueued again. If the answer is lost, the claim stays: a second attempt could be a second
email. The subscriber can be asked again with a new request.
"""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from optout import clock
from optout.address import Address
from optout.backoff import pause
from optout.confirmations.request import (
    DAY,
    MINUTE,
    ConfirmationRequest,
    ConfirmationRequests,
    Declined,
    RequestLog,
    sends,
)
from optout.errors import Conflict, InDoubt, NotSent, Protected, Unavailable
from optout.provider.refusal import Refusal, classify
from optout.provider.send_rate import SendLimiter
from optout.scope import MessageClass
from optout.subscribers.membership import own_rule, require_liftable
from optout.subscribers.subscriber import Newsletter, Status, Subscriber, Subscribers
from optout.suppressions.lift import BY_CONSENT, OWN_OPT_OUTS
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import Suppressions

_ATTEMPTS = 10
_STORED_WITHIN = MINUTE  # an API function ends sooner
_SOON, _LATE = 30.0, 900.0  # seconds until the next attempt: the provider is busy, or closed


class ConfirmationStatus(StrEnum):
    """The result of a request."""

    SENT = "sent"
    IN_DOUBT = "in_doubt"
    LATER = "later"
    LAPSED = "lapsed"  # the subscriber was not stored or is not pending any more, or the request is older than a day
    REPEATED = "repeated"
    LIMITED = "limited"
    SUPPRESSED = "suppressed"  # a confirmation would change nothing
    NO_SENDER = "no_sender"
    REFUSED = "refused"  # the provider does not accept this address


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a request, and in how many seconds to enqueue it again (None: not at all)."""

    status: ConfirmationStatus
    retry_in: float | None = None


class ConfirmationSender(Protocol):
    """Sends confirmation emails. One call is one attempt."""

    def send(self, newsletter: Newsletter, subscriber: Subscriber, requested_at: int) -> bool:
        """Whether the provider accepts email for this address. Raises `NotSent` when it accepts none at present, and
        `InDoubt` when its answer is lost."""
        ...


@dataclass(frozen=True, slots=True)
class ConfirmationMailer:
    """The ports of this use case."""

    subscribers: Subscribers
    suppressions: Suppressions
    requests: ConfirmationRequests
    send_limiter: SendLimiter
    sender: ConfirmationSender

    def send(self, request: ConfirmationRequest) -> Outcome:
        """Send one email per request to a pending subscriber. Raises `NotSent` when a person has to fix the set-up."""
        subscriber = self.subscribers.get(request.workspace, request.newsletter, request.subscriber)
        age = clock.now() - request.requested_at
        if subscriber is None and age < _STORED_WITHIN:  # a request is enqueued before its subscriber is stored
            return Outcome(ConfirmationStatus.LATER, max(1.0, age / 1000))
        if subscriber is None or subscriber.status is not Status.PENDING or age > DAY:
            return Outcome(ConfirmationStatus.LAPSED)
        newsletter = self.subscribers.newsletter(request.workspace, request.newsletter)
        if newsletter is None or not sends(newsletter):
            return Outcome(ConfirmationStatus.NO_SENDER)
        if not subscriber.address.deliverable:
            return Outcome(ConfirmationStatus.REFUSED)
        try:
            return self._send(newsletter, subscriber, request.requested_at)
        except NotSent as refusal:
            return self._retry(refusal)

    def _send(self, newsletter: Newsletter, subscriber: Subscriber, requested_at: int) -> Outcome:
        expected = self._with_request(self._log(subscriber), subscriber, requested_at)
        if isinstance(expected, Declined):  # seen before the claim, so that no send slot is wasted
            return Outcome(ConfirmationStatus(expected.value))
        time.sleep(self.send_limiter.lease(1, 1, MessageClass.TRANSACTIONAL).wait)
        claim = self._claim(subscriber, requested_at)
        if isinstance(claim, Declined):
            return Outcome(ConfirmationStatus(claim.value))
        before, after = claim
        try:
            require_liftable(subscriber, self._state(subscriber), BY_CONSENT)
            accepted = self.sender.send(newsletter, subscriber, requested_at)
        except Protected:
            return Outcome(ConfirmationStatus.SUPPRESSED)
        except InDoubt:
            return Outcome(ConfirmationStatus.IN_DOUBT)
        except (NotSent, Unavailable):
            self.requests.put(*_key(subscriber), after, before)
            raise
        return Outcome(ConfirmationStatus.SENT if accepted else ConfirmationStatus.REFUSED)

    def _claim(self, subscriber: Subscriber, requested_at: int) -> tuple[RequestLog, RequestLog] | Declined:
        """The log before and after this request was accepted, or why it is declined."""
        for attempt in range(_ATTEMPTS):
            before = self._log(subscriber)
            after = self._with_request(before, subscriber, requested_at)
            if isinstance(after, Declined):
                return after
            try:
                self.requests.put(*_key(subscriber), before, after)
            except Conflict:
                pause(attempt)
            else:
                return before, after
        raise Unavailable

    def _log(self, subscriber: Subscriber) -> RequestLog:
        return self.requests.get(*_key(subscriber))

    def _state(self, subscriber: Subscriber) -> AddressState:
        return self.suppressions.state(subscriber.workspace, subscriber.address)

    def _with_request(self, log: RequestLog, subscriber: Subscriber, requested_at: int) -> RequestLog | Declined:
        rule = own_rule(subscriber, self._state(subscriber))
        return log.add_request(requested_at, clock.now(), rule.last_stated(OWN_OPT_OUTS) if rule else 0)

    def _retry(self, refusal: NotSent) -> Outcome:
        match classify(refusal):
            case Refusal.CONFIG:
                raise refusal
            case Refusal.THROTTLED:
                self.send_limiter.slow_down()
            case Refusal.QUOTA | Refusal.PROVIDER_PAUSED:
                return Outcome(ConfirmationStatus.LATER, _LATE)
        return Outcome(ConfirmationStatus.LATER, max(refusal.wait, _SOON))


def _key(subscriber: Subscriber) -> tuple[str, str, Address]:
    return subscriber.workspace, subscriber.newsletter, subscriber.address
