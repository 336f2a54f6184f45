"""How much a caller may ask, and when failures lock it out.

A window begins with the first request that it counts and is over a fixed time later; the next request begins a new one.
So nobody gets twice as much around the full minute, and who is refused knows to the second when it goes on. A lockout
is a window that counts failures and refuses everything else once it is full: the last failure that it forgives makes it
last for its whole length from then on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Protocol, Self, TypeAlias

DEFAULT = "default"  # the bucket of requests that have none of their own
FAILURES = "failures"  # what a lockout counts
ANY = "*"  # in a credential's own limits: every bucket that it does not name, and the lockout


@dataclass(frozen=True, slots=True)
class Count:
    """What a window has counted, and when it is over (epoch milliseconds)."""

    used: int = 0
    ends: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """So many requests or failures in so many seconds."""

    seconds: int
    allowed: int

    def __post_init__(self) -> None:
        if self.seconds < 1 or self.allowed < 1:
            raise ValueError("a window is a second or longer and lets something through")

    def current(self, count: Count, now: int) -> Count:
        """The count, or the empty one of the window that would begin now."""
        return count if count.ends > now else Count(0, now + 1000 * self.seconds)

    def left(self, count: Count) -> int:
        return max(0, self.allowed - count.used)

    def wait(self, count: Count, now: int) -> int:
        """Milliseconds until one more is let through; 0 is at once."""
        return 0 if self.left(self.current(count, now)) else count.ends - now

    def spent(self, count: Count, now: int) -> Count:
        """The count with one more request."""
        current = self.current(count, now)
        return Count(current.used + 1, current.ends)

    def failed(self, count: Count, now: int) -> Count:
        """The count with one more failure; the last one prolongs it."""
        one_more = self.spent(count, now)
        return one_more if self.left(one_more) else Count(one_more.used, now + 1000 * self.seconds)


Windows: TypeAlias = tuple[Window, ...]
Counts: TypeAlias = Mapping[Window, Count]


@dataclass(frozen=True, slots=True)
class Spent:
    """What became of a request: what the tightest window says (``reset`` in epoch milliseconds), and in how many
    seconds to come back; 0 when it was let through."""

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
    """Counts as they are stored. A subject is a name that may stand in a database: a hash, never a key or an address.

    Windows of one bucket differ in length.
    """

    def spend(self, subject: str, bucket: str, windows: Windows, lockout: Window | None = None) -> Spent:
        """Count one request in all windows or, when one of them or the lockout is full, in none."""
        ...

    def fail(self, subject: str, lockout: Window) -> int:
        """Count one failure; the seconds for which the subject was locked out before it, when nothing is counted."""
        ...

    def locked(self, subject: str, lockout: Window) -> int:
        """The seconds for which the subject is locked out; 0 when it is not."""
        ...


def _no_headers(_: Spent) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a dialect counts: requests by bucket, client errors by caller, bad keys by source address; and the headers
    in which it says so. Where there are no windows nothing is counted, and no store is asked."""

    windows: Mapping[str, Windows] = field(default_factory=dict)
    errors: Window | None = None
    bad_keys: Window | None = None
    headers: Callable[[Spent], Mapping[str, str]] = _no_headers

    def of(self, bucket: str, own: Mapping[str, Windows]) -> Windows:
        """The windows of a bucket for a caller with limits of its own; an empty tuple switches them off."""
        return _chosen(bucket, own, self.windows.get(bucket, ()))

    def lockout(self, own: Mapping[str, Windows]) -> Window | None:
        """How many client errors such a caller is forgiven; None is any number."""
        return next(iter(_chosen(FAILURES, own, (self.errors,) if self.errors else ())), None)


def _chosen(bucket: str, own: Mapping[str, Windows], documented: Windows) -> Windows:
    """A caller's own limits change the numbers, not what is counted."""
    return own.get(bucket, own.get(ANY, documented)) if documented else ()


def network(ip: str) -> str:
    """Whose address it is: itself, or for IPv6 the /64 that one customer has all to themselves."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    return str(IPv6Address(int(address) >> 64 << 64)) if isinstance(address, IPv6Address) else str(address)
