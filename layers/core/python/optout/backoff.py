"""Backoff after a lost conditional write: wait, then read again and decide again."""

from random import uniform

from optout import deadline

ATTEMPTS = 40  # enough for 50 concurrent writers of one address; see tests/flows
PAUSE = 0.02  # seconds, with exponential growth and jitter


def pause(attempt: int) -> None:
    """Wait before the next attempt, at most a second: longer after every failed attempt. Raises `Unavailable` if the
    deadline is nearer."""
    deadline.sleep(uniform(0, min(1.0, PAUSE * 2**attempt)))
