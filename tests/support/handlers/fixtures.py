"""The fixtures of every test that calls handlers; a conftest imports them."""

from collections.abc import Iterator

import pytest

from tests.support.handlers.aws import AWS, running


@pytest.fixture(scope="module")
def stack() -> Iterator[AWS]:
    with running() as made:
        yield made


@pytest.fixture(autouse=True)
def aws(stack: AWS) -> Iterator[AWS]:
    """The stack as the examples left it."""
    yield stack
    stack.reset()


@pytest.fixture
def nothing_stored(stack: AWS) -> Iterator[None]:
    """Fails when the test changed a table or a queue."""
    before = stack.contents()
    yield
    assert stack.contents() == before
