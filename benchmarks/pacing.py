"""Target 13: the share of the provider's rate that sixteen workers use together, without ever exceeding it."""

import threading
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import httpx

from benchmarks.campaign import PEOPLE, SECONDS_LEFT, Campaigns, faults
from benchmarks.figure import Figure
from local.ses.accepted import accepted
from local.stack import Stack
from optout.campaigns.campaign import State
from optout.delivery.deliver import Delivery
from optout.wiring.campaigns import campaigns as wired_campaigns
from optout.wiring.delivery import sender
from optout.wiring.provider import send_limiter
from optout.wiring.suppressions import suppressions

_BAR = 13
_RATE = 100  # emails per second
_WORKERS = 16


def measure(campaigns: Campaigns, say: Callable[[str], None]) -> Iterator[Figure]:
    """A campaign under a strict limit without bursts, measured by the provider's record of accepted calls."""
    stack = campaigns.running.stack
    with _granted(stack), faults(stack):
        number, walk = campaigns.begin()
        chunks = deque((0.0, chunk) for chunk in walk)
        say(f"· {_WORKERS} workers at {_RATE} emails per second")
        deliveries = [_delivery() for _ in range(_WORKERS)]  # before the start, as a container creates its clients
        workers = [threading.Thread(target=_work, args=(one, number, chunks)) for one in deliveries]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    calls = sorted(row["monotonic"] for row in accepted(stack.ses_url, cid=str(number)))
    # The rate is measured between the first and the last call, so the messages of the last call do not count.
    used = bisect_left(calls, calls[-1] - 0.01) / (calls[-1] - calls[0]) / _RATE
    yield Figure(_BAR, "rate used by 16 workers", f"{used:.1%} of {_RATE} a second", ">= 95 %", used >= 0.95)
    most = max(bisect_left(calls, at + 1) - first for first, at in enumerate(calls))
    found = f"{most} emails; the longest pause was {max(b - a for a, b in pairwise(calls)):.2f} s"
    yield Figure(_BAR, "the most in any second", found, f"<= {_RATE} and 1 %", most <= 1.01 * _RATE)
    if len(calls) != PEOPLE:
        raise RuntimeError(f"{len(calls)} of {PEOPLE} were sent")


def _delivery() -> Delivery:
    """The delivery of one container, with its own slots."""
    return Delivery(wired_campaigns(), suppressions(), send_limiter.__wrapped__(), sender())


def _work(delivery: Delivery, number: int, chunks: "deque[tuple[float, int]]") -> None:
    """Process queue messages as `jobs.deliver` does."""
    while not _is_finished(number):
        try:
            due, chunk = chunks.popleft()
        except IndexError:
            time.sleep(0.1)
            continue
        if due > time.monotonic():
            chunks.append((due, chunk))
            time.sleep(0.05)
            continue
        report = delivery.deliver(number, chunk, lambda: SECONDS_LEFT)
        if report.retry_in is not None:
            chunks.append((time.monotonic() + report.retry_in, chunk))


def _is_finished(number: int) -> bool:
    campaign = wired_campaigns().get(number)
    return campaign is None or campaign.state is State.FINISHED


@contextmanager
def _granted(stack: Stack) -> Iterator[None]:
    """Limit the provider's rate without bursts, and drop the stored rate."""
    url = f"{stack.ses_url}/_local/settings"
    before = httpx.get(url, trust_env=False).raise_for_status().json()
    try:
        httpx.put(url, json={"rate": float(_RATE), "burst": 0}, trust_env=False).raise_for_status()
        _forget(stack)
        yield
    finally:
        httpx.put(url, json=before, trust_env=False).raise_for_status()
        _forget(stack)


def _forget(stack: Stack) -> None:
    key = {"pk": {"S": "send_rate"}, "sk": {"S": "send_rate"}}
    stack.client("dynamodb").delete_item(TableName=stack.resources["CampaignsTable"], Key=key)
