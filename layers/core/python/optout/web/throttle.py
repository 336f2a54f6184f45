"""Rate limits and lockouts of one request: counted after authentication and before the body is read, and again by the
response status.

Counting fails open: if the counters are unavailable, the request continues uncounted, so that rate limiting cannot
take the API down. Authentication itself never fails open.

A lockout of a source address only affects unauthenticated callers: a wrong key is answered with 429 instead of 401,
and passwords are not checked. Valid keys and links keep working, because one broken client must not lock out a whole
office, and email providers follow many people's links from one address.

A password is counted before it is checked, or any number could be tried at once. A key and a link are counted
afterwards: neither can be guessed, and their count only decides between two refusals.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from optout import clock
from optout.access.credential import Credential
from optout.access.limit import Limits, Spent, Window, network
from optout.errors import BadLogin, BadToken, OptoutError, Throttled, Unauthenticated, Unavailable
from optout.runtime.observability import logger, metrics
from optout.wiring import access, clients

_CHANGING = {"POST", "PUT", "PATCH"}
_NOT_A_CLIENT_ERROR = {401, 403, 429}
T = TypeVar("T")


class Throttle:
    """One request; ``via`` is the dialect, which counts its own unauthenticated callers."""

    def __init__(self, via: str, limits: Limits, bucket: str, ip: str, method: str) -> None:
        self.via = via
        self.limits = limits
        self.bucket = bucket
        self.ip = ip
        self.method = method
        self._known: Credential | None = None
        self._spent: Spent | None = None
        self._tried_at = 0  # when this login was counted as a failure, in epoch milliseconds

    def count_request(self, credential: Credential) -> None:
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

    def count_login(self) -> None:
        """Before a password is checked: count it as wrong; raises `Throttled` after too many. `count_response` takes it
        back, unless it was wrong."""
        bad_keys = self._bad_keys()
        if bad_keys:
            locked = _or_open(lambda: access.limiter().fail(self._source(), bad_keys), None)
            _refuse(locked or 0)
            self._tried_at = 0 if locked is None else clock.now()

    def map_error(self, error: OptoutError) -> OptoutError:
        """The error to answer: a wrong key and an unknown link count against their source address, and become
        `Throttled` at the limit. A wrong password has been counted already."""
        window = None
        if isinstance(error, BadLogin) and self._tried_at:
            self._tried_at = 0
        elif isinstance(error, Unauthenticated):
            window = self._bad_keys()
        elif isinstance(error, BadToken):
            window = self.limits.misses
        if window is None:
            return error
        locked = _or_open(lambda: access.limiter().fail(self._source(), window), 0)
        return _throttled(locked) if locked else error

    def count_response(self, status: int) -> Mapping[str, str]:
        """Count a client error, take back a login that was not wrong; the rate limit headers of the response."""
        bad_keys, tried = self._bad_keys(), self._tried_at
        if bad_keys and tried:
            _or_open(lambda: access.limiter().take_back(self._source(), bad_keys, tried), None)
        caller = self._known
        lockout = self.limits.lockout(caller.limits) if caller else None
        at_fault = 400 <= status < 500 and status not in _NOT_A_CLIENT_ERROR
        if caller and lockout and at_fault and self.method in _CHANGING:
            _or_open(lambda: access.limiter().fail(_caller(caller), lockout), 0)
        return self.limits.headers(self._spent) if self._spent else {}

    def _bad_keys(self) -> Window | None:
        """The dialect's own limit, or the stack's override."""
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
