"""In-memory implementations of the ports, under the same contract tests as the adapters (tests/aws).

Each one has a ``down`` switch: while it is on, every method raises `Unavailable`, as a store that does not answer.
"""

from tests.support.fakes.campaigns import InMemoryCampaigns
from tests.support.fakes.confirmations import InMemoryConfirmationRequests, RecordingConfirmationSender
from tests.support.fakes.credentials import InMemoryCredentials
from tests.support.fakes.delivery import InMemoryEventStore, InMemoryQueue, InMemorySendLimiter, RecordingSender
from tests.support.fakes.limits import InMemoryLimiter
from tests.support.fakes.subscribers import InMemorySubscribers
from tests.support.fakes.suppressions import InMemorySuppressions

__all__ = [
    "InMemoryCampaigns",
    "InMemoryConfirmationRequests",
    "InMemoryCredentials",
    "InMemoryEventStore",
    "InMemoryLimiter",
    "InMemoryQueue",
    "InMemorySendLimiter",
    "InMemorySubscribers",
    "InMemorySuppressions",
    "RecordingConfirmationSender",
    "RecordingSender",
]
