"""Reservations: addresses reserved for a batch of subscribers that is too large for one transaction.

Addresses that do not fit into the transaction are reserved before it. A reservation is one item that lists them, and
each reserved row names its reservation. The transaction of the batch writes the first number of the batch into the
reservation, and from then on the reserved addresses are subscribed. `settle` copies the numbers into the address rows
and deletes the reservation.

A reservation without a number has no effect: another writer of a reserved address deletes it, and the transaction that
needed it loses and is tried again. So a reservation that a crash left behind blocks no address, and needs no timeout.
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
_IS_RESERVED = "#reservation = :reservation"
_NUMBER = {"#number": "number"}
_RESERVATION = {"#reservation": "reservation"}


@dataclass(frozen=True, slots=True)
class Reservations:
    """The reservations of all newsletters."""

    client: "DynamoDBClient"
    table: str

    def reserve(self, addresses: Sequence[Item]) -> Item:
        """Reserve free addresses and return the reservation; raises `Lost` with a reason per address."""
        sk = f"!{secrets.token_hex(16)}"  # sorts before every number
        reservation = {"pk": addresses[0]["pk"], "sk": sk, "addresses": [row["sk"] for row in addresses]}
        rows = [{"pk": row["pk"], "sk": row["sk"], "reservation": sk} for row in addresses]
        writes: list[TransactWriteItemTypeDef] = [
            {"Put": {"TableName": self.table, "Item": pack(item), "ConditionExpression": NEW}}
            for item in (*rows, reservation)
        ]
        dynamodb.transact(self.client, writes, conflicts=False)
        return reservation

    def deciding(self, reservation: Item, first: int) -> "TransactWriteItemTypeDef":
        """The write that subscribes the reserved addresses, for the transaction of a batch with this first number."""
        return {
            "Update": {
                "TableName": self.table,
                "Key": _key(reservation),
                "UpdateExpression": "SET #number = :first",
                "ConditionExpression": f"attribute_exists(pk) AND {_UNDECIDED}",
                "ExpressionAttributeNames": _NUMBER,
                "ExpressionAttributeValues": pack({":first": first}),
            }
        }

    def settle(self, reservation: Item, first: int) -> None:
        """Copy the numbers of a decided batch into its reserved rows and delete the reservation. May be repeated."""
        writes: list[TransactWriteItemTypeDef] = [
            {
                "Update": {
                    "TableName": self.table,
                    "Key": pack({"pk": reservation["pk"], "sk": sk}),
                    "UpdateExpression": "SET #number = :number REMOVE #reservation",
                    "ConditionExpression": _IS_RESERVED,
                    "ExpressionAttributeNames": _NUMBER | _RESERVATION,
                    "ExpressionAttributeValues": pack({":number": first + index, ":reservation": reservation["sk"]}),
                }
            }
            for index, sk in enumerate(reservation["addresses"])
        ]
        delete: TransactWriteItemTypeDef = {"Delete": {"TableName": self.table, "Key": _key(reservation)}}
        with suppress(Lost):
            dynamodb.transact(self.client, [*writes, delete], conflicts=False)

    def number(self, row: Item) -> int | None:
        """The subscriber number of an address row; None if its batch is not decided."""
        if "number" in row:
            return int(row["number"])
        reservation = self._reservation_of(row)
        if reservation is not None:
            place = reservation["addresses"].index(row["sk"])
            return reservation["number"] + place if "number" in reservation else None
        again = dynamodb.get(self.client, self.table, row["pk"], row["sk"])
        return again.get("number") if again else None  # settled or freed between the two reads

    def settle_row(self, row: Item) -> None:
        """Settle the reservation of a reserved row, if its batch is decided."""
        reservation = self._reservation_of(row)
        if reservation is not None and "number" in reservation:
            self.settle(reservation, reservation["number"])

    def free(self, row: Item) -> bool:
        """Free an address that is reserved for an undecided batch; False if the address has a subscriber."""
        if "number" in row:
            return False
        try:
            self._delete({"pk": row["pk"], "sk": row["reservation"]}, _UNDECIDED, _NUMBER)
        except Lost:
            return False
        with suppress(Lost):
            self._delete(row, _IS_RESERVED, _RESERVATION, {":reservation": row["reservation"]})
        return True

    def release(self, reservation: Item) -> None:
        """Free all addresses of a reservation whose batch failed."""
        for sk in reservation["addresses"]:
            self.free({"pk": reservation["pk"], "sk": sk, "reservation": reservation["sk"]})

    def _reservation_of(self, row: Item) -> Item | None:
        return dynamodb.get(self.client, self.table, row["pk"], row["reservation"])

    def _delete(self, key: Item, condition: str, names: dict[str, str], values: Item | None = None) -> None:
        request: Any = {"ConditionExpression": condition, "ExpressionAttributeNames": names}
        if values:
            request["ExpressionAttributeValues"] = pack(values)
        dynamodb.with_retries(lambda: self.client.delete_item(TableName=self.table, Key=_key(key), **request))


def _key(item: Item) -> Item:
    return pack({"pk": item["pk"], "sk": item["sk"]})
