"""Rate limits and lockouts of one request, over counters in memory."""

from types import SimpleNamespace

import pytest

from optout import clock
from optout.access.credential import Credential
from optout.access.limit import DEFAULT, Limits, Window
from optout.errors import BadLogin, Throttled
from optout.web.throttle import Throttle
from optout.wiring import access, clients
from tests.support.engine import KEYED_HASH
from tests.support.fakes.limits import InMemoryLimiter

CALLER = Credential("hash", "acme", "native")
TWO_ERRORS = Limits(errors=Window(300, 2))
TWO_PASSWORDS = Limits(bad_keys=Window(300, 2))


@pytest.fixture(autouse=True)
def limiter(monkeypatch: pytest.MonkeyPatch) -> InMemoryLimiter:
    limiter = InMemoryLimiter(clock.now)
    monkeypatch.setattr(access, "limiter", lambda: limiter)
    monkeypatch.setattr(clients, "settings", lambda: SimpleNamespace(bad_keys=0))
    monkeypatch.setattr(clients, "keyed_hash", lambda: KEYED_HASH)
    return limiter


def respond(status: int) -> None:
    """One request of the caller, and the status of its response."""
    throttle = Throttle("native", TWO_ERRORS, DEFAULT, "192.0.2.7", "POST")
    throttle.count_request(CALLER)
    throttle.count_response(status)


@pytest.mark.parametrize("status", [200, 302, 399, 500, 503])
def test_a_response_that_is_not_the_callers_error_never_locks_it_out(status: int) -> None:
    for _ in range(5):
        respond(status)


@pytest.mark.parametrize("status", [400, 404, 422, 499])
def test_client_errors_lock_out_a_caller_without_rate_limits(status: int) -> None:
    respond(status)
    respond(status)
    with pytest.raises(Throttled) as caught:
        respond(status)
    assert caught.value.retry_after == 300


def login() -> Throttle:
    """A login whose password is about to be checked."""
    throttle = Throttle("native", TWO_PASSWORDS, DEFAULT, "192.0.2.7", "POST")
    throttle.count_login()
    return throttle


def test_of_many_passwords_at_once_no_more_are_checked_than_may_be_wrong() -> None:
    login()
    login()
    for _ in range(3):
        with pytest.raises(Throttled):
            login()


def test_a_login_that_was_not_wrong_is_taken_back() -> None:
    for _ in range(5):
        login().count_response(200)


def test_a_wrong_password_stays_counted_once() -> None:
    for _ in range(2):
        throttle = login()
        assert isinstance(throttle.map_error(BadLogin()), BadLogin)
        throttle.count_response(401)
    with pytest.raises(Throttled):
        login()


def test_a_refused_login_takes_nothing_back() -> None:
    login()
    login()
    refused = Throttle("native", TWO_PASSWORDS, DEFAULT, "192.0.2.7", "POST")
    with pytest.raises(Throttled):
        refused.count_login()
    refused.count_response(429)
    with pytest.raises(Throttled):
        login()


def test_a_wrong_password_that_could_not_be_counted_before_is_counted_afterwards(limiter: InMemoryLimiter) -> None:
    for _ in range(2):
        limiter.down = True
        throttle = login()
        limiter.down = False
        throttle.map_error(BadLogin())
        throttle.count_response(401)
    with pytest.raises(Throttled):
        login()
