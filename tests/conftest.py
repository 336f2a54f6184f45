"""The stack that every test shares which needs a real engine: started when the first one asks for it."""

from collections.abc import Iterator

import pytest

from local.settings import ENGINE_PYTHON
from local.stack import Stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole product, deployed from template.yaml."""
    if not ENGINE_PYTHON.exists():
        pytest.skip("no engine: ./dev test makes it")
    with Stack(parameters={"SiteName": "The Weekly"}) as running:
        yield running
