"""Confirmation requests in the table of the subscribers: one item per newsletter and address, under the address's keyed
hash, in a partition apart from the newsletter's subscribers."""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optout.address import Address
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack
from optout.aws.keyed_hash import KeyedHash
from optout.aws.subscribers.items import address_sk, newsletter_pk
from optout.confirmations.request import RequestLog

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class DynamoDBConfirmationRequests:
    """The `ConfirmationRequests` port."""

    client: "DynamoDBClient"
    table: str
    keyed_hash: KeyedHash

    def get(self, workspace: str, newsletter: str, address: Address) -> RequestLog:
        key = self._key(workspace, newsletter, address)
        item = dynamodb.get(self.client, self.table, key["pk"], key["sk"])
        return RequestLog(item["requested_at"], tuple(item["accepted"])) if item else RequestLog()

    def put(self, workspace: str, newsletter: str, address: Address, before: RequestLog, after: RequestLog) -> None:
        """The client retries a write whose answer was lost, and that retry fails; the mark tells that the item is
        ours."""
        item = self._key(workspace, newsletter, address) | {
            "requested_at": after.requested_at,
            "accepted": list(after.accepted),
            "mark": secrets.token_hex(8),
        }
        request: dict[str, Any] = {"ConditionExpression": "requested_at = :before"}
        if before == RequestLog():  # no item, or a claim that was released
            request["ConditionExpression"] += " OR attribute_not_exists(pk)"
        try:
            with dynamodb.map_errors():
                self.client.put_item(
                    TableName=self.table,
                    Item=pack(item),
                    ExpressionAttributeValues=pack({":before": before.requested_at}),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **request,
                )
        except Lost as lost:
            if lost.item != item:
                raise

    def _key(self, workspace: str, newsletter: str, address: Address) -> Item:
        pk = f"{newsletter_pk(workspace, newsletter)}#requests"
        return {"pk": pk, "sk": address_sk(self.keyed_hash(address.key_form))}
