"""Few examples per property, so that the whole folder takes seconds; ``HYPOTHESIS_PROFILE=long`` takes many."""

import os

from hypothesis import settings

settings.register_profile("quick", max_examples=40, deadline=None)
settings.register_profile("long", max_examples=5000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
