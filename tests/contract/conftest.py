"""The same stack as for the functions."""

import pytest

from tests.support.handlers.fixtures import aws, nothing_stored, stack

__all__ = ["aws", "nothing_stored", "stack"]


def pytest_itemcollected(item: pytest.Item) -> None:
    """An invocation without a metric is nothing to warn of."""
    item.add_marker(pytest.mark.filterwarnings("ignore:No application metrics to publish"))
