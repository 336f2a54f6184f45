"""The newsletters of each workspace, in the table of their subscribers: one partition a workspace, one item each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optout.aws import dynamodb
from optout.aws.dynamodb import pack
from optout.subscribers.subscriber import Newsletter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Newsletters:
    """Which newsletters there are, and whom their own mails come from."""

    client: "DynamoDBClient"
    table: str

    def open(self, workspace: str, newsletter: str, sender: str, title: str) -> None:
        """Make one known; it may be known already, and what is "" stays as it was."""
        said = {"sender": sender, "title": title}
        sets = [f"{name} = " + (f":{name}" if said[name] else f"if_not_exists({name}, :{name})") for name in said]
        with dynamodb.map_errors():
            self.client.update_item(
                TableName=self.table,
                Key=pack({"pk": workspace, "sk": newsletter}),
                UpdateExpression="SET " + ", ".join(sets),
                ExpressionAttributeValues=pack({f":{name}": value for name, value in said.items()}),
            )

    def find(self, workspace: str, newsletter: str) -> Newsletter | None:
        """One by its name, strongly consistent."""
        item = dynamodb.get(self.client, self.table, workspace, newsletter)
        return Newsletter(workspace, newsletter, item.get("sender", ""), item.get("title", "")) if item else None

    def names(self, workspace: str) -> Sequence[str]:
        """All of a workspace, by name."""
        items = dynamodb.query(
            self.client,
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=pack({":pk": workspace}),
            ConsistentRead=True,
        )
        return [item["sk"] for item in items]
