"""What people have been asked, in the table of the subscribers: an item for each address that a newsletter has asked,
under its keyed hash, in a partition apart from what the newsletter lists."""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optout.address import Address
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack
from optout.aws.keyed_hash import KeyedHash
from optout.aws.subscribers.items import address_sk, newsletter_pk
from optout.confirmations.request import Asked

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class DynamoDBAskings:
    """The `Askings` port."""

    client: "DynamoDBClient"
    table: str
    keyed_hash: KeyedHash

    def get(self, workspace: str, newsletter: str, address: Address) -> Asked:
        key = self._key(workspace, newsletter, address)
        item = dynamodb.get(self.client, self.table, key["pk"], key["sk"])
        return Asked(item["asked"], tuple(item["taken"])) if item else Asked()

    def put(self, workspace: str, newsletter: str, address: Address, before: Asked, after: Asked) -> None:
        """A write whose answer was lost is tried again by the client and fails then; its mark says that it is ours."""
        item = self._key(workspace, newsletter, address) | {
            "asked": after.asked,
            "taken": list(after.taken),
            "mark": secrets.token_hex(8),
        }
        request: dict[str, Any] = {"ConditionExpression": "asked = :before"}
        if before == Asked():  # there is nothing, or a claim was given back
            request["ConditionExpression"] += " OR attribute_not_exists(pk)"
        try:
            with dynamodb.translated():
                self.client.put_item(
                    TableName=self.table,
                    Item=pack(item),
                    ExpressionAttributeValues=pack({":before": before.asked}),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **request,
                )
        except Lost as lost:
            if lost.item != item:
                raise

    def _key(self, workspace: str, newsletter: str, address: Address) -> Item:
        pk = f"{newsletter_pk(workspace, newsletter)}#asked"
        return {"pk": pk, "sk": address_sk(self.keyed_hash(address.key_form))}
