"""The ramp: a campaign begins with a slice of its audience, the canary, and widens when the slice has gone well.

A slice is let out whole; when half of it has a fate, the provider's answers to it get a moment to arrive, and then the
next slice is let out. Nobody has to say yes: what went wrong stops the campaign by itself (`optout.breaker`).
"""

from dataclasses import dataclass, replace

CANARY = 1_000  # recipients
WAIT = 50_000  # milliseconds; the sweeper looks once a minute
_WIDER = 8
_MOST = 0.5  # of a slice: the rest is being sent meanwhile, so that a slow sender never waits


@dataclass(frozen=True, slots=True)
class Ramp:
    """``released`` of the audience may be mailed; ``ripe`` is when most of them had a fate (epoch milliseconds, 0 is
    not yet)."""

    released: int = CANARY
    ripe: int = 0

    def next(self, accounted: int, now: int, wait: int = WAIT) -> "Ramp | None":
        """The next step; None while there is none to take."""
        if accounted < self.released * _MOST:
            return None
        if not self.ripe:
            return replace(self, ripe=now)
        return Ramp(self.released * _WIDER) if now - self.ripe >= wait else None
