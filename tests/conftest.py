"""The stack that the tests on the engine share, and how many examples a property gets."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from local.settings import ENGINE_PYTHON
from local.stack import Stack

# `./dev test --quick` takes quick, CI takes usual, and whoever doubts takes long: ``HYPOTHESIS_PROFILE=long``.
for profile, examples in {"quick": 10, "usual": 40, "long": 5000}.items():
    settings.register_profile(profile, max_examples=examples, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole product, deployed from template.yaml."""
    if not ENGINE_PYTHON.exists():
        pytest.skip("no engine: ./dev test makes it")
    with Stack(parameters={"SiteName": "The Weekly"}) as running:
        yield running


def pytest_collection_finish() -> None:
    """Modules and tests stay until the end: the collector need not walk them thousands of times."""
    gc.collect()
    gc.freeze()
