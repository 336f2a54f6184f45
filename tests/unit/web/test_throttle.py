"""Rate limits and lockouts of one request, over counters in memory."""

import pytest

from optout.access.credential import Credential
from optout.access.limit import DEFAULT, Limits, Window
from optout.errors import Throttled
from optout.web.throttle import Throttle
from optout.wiring import access
from tests.support.fakes.limits import InMemoryLimiter

CALLER = Credential("hash", "acme", "native")
TWO_ERRORS = Limits(errors=Window(300, 2))


@pytest.fixture(autouse=True)
def _counters(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = InMemoryLimiter(lambda: 1_000)
    monkeypatch.setattr(access, "limiter", lambda: limiter)


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
