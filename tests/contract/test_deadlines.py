"""One deadline per request: whichever call to AWS is the first that hangs, the answer is sent before Lambda kills the
function. The clock stands still but for calls and pauses: a call that hangs takes as long as it may."""

from collections.abc import Callable
from typing import Any

import botocore.endpoint
import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.retries.quota import RetryQuota
from moto.core.botocore_stubber import BotocoreStubber

from optout import deadline
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import ENDPOINTS, Answer, Context, dialect_of, invoke, load
from tests.support.template import timeout

# These call nothing: the gateway's own pages, and the page of the mailer's link.
CALLING = [name for name in ENDPOINTS if dialect_of(name) != "gateway" and name != "links.mailer"]
_MOST = 30  # calls that an endpoint makes with its own event


class Hanging:
    """AWS whose calls hang if ``hangs`` says so of their number and URL, and otherwise take ``slow`` seconds; `passed`
    is the time in seconds."""

    def __init__(self, answer: Callable[..., Any], hangs: Callable[[int, str], bool], slow: float) -> None:
        self.calls, self.hung, self.passed = 0, 0, 0.0
        self._answer, self._hangs, self._slow = answer, hangs, slow

    def call(self, stubber: Any, **sent: Any) -> Any:
        self.calls += 1
        if not self._hangs(self.calls, sent["request"].url):
            self.passed += self._slow
            return self._answer(stubber, **sent)
        self.hung += 1
        self.passed += deadline.CONNECT + deadline.READ
        raise ReadTimeoutError(endpoint_url=sent["request"].url)

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds


Hang = Callable[..., Hanging]


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Hang:
    """The tests share one client, which after many timeouts would try nothing again; here it does."""
    answer = BotocoreStubber.__call__
    monkeypatch.setattr(RetryQuota, "acquire", lambda *_: True)

    def made(hangs: Callable[[int, str], bool], slow: float = 0) -> Hanging:
        hanging = Hanging(answer, hangs, slow)
        monkeypatch.setattr(BotocoreStubber, "__call__", lambda stubber, **sent: hanging.call(stubber, **sent))
        for module in (deadline, botocore.endpoint):
            monkeypatch.setattr(module, "time", hanging)
        return hanging

    return made


def _answer(function: str, seconds: float) -> Answer:
    context = Context(milliseconds_left=int(1000 * seconds))
    return Answer.of(invoke(function, load(function), context))


@pytest.mark.parametrize("function", CALLING)
def test_the_answer_is_sent_in_time_whichever_call_is_the_first_to_hang(function: str, hang: Hang, aws: AWS) -> None:
    for first in range(1, _MOST):
        hanging = hang(lambda call, _, first=first: call >= first)
        answer = _answer(function, timeout(function))
        assert hanging.passed <= timeout(function) - deadline.ANSWER
        if not hanging.hung:
            break
        assert answer.status in (503, ENDPOINTS[function])
        assert (answer.status == 503) == ("retry-after" in answer.headers)
        aws.reset()
    assert 1 < first < _MOST - 1


@pytest.mark.parametrize("function", CALLING)
def test_the_answer_is_sent_in_time_though_every_call_is_slow(function: str, hang: Hang, aws: AWS) -> None:
    slow = hang(lambda *_: False, slow=deadline.READ)
    assert _answer(function, timeout(function)).status in (503, ENDPOINTS[function])
    assert slow.passed <= timeout(function) - deadline.ANSWER


@pytest.mark.parametrize("function", CALLING)
def test_a_call_that_hangs_once_is_tried_again(function: str, hang: Hang, aws: AWS) -> None:
    hanging = hang(lambda call, _: call == 1)
    assert (_answer(function, timeout(function)).status, hanging.hung) == (ENDPOINTS[function], 1)


@pytest.mark.parametrize("function", ["rocketchat.send", "native.campaigns.trial"])
def test_a_campaign_whose_queue_hangs_is_cancelled_before_the_answer(function: str, hang: Hang, aws: AWS) -> None:
    """With so little time, a call to the queue that used all attempts would leave none for the cancel."""
    known = {item["pk"]["S"] for item in aws.items("CampaignsTable")}
    hanging = hang(lambda _, url: "sqs" in url)
    assert (_answer(function, 12).status, bool(hanging.hung)) == (503, True)
    hang(lambda *_: False)
    states = [
        item["state"]["S"]
        for item in aws.items("CampaignsTable")
        if item["sk"] == {"S": "campaign"} and item["pk"]["S"] not in known
    ]
    assert states == ["cancelled"]
