"""One stack for all stories; each story brings its own people."""

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.stack import Stack
from tests.flows.story import Story
from tests.support.patience import PATIENCE
from tools.stores import Stores

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def http(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, timeout=PATIENCE, trust_env=False) as client:
        yield client


@pytest.fixture
def story(stack: Stack, http: httpx.Client) -> Story:
    """A story about its own address: nobody else's test touches it."""
    return Story(stack, Stores(stack), http, f"person{next(_numbers)}@example.org")


@pytest.fixture
def elsewhere(stack: Stack, http: httpx.Client, story: Story) -> Story:
    """The same address, seen by another workspace."""
    credentials: dict[str, Any] = {**stack.credentials, **stack.credentials["other_workspace"]}
    return Story(stack, Stores(stack), http, story.email, credentials)
