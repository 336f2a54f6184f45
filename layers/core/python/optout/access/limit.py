"""Rate limits and lockouts.

A window starts with its first request and ends a fixed time later; the next request starts a new one. So a caller
cannot use two windows around a full minute, and a refused caller knows to the second when to retry. A lockout is a
window of failures that refuses every request once it is full. Reaching the limit restarts the window, so the lockout
lasts its full length.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Protocol, Self, TypeAlias

DEFAULT = "default"  # the bucket of requests without one of their own
FAILURES = "failures"  # the bucket of a lockout
ANY = "*"  # in a credential's limits: all buckets that they do not name, and the lockout


@dataclass(frozen=True, slots=True)
class Count:
    """The count of a window, and its end (epoch milliseconds)."""

    used: int = 0
    ends: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """A limit of ``allowed`` requests or failures in ``seconds``."""

    seconds: int
    allowed: int

    def __post_init__(self) -> None:
        if self.seconds < 1 or self.allowed < 1:
            raise ValueError("a window needs at least one second and one request")

    def current(self, count: Count, now: int) -> Count:
        """The count, or an empty one if the window is over and a new one starts now."""
        return count if count.ends > now else Count(0, now + 1000 * self.seconds)

    def left(self, count: Count) -> int:
        return max(0, self.allowed - count.used)

    def wait(self, count: Count, now: int) -> int:
        """Milliseconds until the next request is allowed; 0 is at once."""
        return 0 if self.left(self.current(count, now)) else count.ends - now

    def spent(self, count: Count, now: int) -> Count:
        """The count with one more request."""
        current = self.current(count, now)
        return Count(current.used + 1, current.ends)

    def failed(self, count: Count, now: int) -> Count:
        """The count with one more failure. The one that reaches the limit restarts the window."""
        one_more = self.spent(count, now)
        return one_more if self.left(one_more) else Count(one_more.used, now + 1000 * self.seconds)


Windows: TypeAlias = tuple[Window, ...]
Counts: TypeAlias = Mapping[Window, Count]


@dataclass(frozen=True, slots=True)
class Spent:
    """The result of counting a request: the state of the tightest window (``reset`` in epoch milliseconds), and the
    seconds to wait; 0 if the request is allowed."""

    limit: int
    remaining: int
    reset: int
    retry_after: int = 0

    @classmethod
    def of(cls, counts: Counts, wait: int = 0) -> Self:
        """``wait`` is in milliseconds."""
        window, count = min(counts.items(), key=lambda counted: (counted[0].left(counted[1]), -counted[1].ends))
        return cls(window.allowed, window.left(count), count.ends, ceil(wait / 1000))


class Limiter(Protocol):
    """The stored counts. A subject is a hash, never a key or an address. The windows of a bucket differ in length."""

    def spend(self, subject: str, bucket: str, windows: Windows, lockout: Window | None = None) -> Spent:
        """Count one request in all windows, or in none if one of them or the lockout is full."""
        ...

    def fail(self, subject: str, lockout: Window) -> int:
        """Count one failure and return 0. If the subject is locked out, count nothing and return the seconds left.
        Return 1 if so many requests came at once that this one could not be counted."""
        ...

    def take_back(self, subject: str, lockout: Window, counted: int) -> None:
        """Take back one failure, counted at a time (epoch milliseconds), unless the window began later."""
        ...

    def locked(self, subject: str, lockout: Window) -> int:
        """The seconds for which the subject is still locked out; 0 if it is not."""
        ...


def _no_headers(_: Spent) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a dialect: requests by bucket, client errors by caller, bad keys and unknown links (``misses``) by
    source address; and the rate limit headers of its responses. Without windows nothing is counted and no store is
    read."""

    windows: Mapping[str, Windows] = field(default_factory=dict)
    errors: Window | None = None
    bad_keys: Window | None = None
    misses: Window | None = None
    headers: Callable[[Spent], Mapping[str, str]] = _no_headers

    def of(self, bucket: str, own: Mapping[str, Windows]) -> Windows:
        """The windows of a bucket, given the credential's own limits. An empty tuple switches them off."""
        return _chosen(bucket, own, self.windows.get(bucket, ()))

    def lockout(self, own: Mapping[str, Windows]) -> Window | None:
        """The lockout for client errors, given the credential's own limits; None if there is none."""
        return next(iter(_chosen(FAILURES, own, (self.errors,) if self.errors else ())), None)


def _chosen(bucket: str, own: Mapping[str, Windows], documented: Windows) -> Windows:
    """A credential's own limits change the numbers of a documented limit, and never add another one."""
    return own.get(bucket, own.get(ANY, documented)) if documented else ()


def network(ip: str) -> str:
    """The address that failures are counted for: an IPv4 address, or the /64 of an IPv6 address, which belongs to one
    customer."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    return str(IPv6Address(int(address) >> 64 << 64)) if isinstance(address, IPv6Address) else str(address)
