"""Adding subscribers, all of them or none, whenever the process dies.

A transaction takes 100 writes. Up to 49 subscribers are one transaction: for each the row of the address and the row of
the number, and the newsletter's fence. More of them go into one row that carries the others (see `subscriber_rows`) and
are written apart by a second transaction, which changes nothing that anybody can see. From 98 on the addresses alone
are too many, so a few are held before (see `holds`). In every case one transaction decides.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optout.aws import dynamodb, fences
from optout.aws.dynamodb import Item, Lost, pack
from optout.aws.fences import Fences, Rows
from optout.aws.subscribers.items import packed, unpacked
from optout.aws.subscribers.reservations import NEW, Reservations
from optout.errors import AlreadySubscribed, Conflict, OptoutError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_WRITES = 100  # that one transaction takes
_APART = (_WRITES - fences.WRITES) // 2  # subscribers with two rows each
_FOLDED = _WRITES - fences.WRITES - 1  # addresses beside one row for all
_BESIDE_A_MARK = _FOLDED - 1


@dataclass(frozen=True, slots=True)
class Additions:
    """New subscribers of every newsletter."""

    client: "DynamoDBClient"
    table: str
    fences: Fences
    reservations: Reservations

    def add(self, addresses: Sequence[Item], rows: Sequence[Item]) -> None:
        """Write the rows of some subscribers, one for the address and one for the number of each."""
        if len(rows) <= _APART:
            self._decide(addresses, rows, rows)
            return
        reserved = addresses[: len(rows) - _BESIDE_A_MARK] if len(rows) > _FOLDED else ()
        mark = self._hold(reserved) if reserved else None
        first = packed(rows)
        try:
            self._decide(addresses[len(reserved) :], [first], rows, mark)
        except OptoutError:
            if mark:
                with suppress(OptoutError):
                    self.reservations.release(mark)
            raise
        with suppress(OptoutError):  # they are subscribed; what is left undone here nobody can see
            if mark:
                self.reservations.settle(mark, rows[0]["number"])
            self.write_apart(first)

    def write_apart(self, item: Item) -> None:
        """Write the rows apart that one row carries; raises `Conflict` when that has been done."""
        first, *rest = unpacked([item])
        strip: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self.table,
                "Key": pack({"pk": first["pk"], "sk": first["sk"]}),
                "UpdateExpression": "REMOVE more",
                "ConditionExpression": "attribute_exists(more)",
            }
        }
        with dynamodb.map_errors():
            self.client.transact_write_items(TransactItems=[strip, *map(self._put, rest)])

    @contextmanager
    def taking(self, addresses: Sequence[Item]) -> Iterator[None]:
        """Around a transaction that begins with the rows of these addresses: why it lost. Raises `AlreadySubscribed`
        when one is somebody's; else `Conflict`, for then it can be tried again."""
        try:
            yield
        except Lost as lost:
            taken = [row for row, why in zip(addresses, lost.reasons, strict=False) if why == "ConditionalCheckFailed"]
            keys = [(row["pk"], row["sk"]) for row in taken]
            if not all(self.reservations.free(row) for row in dynamodb.get_many(self.client, self.table, keys)):
                raise AlreadySubscribed from lost
            raise Conflict from lost

    def _hold(self, addresses: Sequence[Item]) -> Item:
        with self.taking(addresses):
            return self.reservations.reserve(addresses)

    def _decide(
        self, addresses: Sequence[Item], written: Sequence[Item], rows: Sequence[Item], mark: Item | None = None
    ) -> None:
        of, first, last = rows[0]["pk"], rows[0]["number"], rows[-1]["number"]
        new = Rows(of, first, last, len(rows))
        writes = [*map(self._put, (*addresses, *written)), *self.fences.adding(new)]
        if mark:
            writes.append(self.reservations.deciding(mark, first))
        try:
            with self.taking(addresses), dynamodb.map_errors():
                self.client.transact_write_items(TransactItems=writes)
        except OptoutError:
            self.fences.forget(of)
            raise
        self.fences.note(new)

    def _put(self, item: Item) -> "TransactWriteItemTypeDef":
        return {"Put": {"TableName": self.table, "Item": pack(item), "ConditionExpression": NEW}}
