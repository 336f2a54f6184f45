"""One request as it is counted: once it is known who asks and before the body is read, and again by its answer.

Counting fails open: when the counts do not answer, the request goes on uncounted, for a limit is a courtesy among
callers that are known, and must not take the API down with it. Who is not known stays out whatever happens here.

A lockout of a source address is about who is not known: a wrong key from there is 429 in place of 401, and nobody may
try a password. A key that is known goes on working, for one broken client must not silence a whole office, and no
good request pays for a look at its source.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from optout.access.credential import Credential
from optout.access.limit import Limits, Spent, Window, network
from optout.errors import OptoutError, Throttled, Unauthenticated, Unavailable
from optout.runtime.observability import logger, metrics
from optout.wiring import access, clients

_CHANGING = {"POST", "PUT", "PATCH"}
_NOT_THE_BODY_S_FAULT = {401, 403, 429}
T = TypeVar("T")


class Visit:
    """One request of one caller; ``via`` is the dialect, which counts its own strangers."""

    def __init__(self, via: str, limits: Limits, bucket: str, ip: str, method: str) -> None:
        self.via = via
        self.limits = limits
        self.bucket = bucket
        self.ip = ip
        self.method = method
        self._known: Credential | None = None
        self._spent: Spent | None = None

    def enter(self, credential: Credential) -> None:
        """Count the request; raises `Throttled`."""
        windows = self.limits.of(self.bucket, credential.limits)
        lockout = self.limits.lockout(credential.limits)
        self._known = credential
        if windows:
            self._spent = _or_open(
                lambda: access.limiter().spend(_caller(credential), self.bucket, windows, lockout), None
            )
            _refuse(self._spent.retry_after if self._spent else 0)
        elif lockout:
            _refuse(_or_open(lambda: access.limiter().locked(_caller(credential), lockout), 0))

    def knock(self) -> None:
        """Before a password is looked at; raises `Throttled` when too many were wrong."""
        bad_keys = self._bad_keys()
        if bad_keys:
            _refuse(_or_open(lambda: access.limiter().locked(self._source(), bad_keys), 0))

    def judge(self, error: OptoutError) -> OptoutError:
        """What to say of an error: a bad key counts against its source address, up to a point."""
        bad_keys = self._bad_keys()
        if not isinstance(error, Unauthenticated) or not bad_keys:
            return error
        locked = _or_open(lambda: access.limiter().fail(self._source(), bad_keys), 0)
        return _throttled(locked) if locked else error

    def leave(self, status: int) -> Mapping[str, str]:
        """Count the answer, if it is the caller's mistake; the headers that tell what is left."""
        caller = self._known
        lockout = self.limits.lockout(caller.limits) if caller else None
        at_fault = 400 <= status < 500 and status not in _NOT_THE_BODY_S_FAULT
        if caller and lockout and at_fault and self.method in _CHANGING:
            _or_open(lambda: access.limiter().fail(_caller(caller), lockout), 0)
        return self.limits.headers(self._spent) if self._spent else {}

    def _bad_keys(self) -> Window | None:
        """As the dialect documents it, or as the stack is told."""
        documented, told = self.limits.bad_keys, clients.settings().bad_keys
        return replace(documented, allowed=told) if documented and told else documented

    def _source(self) -> str:
        return f"source#{self.via}#{clients.keyed_hash()(network(self.ip))}"


def _caller(credential: Credential) -> str:
    return f"caller#{credential.holder}"


def _refuse(seconds: int) -> None:
    if seconds:
        raise _throttled(seconds)


def _throttled(seconds: int) -> Throttled:
    metrics.add_metric(name="RequestThrottled", unit="Count", value=1)
    return Throttled(seconds)


def _or_open(ask: Callable[[], T], otherwise: T) -> T:
    try:
        return ask()
    except Unavailable:
        logger.warning("nothing was counted")
        metrics.add_metric(name="LimiterFailed", unit="Count", value=1)
        return otherwise
