"""The ramp: a campaign starts with a slice of its audience, the canary, and widens step by step.

A slice is released whole. When half of it has a status, bounces and complaints get some time to arrive, and then the
next slice is released. No approval is needed: the breaker stops a campaign by itself (`optout.delivery.breaker`).
"""

from dataclasses import dataclass, replace

CANARY = 1_000  # recipients
WAIT = 50_000  # milliseconds; the sweeper runs once a minute
_WIDER = 8
_MOST = 0.5  # of a slice; the rest is sent meanwhile, so that a slow sender never waits


@dataclass(frozen=True, slots=True)
class Ramp:
    """``released`` recipients may be mailed; ``ripe`` is when half of them had a status (epoch milliseconds; 0: not
    yet)."""

    released: int = CANARY
    ripe: int = 0

    def next(self, accounted: int, now: int, wait: int = WAIT) -> "Ramp | None":
        """The next step; None while there is none."""
        if accounted < self.released * _MOST:
            return None
        if not self.ripe:
            return replace(self, ripe=now)
        return Ramp(self.released * _WIDER) if now - self.ripe >= wait else None
