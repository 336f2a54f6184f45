"""Several who write the same at once: who loses waits a little, reads again and decides again."""

import time
from random import uniform

ATTEMPTS = 40  # 50 writers of one address at once all get through; see tests/flows
PAUSE = 0.02  # seconds, grown and jittered


def pause(attempt: int) -> None:
    """Wait before a use case tries again what it lost, the longer the more often it has lost."""
    time.sleep(uniform(0, min(1.0, PAUSE * 2**attempt)))
