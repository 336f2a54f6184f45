"""Newsletters in the subscribers table: one partition per workspace, one item per newsletter."""

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
    """The newsletters of all workspaces, with the senders of their confirmation emails."""

    client: "DynamoDBClient"
    table: str

    def open(self, workspace: str, newsletter: str, sender: str, title: str) -> None:
        """Create a newsletter, or update it: "" leaves a value unchanged."""
        given = {"sender": sender, "title": title}
        sets = [f"{name} = " + (f":{name}" if given[name] else f"if_not_exists({name}, :{name})") for name in given]
        with dynamodb.map_errors():
            self.client.update_item(
                TableName=self.table,
                Key=pack({"pk": workspace, "sk": newsletter}),
                UpdateExpression="SET " + ", ".join(sets),
                ExpressionAttributeValues=pack({f":{name}": value for name, value in given.items()}),
            )

    def find(self, workspace: str, newsletter: str) -> Newsletter | None:
        """A newsletter by its name, strongly consistent."""
        item = dynamodb.get(self.client, self.table, workspace, newsletter)
        return Newsletter(workspace, newsletter, item.get("sender", ""), item.get("title", "")) if item else None

    def names(self, workspace: str) -> Sequence[str]:
        """The names of a workspace's newsletters, sorted."""
        return [item["sk"] for item in dynamodb.partition(self.client, self.table, workspace)]
