"""Addresses held for a batch of subscribers that is too large for one transaction.

The addresses that do not fit into it are held before: each row names the batch, and the batch has a mark. The batch's
transaction writes its first number into the mark, and from then on the held addresses are subscribed; `settle` writes
that into their rows and takes the mark away.

A mark without a number is worth nothing: who wants a held address takes the mark away, and whoever held it loses its
transaction and begins again. So a hold that a crash left behind is in nobody's way, and no clock decides anything.
"""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

NEW = "attribute_not_exists(pk)"
_UNDECIDED = "attribute_not_exists(#number)"
_NUMBER = {"#number": "number"}
_BATCH = {"#batch": "batch"}


@dataclass(frozen=True, slots=True)
class Reservations:
    """The marks and held addresses of every newsletter."""

    client: "DynamoDBClient"
    table: str

    def reserve(self, addresses: Sequence[Item]) -> Item:
        """Hold addresses that are free, and mark them; raises `Lost` with a reason for each of them."""
        batch = f"!{secrets.token_hex(16)}"  # sorts before every number
        mark = {"pk": addresses[0]["pk"], "sk": batch, "held": [row["sk"] for row in addresses]}
        rows = [{"pk": row["pk"], "sk": row["sk"], "batch": batch} for row in addresses]
        writes: list[TransactWriteItemTypeDef] = [
            {"Put": {"TableName": self.table, "Item": pack(item), "ConditionExpression": NEW}} for item in (*rows, mark)
        ]
        with dynamodb.map_errors():
            self.client.transact_write_items(TransactItems=writes)
        return mark

    def deciding(self, mark: Item, first: int) -> "TransactWriteItemTypeDef":
        """What makes the held addresses those of a batch that begins with this number."""
        return {
            "Update": {
                "TableName": self.table,
                "Key": _key(mark),
                "UpdateExpression": "SET #number = :first",
                "ConditionExpression": f"attribute_exists(pk) AND {_UNDECIDED}",
                "ExpressionAttributeNames": _NUMBER,
                "ExpressionAttributeValues": pack({":first": first}),
            }
        }

    def settle(self, mark: Item, first: int) -> None:
        """Write the numbers of a decided batch into its held addresses; it may have been done already."""
        writes: list[TransactWriteItemTypeDef] = [
            {
                "Update": {
                    "TableName": self.table,
                    "Key": pack({"pk": mark["pk"], "sk": sk}),
                    "UpdateExpression": "SET #number = :number REMOVE #batch",
                    "ConditionExpression": "#batch = :batch",
                    "ExpressionAttributeNames": _NUMBER | _BATCH,
                    "ExpressionAttributeValues": pack({":number": first + index, ":batch": mark["sk"]}),
                }
            }
            for index, sk in enumerate(mark["held"])
        ]
        with suppress(Lost), dynamodb.map_errors():
            self.client.transact_write_items(
                TransactItems=[*writes, {"Delete": {"TableName": self.table, "Key": _key(mark)}}]
            )

    def number(self, row: Item) -> int | None:
        """The number that an address's row stands for; None when it is held for a batch that never was."""
        if "number" in row:
            return int(row["number"])
        mark = dynamodb.get(self.client, self.table, row["pk"], row["batch"])
        if mark is not None:
            return mark["number"] + mark["held"].index(row["sk"]) if "number" in mark else None
        again = dynamodb.get(self.client, self.table, row["pk"], row["sk"])
        return again.get("number") if again else None  # settled between the two reads, or taken away

    def settle_held(self, row: Item) -> None:
        """Settle the batch that an address was held for, if it was decided."""
        mark = dynamodb.get(self.client, self.table, row["pk"], row["batch"])
        if mark is not None and "number" in mark:
            self.settle(mark, mark["number"])

    def free(self, row: Item) -> bool:
        """Take a held address away from a batch that is undecided; False when somebody is subscribed under it."""
        if "number" in row:
            return False
        try:
            self._delete({"pk": row["pk"], "sk": row["batch"]}, _UNDECIDED, _NUMBER)
        except Lost:
            return False
        with suppress(Lost):
            self._delete(row, "#batch = :batch", _BATCH, {":batch": row["batch"]})
        return True

    def release(self, mark: Item) -> None:
        """Give up what was held for a batch that is not to be."""
        for sk in mark["held"]:
            self.free({"pk": mark["pk"], "sk": sk, "batch": mark["sk"]})

    def _delete(self, key: Item, condition: str, names: dict[str, str], values: Item | None = None) -> None:
        request: Any = {"ConditionExpression": condition, "ExpressionAttributeNames": names}
        if values:
            request["ExpressionAttributeValues"] = pack(values)
        with dynamodb.map_errors():
            self.client.delete_item(TableName=self.table, Key=_key(key), **request)


def _key(item: Item) -> Item:
    return pack({"pk": item["pk"], "sk": item["sk"]})
