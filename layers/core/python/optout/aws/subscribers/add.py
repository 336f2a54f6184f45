"""Add subscribers: all of them or none, even if the process dies.

A transaction has at most 100 writes. Up to 49 subscribers fit into one transaction: an address row and a number row
for each, and the newsletter's fence. For larger batches, the number rows are packed into one item (see `items`), and a
second transaction, without a visible effect, unpacks them. From 98 subscribers on, the address rows alone are too many,
so a few addresses are reserved before (see `reservations`). In every case one transaction decides. It may contain
another write, which then succeeds with the batch or fails with it, and takes the place of a subscriber.
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


@dataclass(frozen=True, slots=True)
class Additions:
    """Adds the subscribers of all newsletters."""

    client: "DynamoDBClient"
    table: str
    fences: Fences
    reservations: Reservations

    def add(self, addresses: Sequence[Item], rows: Sequence[Item], *others: "TransactWriteItemTypeDef") -> None:
        """Write an address row and a number row for each subscriber of a batch, and ``others`` with them."""
        free = _WRITES - fences.WRITES - len(others)
        if 2 * len(rows) <= free:
            self._decide(addresses, rows, rows, others)
            return
        room = free - 1  # for address rows next to one packed row; a reservation takes the place of one
        reserved = addresses[: len(rows) - room + 1] if len(rows) > room else ()
        reservation = self._reserve(reserved) if reserved else None
        packed_row = packed(rows)
        try:
            deciding = [self.reservations.deciding(reservation, rows[0]["number"])] if reservation else []
            self._decide(addresses[len(reserved) :], [packed_row], rows, [*deciding, *others])
        except OptoutError:
            if reservation:
                with suppress(OptoutError):
                    self.reservations.release(reservation)
            raise
        with suppress(OptoutError):  # the batch is subscribed; the remaining writes have no visible effect
            if reservation:
                self.reservations.settle(reservation, rows[0]["number"])
            self.unpack(packed_row)

    def unpack(self, packed_row: Item) -> None:
        """Write the rows of a packed row as items of their own; raises `Conflict` if that has been done."""
        first, *rest = unpacked([packed_row])
        strip: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self.table,
                "Key": pack({"pk": first["pk"], "sk": first["sk"]}),
                "UpdateExpression": "REMOVE more",
                "ConditionExpression": "attribute_exists(more)",
            }
        }
        dynamodb.transact(self.client, [strip, *map(self._put, rest)], conflicts=False)

    @contextmanager
    def taking(self, addresses: Sequence[Item]) -> Iterator[None]:
        """Around a transaction that starts with the rows of these addresses. If it loses, raises `AlreadySubscribed`
        when an address has a subscriber, otherwise `Conflict`: it can be tried again."""
        try:
            yield
        except Lost as lost:
            taken = [row for row, why in zip(addresses, lost.reasons, strict=False) if why == "ConditionalCheckFailed"]
            keys = [(row["pk"], row["sk"]) for row in taken]
            if not all(self.reservations.free(row) for row in dynamodb.get_many(self.client, self.table, keys)):
                raise AlreadySubscribed from lost
            raise Conflict from lost

    def _reserve(self, addresses: Sequence[Item]) -> Item:
        with self.taking(addresses):
            return self.reservations.reserve(addresses)

    def _decide(
        self,
        addresses: Sequence[Item],
        written: Sequence[Item],
        rows: Sequence[Item],
        others: "Sequence[TransactWriteItemTypeDef]",
    ) -> None:
        """The transaction that makes a batch visible: ``written`` is ``rows``, or the one row that packs them."""
        of, first, last = rows[0]["pk"], rows[0]["number"], rows[-1]["number"]
        new = Rows(of, first, last, len(rows))
        writes = [*map(self._put, (*addresses, *written)), *self.fences.adding(new), *others]
        try:
            with self.taking(addresses):
                dynamodb.transact(self.client, writes, conflicts=False)
        except OptoutError:
            self.fences.forget(of)
            raise
        self.fences.note(new)

    def _put(self, item: Item) -> "TransactWriteItemTypeDef":
        return {"Put": {"TableName": self.table, "Item": pack(item), "ConditionExpression": NEW}}
