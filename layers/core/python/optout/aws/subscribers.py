"""Subscribers in DynamoDB: a row per number, a row per address that keeps it unique, a row per newsletter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optout.address import Address
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack, unpack
from optout.aws.keyed_hash import KeyedHash
from optout.errors import AlreadySubscribed, Conflict
from optout.subscriber import Page, Status, Subscriber

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_NEW = "attribute_not_exists(pk)"


@dataclass(frozen=True)
class DynamoDBSubscribers:
    """The `Subscribers` port."""

    client: "DynamoDBClient"
    table: str
    keyed_hash: KeyedHash

    def add(self, subscriber: Subscriber) -> None:
        pk = _pk(subscriber.workspace, subscriber.newsletter)
        unique = {"pk": pk, "sk": self._address_sk(subscriber.address), "number": subscriber.number}
        items = (unique, _from_subscriber(subscriber))
        writes: list[TransactWriteItemTypeDef] = [
            {"Put": {"TableName": self.table, "Item": pack(item), "ConditionExpression": _NEW}} for item in items
        ]
        try:
            dynamodb.patiently(lambda: self.client.transact_write_items(TransactItems=writes))
        except Lost as lost:
            raise AlreadySubscribed if lost.reasons[0] == "ConditionalCheckFailed" else Conflict from lost

    def get(self, workspace: str, newsletter: str, number: int) -> Subscriber | None:
        item = dynamodb.get(self.client, self.table, _pk(workspace, newsletter), _sk(number))
        return _to_subscriber(item) if item else None

    def find(self, workspace: str, number: int) -> Subscriber | None:
        keys = [(_pk(workspace, newsletter), _sk(number)) for newsletter in self.newsletters(workspace)]
        return next(map(_to_subscriber, dynamodb.get_many(self.client, self.table, keys)), None)

    def for_email(self, workspace: str, address: Address) -> Subscriber | None:
        numbers = self.numbers_of(workspace, self.newsletters(workspace), address)
        for newsletter, number in sorted(numbers.items()):
            if subscriber := self.get(workspace, newsletter, number):
                return subscriber
        return None

    def numbers_of(self, workspace: str, newsletters: Iterable[str], address: Address) -> Mapping[str, int]:
        names = {_pk(workspace, newsletter): newsletter for newsletter in newsletters}
        sk = self._address_sk(address)
        items = dynamodb.get_many(self.client, self.table, [(pk, sk) for pk in names])
        return {names[item["pk"]]: item["number"] for item in items}

    def open_newsletter(self, workspace: str, newsletter: str) -> None:
        """Make a newsletter known; it may be known already."""
        item = pack({"pk": workspace, "sk": newsletter})
        with dynamodb.translated():
            self.client.put_item(TableName=self.table, Item=item)

    def newsletters(self, workspace: str) -> Sequence[str]:
        items = dynamodb.query(
            self.client,
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=pack({":pk": workspace}),
            ConsistentRead=True,
        )
        return [item["sk"] for item in items]

    def page(self, workspace: str, newsletter: str, after: int, before: int, limit: int) -> Page:
        if after + 1 >= before:
            return Page((), None)
        values = {":pk": _pk(workspace, newsletter), ":first": _sk(after + 1), ":last": _sk(before - 1)}
        with dynamodb.translated():
            answer = self.client.query(
                TableName=self.table,
                KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
                ExpressionAttributeValues=pack(values),
                ConsistentRead=True,
                Limit=limit,
            )
        subscribers = [_to_subscriber(unpack(item)) for item in answer["Items"]]
        more = "LastEvaluatedKey" in answer and subscribers
        return Page(subscribers, subscribers[-1].number if more else None)

    def _address_sk(self, address: Address) -> str:
        return f"@{self.keyed_hash(address.key_form)}"  # sorts behind every number


def _pk(workspace: str, newsletter: str) -> str:
    return f"{workspace}#{newsletter}"


def _sk(number: int) -> str:
    return f"{number:016d}"


def _from_subscriber(subscriber: Subscriber) -> Item:
    return {
        "pk": _pk(subscriber.workspace, subscriber.newsletter),
        "sk": _sk(subscriber.number),
        "workspace": subscriber.workspace,
        "newsletter": subscriber.newsletter,
        "number": subscriber.number,
        **dynamodb.from_address(subscriber.address),
        "name": subscriber.name,
        "status": subscriber.status.value,
        "created": subscriber.created,
    }


def _to_subscriber(item: Item) -> Subscriber:
    return Subscriber(
        workspace=item["workspace"],
        newsletter=item["newsletter"],
        number=item["number"],
        address=dynamodb.to_address(item),
        name=item["name"],
        status=Status(item["status"]),
        created=item["created"],
    )
