"""Target 9: a call that SES has accepted is never repeated when its response is lost."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, repeat
from typing import Any

from benchmarks.campaign import SECONDS_LEFT, Campaigns, faults
from benchmarks.figure import Figure
from local.ses.accepted import accepted
from optout.campaigns.transitions import cancel
from optout.wiring.campaigns import campaigns as wired_campaigns
from optout.wiring.delivery import delivery

_TIMEOUT = 10  # seconds that the product waits for an answer
_LOST: Mapping[str, Mapping[str, Any]] = {
    "the connection closes": {"fault": "close_after"},
    "nothing comes": {"fault": "hang_after", "seconds": _TIMEOUT + 1},
    "500": {"fault": "error_after", "status": 500},
    "503": {"fault": "error_after", "status": 503},
}


def measure(campaigns: Campaigns) -> Iterator[Figure]:
    """The calls per block that SES has recorded: while every response is lost, and after the queue message was
    delivered again."""
    campaigns.say("· answers of SES that are lost")
    for name, fault in _LOST.items():
        number, walk = campaigns.begin()
        chunk = next(walk)
        # A hang lasts as long as the client's timeout, so the run has time for one block only.
        looks = chain([SECONDS_LEFT], repeat(0.0)) if "seconds" in fault else repeat(SECONDS_LEFT)
        with faults(campaigns.running.stack, {**fault, "operations": ["SendBulkEmail"], "probability": 1}):
            doubtful = _deliver(number, chunk, lambda looks=looks: next(looks))  # type: ignore[misc]
            lost = _posts(campaigns, number)
        with faults(campaigns.running.stack):
            _deliver(number, chunk, lambda: SECONDS_LEFT)
        again = _posts(campaigns, number)
        cancel(wired_campaigns(), number)
        most, later = (max(posts.values(), default=0) for posts in (lost, again))
        found = f"POSTs a block: {most}, {later} when the message comes again; {doubtful} in doubt"
        once = len(lost) == doubtful > 0 and {*lost.values(), *again.values()} == {1}
        yield Figure(9, f"answer lost: {name}", found, "1 POST a block", once)


def _deliver(number: int, chunk: int, seconds_left: Callable[[], float]) -> int:
    """The number of blocks in doubt."""
    return delivery().deliver(number, chunk, seconds_left).doubtful


def _posts(campaigns: Campaigns, number: int) -> Mapping[str, int]:
    """The number of calls that SES has accepted, by block."""
    calls: defaultdict[str, set[int]] = defaultdict(set)
    for row in accepted(campaigns.running.stack.ses_url, cid=str(number)):
        calls[row["tags"]["blk"]].add(row["call"])
    return {block: len(made) for block, made in calls.items()}
