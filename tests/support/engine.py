"""The tables of template.yaml, made for a test and deleted after it."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from optout.aws.access.credentials import DynamoDBCredentials
from optout.aws.access.limits import DynamoDBLimiter
from optout.aws.campaigns.store import DynamoDBCampaigns
from optout.aws.delivery.event_store import DynamoDBEventStore
from optout.aws.keyed_hash import KeyedHash
from optout.aws.provider.send_limiter import DynamoDBSendLimiter
from optout.aws.subscribers.store import DynamoDBSubscribers
from optout.aws.suppressions.store import DynamoDBSuppressions
from optout.provider.send_rate import Provider
from tools.paths import TEMPLATE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TAKEN_OVER = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
KEYED_HASH = KeyedHash(lambda: b"a pepper for tests")


class _Template(yaml.SafeLoader):
    """YAML with CloudFormation's short functions, whose results do not matter here."""


_Template.add_multi_constructor("!", lambda loader, suffix, node: suffix)


@cache
def definitions() -> dict[str, dict[str, Any]]:
    """The properties of each table in template.yaml, by its logical id."""
    resources = yaml.load(TEMPLATE.read_text(), _Template)["Resources"]
    return {
        name: {part: resource["Properties"][part] for part in _TAKEN_OVER if part in resource["Properties"]}
        for name, resource in resources.items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }


@dataclass(frozen=True)
class Tables:
    """The tables of a DynamoDB, by their logical ids."""

    client: "DynamoDBClient"
    names: dict[str, str]

    def suppressions(self) -> DynamoDBSuppressions:
        return DynamoDBSuppressions(self.client, self.names["SuppressionsTable"], KEYED_HASH)

    def subscribers(self) -> DynamoDBSubscribers:
        return DynamoDBSubscribers(self.client, self.names["SubscribersTable"], KEYED_HASH)

    def campaigns(self) -> DynamoDBCampaigns:
        return DynamoDBCampaigns(self.client, self.names["CampaignsTable"], KEYED_HASH)

    def credentials(self) -> DynamoDBCredentials:
        return DynamoDBCredentials(self.client, self.names["CredentialsTable"])

    def limiter(self, clock: Callable[[], int]) -> DynamoDBLimiter:
        return DynamoDBLimiter(self.client, self.names["LimitsTable"], clock)

    def send_limiter(self, provider: Provider, good_for: int = 60_000) -> DynamoDBSendLimiter:
        return DynamoDBSendLimiter(self.client, self.names["CampaignsTable"], provider, good_for)

    def event_store(self, beat: int = 0, settling: int = 0) -> DynamoDBEventStore:
        return DynamoDBEventStore(self.client, self.names["CampaignsTable"], beat, settling)

    def revoke(self, key_hash: str) -> None:
        """Mark a credential as the runbook does."""
        self.client.update_item(
            TableName=self.names["CredentialsTable"],
            Key={"pk": {"S": f"key#{key_hash}"}, "sk": {"S": "credential"}},
            UpdateExpression="SET revoked = :now",
            ExpressionAttributeValues={":now": {"N": "1"}},
        )

    def items(self, table: str) -> list[dict[str, Any]]:
        """Everything in a table, in DynamoDB's typed form."""
        return self.client.scan(TableName=self.names[table])["Items"]


@contextmanager
def throw_away(client: "DynamoDBClient") -> Iterator[Tables]:
    """Tables of this test alone."""
    names = {logical: f"test-{logical}-{uuid.uuid4().hex[:12]}" for logical in definitions()}
    try:
        for logical, name in names.items():
            client.create_table(TableName=name, **definitions()[logical])
        yield Tables(client, names)
    finally:
        for name in client.list_tables()["TableNames"]:
            if name in names.values():
                client.delete_table(TableName=name)
