"""Mailing who is asked to confirm: take the asking up, look at the list, send once.

The list is read between the claim and the call, as for every other mail. A refusal of the provider gives the claim
back, and the bell rings again later; a lost answer leaves it, for a second attempt could be a second mail. Whoever got
none can be asked again.
"""

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from optout import clock
from optout.address import Address
from optout.backoff import pause
from optout.confirmations.request import DAY, Asked, Asking, Askings, Verdict, sends
from optout.errors import Conflict, InDoubt, NotSent, Protected, Unavailable
from optout.provider.pace import Slots
from optout.provider.refusal import Refusal, judge
from optout.scope import MessageClass
from optout.subscribers.membership import require_liftable
from optout.subscribers.subscriber import Newsletter, Status, Subscriber, Subscribers
from optout.suppressions.suppression import Suppressions

_ATTEMPTS = 10
_SOON, _LATE = 30.0, 900.0  # seconds after which the provider is asked again: now busy, now closed


class Fate(StrEnum):
    """What became of an asking."""

    MAILED = "mailed"
    IN_DOUBT = "in_doubt"
    LATER = "later"
    LAPSED = "lapsed"  # nobody is pending any more, or has been for too long
    REPEATED = "repeated"
    LIMITED = "limited"
    LEFT = "left"  # a yes would not bring them back
    NO_SENDER = "no_sender"
    REFUSED = "refused"  # the provider does not take this address


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an asking, and in how many seconds to ring again, if at all."""

    fate: Fate
    ring_in: float | None = None


class Inviter(Protocol):
    """What carries an invitation away. One call is one attempt."""

    def invite(self, newsletter: Newsletter, subscriber: Subscriber, asked: int) -> bool:
        """Whether the provider takes mail for this address; raises `NotSent` when it takes none now, `InDoubt` when its
        answer is lost."""
        ...


@dataclass(frozen=True, slots=True)
class Inviting:
    """The ports that inviting needs, and the one use case over them."""

    subscribers: Subscribers
    suppressions: Suppressions
    askings: Askings
    slots: Slots
    inviter: Inviter

    def invite(self, asking: Asking) -> Outcome:
        """Mail somebody who is pending, once for each asking; raises `NotSent` where a person has to look."""
        subscriber = self.subscribers.get(asking.workspace, asking.newsletter, asking.subscriber)
        if subscriber is None or subscriber.status is not Status.PENDING or asking.asked < clock.now() - DAY:
            return Outcome(Fate.LAPSED)
        newsletter = self.subscribers.newsletter(asking.workspace, asking.newsletter)
        if newsletter is None or not sends(newsletter):
            return Outcome(Fate.NO_SENDER)
        if not subscriber.address.deliverable:
            return Outcome(Fate.REFUSED)
        try:
            return self._invite(newsletter, subscriber, asking.asked)
        except NotSent as refusal:
            return self._give_way(refusal)

    def _invite(self, newsletter: Newsletter, subscriber: Subscriber, asked: int) -> Outcome:
        found = self._look(subscriber, asked)
        if isinstance(found, Verdict):
            return Outcome(Fate(found.value))
        time.sleep(self.slots.take(1, 1, MessageClass.TRANSACTIONAL).wait)
        claim = self._claim(subscriber, asked)
        if isinstance(claim, Verdict):
            return Outcome(Fate(claim.value))
        before, after = claim
        try:
            require_liftable(subscriber, self.suppressions.state(subscriber.workspace, subscriber.address))
            taken = self.inviter.invite(newsletter, subscriber, asked)
        except Protected:
            return Outcome(Fate.LEFT)
        except InDoubt:
            return Outcome(Fate.IN_DOUBT)
        except (NotSent, Unavailable):
            self.askings.put(*_place(subscriber), after, before)
            raise
        return Outcome(Fate.MAILED if taken else Fate.REFUSED)

    def _claim(self, subscriber: Subscriber, asked: int) -> tuple[Asked, Asked] | Verdict:
        """What had been asked before and what has been now, or why it is not to be."""
        for attempt in range(_ATTEMPTS):
            before = self.askings.get(*_place(subscriber))
            after = before.with_one_more(asked, clock.now())
            if isinstance(after, Verdict):
                return after
            try:
                self.askings.put(*_place(subscriber), before, after)
            except Conflict:
                pause(attempt)
            else:
                return before, after
        raise Unavailable

    def _look(self, subscriber: Subscriber, asked: int) -> Asked | Verdict:
        """What a claim would come to: no slot is taken for what is not to be."""
        return self.askings.get(*_place(subscriber)).with_one_more(asked, clock.now())

    def _give_way(self, refusal: NotSent) -> Outcome:
        match judge(refusal):
            case Refusal.CONFIG:
                raise refusal
            case Refusal.RATE:
                self.slots.slow_down()
            case Refusal.QUOTA | Refusal.PROVIDER_PAUSED:
                return Outcome(Fate.LATER, _LATE)
        return Outcome(Fate.LATER, max(refusal.wait, _SOON))


def _place(subscriber: Subscriber) -> tuple[str, str, Address]:
    return subscriber.workspace, subscriber.newsletter, subscriber.address
