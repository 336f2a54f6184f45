"""How many examples a property of a whole grammar gets: 500 in CI, 5,000 with ``HYPOTHESIS_PROFILE=long``."""

from hypothesis import settings

GRAMMAR = settings(max_examples=min(5_000, settings().max_examples * 25 // 2))
