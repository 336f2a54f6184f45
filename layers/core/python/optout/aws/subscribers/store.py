"""Subscribers in DynamoDB: a row per number, a row per address that keeps it unique, a row per newsletter, and fences
that count the subscribers (see `aws.fences`)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from optout.address import Address
from optout.aws import dynamodb, fences
from optout.aws.dynamodb import Item, pack
from optout.aws.fences import EVERY, Fences
from optout.aws.keyed_hash import KeyedHash
from optout.aws.subscribers.add import Additions
from optout.aws.subscribers.items import (
    address_row,
    address_sk,
    confirmed_pk,
    confirmed_sk,
    from_confirmation,
    from_subscriber,
    newsletter_pk,
    row_sk,
    to_confirmation,
    to_subscriber,
    unpacked,
)
from optout.aws.subscribers.newsletters import Newsletters
from optout.aws.subscribers.reservations import NEW, Reservations
from optout.errors import Conflict
from optout.number import ANYWHERE, LIMIT, Between
from optout.subscribers.subscriber import Confirmation, Newsletter, Page, Subscriber

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_FENCES_AT_ONCE = 1000
_CHANGING = ("email", "ascii_domain", "name", "status", "former")


@dataclass(frozen=True)
class DynamoDBSubscribers:
    """The `Subscribers` port."""

    client: "DynamoDBClient"
    table: str
    keyed_hash: KeyedHash
    _newsletters: Newsletters = field(init=False)
    _fences: Fences = field(init=False)
    _reservations: Reservations = field(init=False)
    _additions: Additions = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_newsletters", Newsletters(self.client, self.table))
        object.__setattr__(self, "_fences", Fences(self.client, self.table))
        object.__setattr__(self, "_reservations", Reservations(self.client, self.table))
        object.__setattr__(self, "_additions", Additions(self.client, self.table, self._fences, self._reservations))

    def next_number(self, workspace: str, newsletter: str) -> int:
        return self._fences.next_number(newsletter_pk(workspace, newsletter))

    def add(self, *subscribers: Subscriber) -> None:
        self._additions.add([self._address_row(one) for one in subscribers], [from_subscriber(s) for s in subscribers])

    def change(self, before: Subscriber, after: Subscriber, confirmation: Confirmation | None = None) -> None:
        old, new = self._address_row(before), self._address_row(after)
        taken = [new] if new["sk"] != old["sk"] else []
        writes = [self._put(row) for row in taken] + [self._rewrite(before, after)]
        if taken:
            writes.append(self._delete_address(old))
        if confirmation:
            writes.append(self._put(from_confirmation(after, confirmation, self.keyed_hash)))
        try:
            with self._additions.taking(taken):
                dynamodb.transact(self.client, writes, conflicts=False)
        except Conflict:
            self._finish(before)
            raise

    def get(self, workspace: str, newsletter: str, number: int) -> Subscriber | None:
        pk = newsletter_pk(workspace, newsletter)
        item = dynamodb.get(self.client, self.table, pk, row_sk(number)) or self._within_packed(pk, number)
        return to_subscriber(item) if item else None

    def find(self, workspace: str, number: int) -> Subscriber | None:
        newsletters = self.newsletters(workspace)
        keys = [(newsletter_pk(workspace, newsletter), row_sk(number)) for newsletter in newsletters]
        if item := next(dynamodb.get_many(self.client, self.table, keys), None):
            return to_subscriber(item)
        within_packed = (self._within_packed(pk, number) for pk, _ in keys)
        return next((to_subscriber(item) for item in within_packed if item), None)

    def for_email(self, workspace: str, address: Address) -> Subscriber | None:
        numbers = self.numbers_of(workspace, self.newsletters(workspace), address)
        for newsletter, number in sorted(numbers.items()):
            if subscriber := self.get(workspace, newsletter, number):
                return subscriber
        return None

    def numbers_of(self, workspace: str, newsletters: Iterable[str], address: Address) -> Mapping[str, int]:
        names = {newsletter_pk(workspace, newsletter): newsletter for newsletter in newsletters}
        sk = self._address_sk(address)
        rows = dynamodb.get_many(self.client, self.table, [(pk, sk) for pk in names])
        numbers = ((row["pk"], self._reservations.number(row)) for row in rows)
        return {names[pk]: number for pk, number in numbers if number is not None}

    def confirmations(
        self, workspace: str, newsletter: str, number: int, *, before: int = LIMIT, limit: int = 100
    ) -> Sequence[Confirmation]:
        values = {":pk": confirmed_pk(workspace, newsletter), ":first": confirmed_sk(number, 0)}
        items = dynamodb.query(
            self.client,
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues=pack({**values, ":last": confirmed_sk(number, before - 1)}),
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=limit,
        )
        return [to_confirmation(item) for item in islice(items, limit)]

    def open_newsletter(self, workspace: str, newsletter: str, sender: str = "", title: str = "") -> None:
        """Create a newsletter, or update the sender of its confirmation emails; "" leaves a value unchanged."""
        self._newsletters.open(workspace, newsletter, sender, title)

    def newsletter(self, workspace: str, newsletter: str) -> Newsletter | None:
        return self._newsletters.find(workspace, newsletter)

    def newsletters(self, workspace: str) -> Sequence[str]:
        return self._newsletters.names(workspace)

    def page(self, workspace: str, newsletter: str, after: int, before: int, limit: int) -> Page:
        rows = self._rows(newsletter_pk(workspace, newsletter), Between(after, before), limit=limit + 1)
        subscribers = [to_subscriber(item) for item in islice(rows, limit + 1)]
        shown = subscribers[:limit]
        return Page(shown, shown[-1].number if len(subscribers) > limit else None)

    def newest(self, workspace: str, newsletter: str, offset: int, limit: int) -> tuple[Sequence[Subscriber], int]:
        pk = newsletter_pk(workspace, newsletter)
        total, last, below, skip = 0, 0, LIMIT, offset
        for position, fence in enumerate(self._fences.newest(pk, min(offset // fences.FULL + 2, _FENCES_AT_ONCE))):
            count = fence.counts.get(EVERY, 0)
            if position == 0:
                total, last = fence.through.get(EVERY, 0), fence.last
            if offset >= total or skip < count:
                break
            skip, below = skip - count, fence.start
        if offset >= total or not limit:
            return (), total
        # Up to the last subscriber that was counted, so that a concurrent addition does not shift the page.
        rows = self._rows(pk, Between(0, min(below, last + 1)), newest_first=True, limit=skip + limit)
        return [to_subscriber(item) for item in islice(rows, skip, skip + limit)], total

    def walk(self, workspace: str, newsletter: str) -> Iterator[Subscriber]:
        return map(to_subscriber, self._rows(newsletter_pk(workspace, newsletter), newest_first=True))

    def _rows(
        self, pk: str, between: Between = ANYWHERE, *, newest_first: bool = False, limit: int | None = None
    ) -> Iterator[Item]:
        """The number rows in a range, unpacked."""
        if between.above + 1 >= between.below:
            return
        values = {":pk": pk, ":first": row_sk(between.above + 1), ":last": row_sk(between.below - 1)}
        request: dict[str, Any] = {} if limit is None else {"Limit": limit}
        items = dynamodb.query(
            self.client,
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues=pack(values),
            ConsistentRead=True,
            ScanIndexForward=not newest_first,
            **request,
        )
        # A packed row before the range may contain rows of the range.
        before = () if newest_first or not between.above else self._around(pk, between.above)
        reached = between.above
        for row in chain(before, unpacked(items, newest_first=newest_first)):
            # A row that was unpacked between two reads has been returned already.
            if reached < row["number"] < between.below:
                reached = reached if newest_first else row["number"]
                yield row

    def _around(self, pk: str, number: int) -> Iterator[Item]:
        """The rows of the last item up to a number, unpacked."""
        with dynamodb.map_errors():
            answer = self.client.query(
                TableName=self.table,
                KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
                ExpressionAttributeValues=pack({":pk": pk, ":first": row_sk(0), ":last": row_sk(number)}),
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=1,
            )
        return unpacked(map(dynamodb.unpack, answer["Items"]))

    def _within_packed(self, pk: str, number: int) -> Item | None:
        """A row that is still inside a packed row."""
        return next((row for row in self._around(pk, number) if row["number"] == number), None)

    def _finish(self, subscriber: Subscriber) -> None:
        """Complete an interrupted batch, so that this subscriber has both rows."""
        row, pk = self._address_row(subscriber), newsletter_pk(subscriber.workspace, subscriber.newsletter)
        stored = dynamodb.get(self.client, self.table, pk, row["sk"])
        if stored and "reservation" in stored:
            self._reservations.settle_row(stored)
        if dynamodb.get(self.client, self.table, pk, row_sk(subscriber.number)) is None:
            packed_row = next(self._around(pk, subscriber.number), None)
            if packed_row and "more" in packed_row:
                self._additions.unpack(packed_row)

    def _rewrite(self, before: Subscriber, after: Subscriber) -> "TransactWriteItemTypeDef":
        item, was = from_subscriber(after), from_subscriber(before)
        fields = [name for name in _CHANGING if name in item]
        sets = ", ".join(f"#{name} = :{name}" for name in fields)
        gone = "" if "ascii_domain" in item else " REMOVE #ascii_domain"
        known = {f":was_{name}": was[name] for name in ("email", "name", "status")}
        return {
            "Update": {
                "TableName": self.table,
                "Key": pack({"pk": item["pk"], "sk": item["sk"]}),
                "UpdateExpression": f"SET {sets}{gone}",
                "ConditionExpression": "#email = :was_email AND #name = :was_name AND #status = :was_status",
                "ExpressionAttributeNames": {f"#{name}": name for name in (*fields, "ascii_domain")},
                "ExpressionAttributeValues": pack({f":{name}": item[name] for name in fields} | known),
            }
        }

    def _delete_address(self, row: Item) -> "TransactWriteItemTypeDef":
        return {
            "Delete": {
                "TableName": self.table,
                "Key": pack({"pk": row["pk"], "sk": row["sk"]}),
                "ConditionExpression": "#number = :number",
                "ExpressionAttributeNames": {"#number": "number"},
                "ExpressionAttributeValues": pack({":number": row["number"]}),
            }
        }

    def _put(self, item: Item) -> "TransactWriteItemTypeDef":
        return {"Put": {"TableName": self.table, "Item": pack(item), "ConditionExpression": NEW}}

    def _address_row(self, subscriber: Subscriber) -> Item:
        return address_row(subscriber, self.keyed_hash)

    def _address_sk(self, address: Address) -> str:
        return address_sk(self.keyed_hash(address.key_form))
