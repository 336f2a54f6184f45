"""Where an adapter is tried: in memory (the fake), on moto, and on the real engine of the shared stack."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from botocore.config import Config
from moto import mock_aws

from local.engine.clients import session
from local.stack import Stack
from optout.access.credential import Credentials
from optout.campaigns.campaign import Campaigns
from optout.suppressions.suppression import Suppressions
from tests.support.engine import Tables, throw_away
from tests.support.fakes import InMemoryCampaigns, InMemoryCredentials, InMemorySubscribers, InMemorySuppressions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from optout.aws.subscribers.store import DynamoDBSubscribers


@dataclass(frozen=True)
class Stores:
    """The four ports in one place; ``revoke`` takes a key's hash."""

    suppressions: Suppressions
    subscribers: "InMemorySubscribers | DynamoDBSubscribers"
    campaigns: Campaigns
    credentials: Credentials
    revoke: Callable[[str], None]


def _client(endpoint: str | None = None) -> "DynamoDBClient":
    config = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 2}, max_pool_connections=60)
    return session().client("dynamodb", endpoint_url=endpoint, config=config)


def _engine(request: pytest.FixtureRequest) -> Iterator[Tables]:
    stack: Stack = request.getfixturevalue("stack")
    with throw_away(_client(stack.engine_url)) as tables:
        yield tables


def _moto() -> Iterator[Tables]:
    with mock_aws(), throw_away(_client()) as tables:
        yield tables


@pytest.fixture(params=["moto", "engine"])
def tables(request: pytest.FixtureRequest) -> Iterator[Tables]:
    """Fresh tables of template.yaml on moto, and on the real engine."""
    yield from _moto() if request.param == "moto" else _engine(request)


@pytest.fixture(params=["engine"])
def engine(request: pytest.FixtureRequest) -> Iterator[Tables]:
    """New tables on the real engine only: moto does not model concurrency."""
    yield from _engine(request)


@pytest.fixture(params=["fake", "moto", "engine"])
def anywhere(request: pytest.FixtureRequest) -> Iterator[Tables | None]:
    """Fresh tables on moto and on the real engine, and none at all for the fake."""
    if request.param == "fake":
        yield None
    else:
        yield from _moto() if request.param == "moto" else _engine(request)


@pytest.fixture(params=["fake", "moto", "engine"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """The ports, empty: in memory, on moto, on the real engine. All three keep one contract."""
    if request.param == "fake":
        credentials = InMemoryCredentials()
        yield Stores(
            InMemorySuppressions(), InMemorySubscribers(), InMemoryCampaigns(), credentials, credentials.revoke
        )
        return
    for found in _moto() if request.param == "moto" else _engine(request):
        yield Stores(found.suppressions(), found.subscribers(), found.campaigns(), found.credentials(), found.revoke)
