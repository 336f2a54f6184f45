"""The send rate that the provider grants, shared by all workers.

Workers lease the rate slot by slot and the daily quota email by email. After a throttling answer all workers slow down
at once, and the rate recovers by itself. Transactional email has a share that marketing email cannot use up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from optout.errors import NotSent
from optout.provider.refusal import NO_SLOT, QUOTA_SPENT
from optout.scope import MessageClass

DAY = 24 * 3600 * 1000  # milliseconds
HORIZON = 5_000  # milliseconds that a worker waits for a slot; a later slot is left to another run

# Shares of the rate and of the daily quota. Marketing's share leaves room for inexact clocks and networks.
SHARE = {MessageClass.MARKETING: 0.97, MessageClass.TRANSACTIONAL: 0.03}
_QUOTA_SHARE = {MessageClass.MARKETING: 0.97, MessageClass.TRANSACTIONAL: 1.0}

_LEASED_AT_ONCE = 2.0  # seconds' worth of slots
_THROTTLED = 0.97  # the backoff factor is multiplied by this for each second with a throttling answer,
_SLOWEST = 0.1  # but never falls below this,
_RECOVERY = 0.01  # and regains this much each second


@dataclass(frozen=True, slots=True)
class Account:
    """The limits that the provider reports: emails per second, emails per day (negative: unlimited), and emails sent in
    the last 24 hours. ``plan`` is SES's name of the pricing plan ("" when it is not told)."""

    rate: float
    quota: float
    sent: float
    enabled: bool = True
    plan: str = ""


@dataclass(frozen=True, slots=True)
class SendRate:
    """The shared state; times in epoch milliseconds. ``leased`` counts the slots since the account was read,
    ``day_began`` is the start of the present quota window, ``next_slot`` is when the next free slot of each pool
    begins."""

    account: Account
    read_at: int
    leased: int = 0
    day_began: int = 0
    factor: float = 1.0
    slowed_at: int = 0
    paused_until: int = 0
    next_slot: Mapping[MessageClass, int] = field(default_factory=dict)

    def backoff_factor(self, now: int) -> float:
        """The present rate as a share of the full rate, 0 to 1."""
        return min(1.0, self.factor + _RECOVERY * max(0, now - self.slowed_at) / 1000)

    def factor_after_throttle(self, now: int) -> float:
        """The backoff factor after one more throttling answer."""
        return max(_SLOWEST, self.backoff_factor(now) * _THROTTLED)

    def rate(self, kind: MessageClass, now: int) -> float:
        """Emails per second for one class."""
        return self.account.rate * SHARE[kind] * self.backoff_factor(now)

    def remaining_quota(self, kind: MessageClass) -> float:
        """Emails that one class may still send today."""
        if self.account.quota < 0:
            return float("inf")
        return self.account.quota * _QUOTA_SHARE[kind] - self.account.sent - self.leased

    def pool(self, kind: MessageClass) -> MessageClass:
        """Which pool to lease from. Transactional email may use the marketing pool if that one is free earlier."""
        own, other = self.next_slot.get(kind, 0), self.next_slot.get(MessageClass.MARKETING, 0)
        return kind if own < other else MessageClass.MARKETING

    def batch_size(self, kind: MessageClass, need: int, want: int, now: int) -> int:
        """How many slots to lease at once, at least ``need``; raises `NotSent` when that many are not available."""
        if not self.account.enabled or now < self.paused_until:
            raise NotSent("SendingPausedException")
        if self.remaining_quota(kind) < need:
            raise NotSent(QUOTA_SPENT)
        pool = self.pool(kind)
        wait = self.next_slot.get(pool, 0) - now
        if wait > HORIZON:
            raise NotSent(NO_SLOT, wait=wait / 1000)
        if wait > 0:  # other workers are waiting too: a large lease could not be used in time
            return need
        most = int(min(self.remaining_quota(kind), _LEASED_AT_ONCE * self.rate(pool, now)))
        return want if want <= most else max(need, most - most % need)  # whole blocks: a rest would be wasted

    def quota_returns(self, now: int) -> int:
        """When the daily quota is expected to be available again."""
        return max(self.day_began + DAY, now + 60_000)

    def forecast(self, pending: int, kind: MessageClass, now: int) -> int:
        """When ``pending`` emails are expected to be sent, at the present rate and within the daily quota."""
        seconds = pending / max(self.rate(kind, now), 0.001)
        remaining = self.remaining_quota(kind)
        if pending <= remaining:
            return now + round(1000 * seconds)
        per_day = max(1.0, self.account.quota * _QUOTA_SHARE[kind])
        windows, rest = divmod(pending - max(0.0, remaining), per_day)
        last = round(1000 * rest / max(self.rate(kind, now), 0.001))
        return self.quota_returns(now) + round(windows * DAY) + last


@dataclass(frozen=True, slots=True)
class Lease:
    """Leased slots: the first begins in ``wait`` seconds, each next one ``spacing`` seconds later."""

    wait: float
    spacing: float
    count: int


class Provider(Protocol):
    """The provider's account."""

    def account(self) -> Account:
        """The account as it is now; raises `NotSent` when the provider does not answer."""
        ...


class SendLimiter(Protocol):
    """The send rate and daily quota, shared by all workers."""

    def lease(self, need: int, want: int, kind: MessageClass) -> Lease:
        """Lease between ``need`` and ``want`` consecutive slots; raises `NotSent` when none is available soon."""
        ...

    def slow_down(self) -> None:
        """Reduce the rate for a while, after the provider throttled a call."""
        ...

    def pause(self, until: int) -> None:
        """Lease nothing to any worker until a time (epoch milliseconds), after the provider paused the account."""
        ...

    def send_rate(self) -> SendRate:
        """The shared state, with an account that is read again when it is old; raises `NotSent` when none is known."""
        ...


def send_rate_of(send_limiter: SendLimiter) -> SendRate | None:
    """The present send rate; None when the provider does not report it."""
    try:
        return send_limiter.send_rate()
    except NotSent:
        return None
