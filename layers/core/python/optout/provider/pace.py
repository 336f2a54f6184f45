"""The pace at which everybody together sends: a share of what the provider grants, kept in one shared place.

The rate is leased slot by slot, the day's quota mail by mail. A throttle answer slows everybody down at once; the pace
recovers by itself. What marketing may not use up is there for transactional mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from optout.errors import NotSent
from optout.provider.refusal import NO_SLOT, QUOTA_SPENT
from optout.scope import MessageClass

DAY = 24 * 3600 * 1000


HORIZON = 5_000  # milliseconds that a worker waits for its turn; what is further off is another run's


# Of the rate and of the day's quota. Marketing's share also leaves room for clocks and networks that are not exact.
SHARE = {MessageClass.MARKETING: 0.97, MessageClass.TRANSACTIONAL: 0.03}


_QUOTA_SHARE = {MessageClass.MARKETING: 0.97, MessageClass.TRANSACTIONAL: 1.0}


_AT_ONCE = 2.0  # seconds' worth of slots that one lease takes


_SLOWER = 0.97  # a second with a throttle answer takes so much of the pace away: a single one hardly matters,


_SLOWEST = 0.1


_RECOVERY = 0.01  # and every second gives a hundredth of the rate back


@dataclass(frozen=True, slots=True)
class Account:
    """What the provider says: mails a second, mails a day (below 0: without end) and in the last 24 hours."""

    rate: float
    quota: float
    sent: float
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Pace:
    """The shared state. Times are epoch milliseconds; ``leased`` counts since the account was read, ``day_began`` is
    the beginning of the sending that fills the quota now, ``free`` says when the next slot of each class begins."""

    account: Account
    read_at: int
    leased: int = 0
    day_began: int = 0
    slow: float = 1.0
    slow_at: int = 0
    shut_until: int = 0
    free: Mapping[MessageClass, int] = field(default_factory=dict)

    def slowness(self, now: int) -> float:
        """What a throttle answer has left of the pace, between 0 and 1."""
        return min(1.0, self.slow + _RECOVERY * max(0, now - self.slow_at) / 1000)

    def slower(self, now: int) -> float:
        """The slowness after one more throttle answer."""
        return max(_SLOWEST, self.slowness(now) * _SLOWER)

    def rate(self, kind: MessageClass, now: int) -> float:
        """Mails a second for one class."""
        return self.account.rate * SHARE[kind] * self.slowness(now)

    def room(self, kind: MessageClass) -> float:
        """Mails that the day still has for one class."""
        if self.account.quota < 0:
            return float("inf")
        return self.account.quota * _QUOTA_SHARE[kind] - self.account.sent - self.leased

    def lane(self, kind: MessageClass) -> MessageClass:
        """Whose slots to take: transactional mail uses marketing's where they are free sooner than those kept for
        it."""
        own, other = self.free.get(kind, 0), self.free.get(MessageClass.MARKETING, 0)
        return kind if own < other else MessageClass.MARKETING

    def lot(self, kind: MessageClass, need: int, want: int, now: int) -> int:
        """How many mails may be leased at once, ``need`` at least; raises `NotSent` when that is too many now."""
        if not self.account.enabled or now < self.shut_until:
            raise NotSent("SendingPausedException")
        if self.room(kind) < need:
            raise NotSent(QUOTA_SPENT)
        lane = self.lane(kind)
        wait = self.free.get(lane, 0) - now
        if wait > HORIZON:
            raise NotSent(NO_SLOT, wait=wait / 1000)
        if wait > 0:  # others are waiting for slots too: whoever took many could not use them in time
            return need
        most = int(min(self.room(kind), _AT_ONCE * self.rate(lane, now)))
        return want if want <= most else max(need, most - most % need)  # whole blocks: the rest would go to waste

    def quota_returns(self, now: int) -> int:
        """When the day's quota is expected to have room again."""
        return max(self.day_began + DAY, now + 60_000)

    def forecast(self, pending: int, kind: MessageClass, now: int) -> int:
        """When ``pending`` mails are expected to be sent: at the present rate, and in as many days as the quota asks
        for."""
        seconds = pending / max(self.rate(kind, now), 0.001)
        room = self.room(kind)
        if pending <= room:
            return now + round(1000 * seconds)
        a_day = max(1.0, self.account.quota * _QUOTA_SHARE[kind])
        windows, rest = divmod(pending - max(0.0, room), a_day)
        last = round(1000 * rest / max(self.rate(kind, now), 0.001))
        return self.quota_returns(now) + round(windows * DAY) + last


@dataclass(frozen=True, slots=True)
class Turn:
    """A lease: its first slot begins in ``wait`` seconds, and each next one ``spacing`` seconds later."""

    wait: float
    spacing: float
    count: int


class Provider(Protocol):
    """Who knows the account."""

    def account(self) -> Account:
        """The account as it is now; raises `NotSent` when nobody answers."""
        ...


class Slots(Protocol):
    """The send rate and the day's quota, shared by all workers."""

    def take(self, need: int, want: int, kind: MessageClass) -> Turn:
        """Lease between ``need`` and ``want`` slots that follow each other; raises `NotSent` when none are in
        reach."""
        ...

    def slow_down(self) -> None:
        """Send more slowly for a while: the provider has refused a call for its rate."""
        ...

    def shut(self, until: int) -> None:
        """Lease nothing to anybody before a time (epoch milliseconds): the provider has paused the account."""
        ...

    def pace(self) -> Pace:
        """The shared state, the account read again when it is old; raises `NotSent` when nothing is known."""
        ...


def pace_of(slots: Slots) -> Pace | None:
    """The present pace; None where the provider does not tell."""
    try:
        return slots.pace()
    except NotSent:
        return None
