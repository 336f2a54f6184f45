"""A stack deployed from the sample template, while the environment has AWS settings of the user."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from local.stack import Stack
from tests.support.patience import PATIENCE

SAMPLE = Path(__file__).with_name("sample")
USERS_SETTINGS = {
    "AWS_PROFILE": "no-such-profile",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "users-key",
    "AWS_DEFAULT_REGION": "eu-north-1",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "PYTHONPATH": "/users/modules",
}


@pytest.fixture(scope="session")
def sample() -> Iterator[Stack]:
    """The user's settings are set while the stack starts, and removed before the tests."""
    with ExitStack() as opened:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in USERS_SETTINGS.items():
                patch.setenv(name, value)
            stack = opened.enter_context(Stack(template=SAMPLE / "template.yaml", seeded=False))
        yield stack


@pytest.fixture
def http(sample: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sample.url, trust_env=False, timeout=PATIENCE) as client:
        yield client


@pytest.fixture
def one_function() -> Path:
    return SAMPLE / "one.yaml"
