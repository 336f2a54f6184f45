"""The application's stores, opened from outside its functions, on a local stack or on AWS."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Protocol

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from optout.aws.access.credentials import DynamoDBCredentials
from optout.aws.campaigns.store import DynamoDBCampaigns
from optout.aws.keyed_hash import KeyedHash
from optout.aws.secrets import Secrets
from optout.aws.subscribers.store import DynamoDBSubscribers
from optout.aws.suppressions.store import DynamoDBSuppressions


class Deployed(Protocol):
    """A deployed stack: boto3 clients for its services, and its physical resource ids by logical id."""

    @property
    def resources(self) -> Mapping[str, str]: ...

    def client(self, service: str) -> Any: ...


class Stores:
    """The stores of one stack."""

    def __init__(self, stack: Deployed) -> None:
        self._stack = stack
        self._client = stack.client("dynamodb")
        self._hash = KeyedHash(lambda: self._secrets.key(stack.resources["AddressPepper"]))

    @cached_property
    def _secrets(self) -> Secrets:
        return Secrets(SecretsProvider(boto3_client=self._stack.client("secretsmanager")))

    @cached_property
    def suppressions(self) -> DynamoDBSuppressions:
        return DynamoDBSuppressions(self._client, self._table("SuppressionsTable"), self._hash)

    @cached_property
    def subscribers(self) -> DynamoDBSubscribers:
        return DynamoDBSubscribers(self._client, self._table("SubscribersTable"), self._hash)

    @cached_property
    def campaigns(self) -> DynamoDBCampaigns:
        return DynamoDBCampaigns(self._client, self._table("CampaignsTable"), self._hash)

    @cached_property
    def credentials(self) -> DynamoDBCredentials:
        return DynamoDBCredentials(self._client, self._table("CredentialsTable"))

    def _table(self, logical_id: str) -> str:
        return self._stack.resources[logical_id]
