"""In-memory implementations of the ports, held to the same contract as the adapters (tests/adapters).

Each one has a ``down`` switch: while it is on, every method raises `Unavailable`, as a store that does not answer.
"""

from tests.fakes.asking import InMemoryAskings, RecordingInviter
from tests.fakes.campaigns import InMemoryCampaigns
from tests.fakes.credentials import InMemoryCredentials
from tests.fakes.limits import InMemoryLimiter
from tests.fakes.sending import InMemoryDoorbell, InMemoryEvidence, InMemorySlots, RecordingSender
from tests.fakes.subscribers import InMemorySubscribers
from tests.fakes.suppressions import InMemorySuppressions

__all__ = [
    "InMemoryAskings",
    "InMemoryCampaigns",
    "InMemoryCredentials",
    "InMemoryDoorbell",
    "InMemoryEvidence",
    "InMemoryLimiter",
    "InMemorySlots",
    "InMemorySubscribers",
    "InMemorySuppressions",
    "RecordingInviter",
    "RecordingSender",
]
