"""Shared by the DynamoDB stores: item conversion, error mapping, and complete reads."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from random import uniform
from typing import TYPE_CHECKING, Any, TypeAlias

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from optout import deadline
from optout.address import Address
from optout.errors import Conflict, OptoutError, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

Item: TypeAlias = dict[str, Any]

_BATCH = 100
_serializer = TypeSerializer()
_deserializer = TypeDeserializer()
_LOST = {"ConditionalCheckFailedException", "TransactionConflictException"}
_NOTHING_WRITTEN = {"ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class InProgress(Unavailable):
    """An earlier attempt of the same transaction is still under way: its result is not known yet."""


class Lost(Conflict):
    """Nothing was written: a condition failed, or another transaction or a throttle was in the way. ``reasons`` holds a
    code per write ("None" if it did not fail), ``item`` the stored item, if it was requested."""

    def __init__(self, reasons: Sequence[str], item: Item | None = None) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons
        self.item = item


def pack(item: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a plain mapping to DynamoDB's typed form."""
    return {name: _serializer.serialize(value) for name, value in item.items()}


def unpack(item: Mapping[str, Any]) -> Item:
    """Convert a DynamoDB item to a plain mapping. Numbers become int, because no others are stored."""
    return {name: _plain(_deserializer.deserialize(value)) for name, value in item.items()}


def from_address(address: Address) -> Item:
    """The stored form of an address: the original, and its ASCII domain if the original is not ASCII."""
    item = {"email": address.original}
    if not address.original.isascii():
        item["ascii_domain"] = address.domain
    return item


def to_address(item: Mapping[str, Any]) -> Address:
    return Address.parse(item["email"], item.get("ascii_domain", ""))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


@contextmanager
def map_errors() -> Iterator[None]:
    """Around calls of DynamoDB: a write that was refused raises `Lost`, any other failure `Unavailable`."""
    try:
        yield
    except ClientError as error:
        raise _translate(error) from error
    except BotoCoreError as error:
        raise Unavailable from error


def _translate(error: ClientError) -> OptoutError:
    code = error.response.get("Error", {}).get("Code", "")
    response: Mapping[str, Any] = error.response
    if code == "TransactionInProgressException":
        return InProgress()
    if code in _LOST:
        item = response.get("Item")
        return Lost([code.removesuffix("Exception")], unpack(item) if item else None)
    if code == "TransactionCanceledException":
        reasons = [reason.get("Code", "None") for reason in response.get("CancellationReasons", ())]
        if _NOTHING_WRITTEN & set(reasons):
            return Lost(reasons)
    return Unavailable()


def with_retries(write: Callable[[], object], *, attempts: int = 12, conflicts: bool = True) -> None:
    """Retry a write that conflicts with a concurrent transaction, or is throttled or in progress. A failed condition is
    final and raises `Lost`; without ``conflicts`` a conflict is, too, for callers that read and decide again. Raises
    `Unavailable` after the last attempt."""
    for attempt in range(attempts):
        try:
            with map_errors():
                write()
        except Lost as lost:
            if not conflicts or "ConditionalCheckFailed" in lost.reasons:
                raise
        except InProgress:
            pass  # the next attempt hears how it ended
        else:
            return
        deadline.sleep(uniform(0, 0.02 * 2 ** min(attempt, 5)))
    raise Unavailable


def transact(client: "DynamoDBClient", writes: "Sequence[TransactWriteItemTypeDef]", *, conflicts: bool = True) -> None:
    """One transaction, retried as `with_retries` does. All attempts carry one token: DynamoDB then answers a repeated
    attempt with the success of the first one, instead of a condition that the first one made fail."""
    token = str(uuid.uuid4())

    def write() -> None:
        client.transact_write_items(TransactItems=writes, ClientRequestToken=token)

    with_retries(write, attempts=12 if conflicts else 8, conflicts=conflicts)


def get(client: "DynamoDBClient", table: str, pk: str, sk: str) -> Item | None:
    """One item, strongly consistent."""
    with map_errors():
        answer = client.get_item(TableName=table, Key=pack({"pk": pk, "sk": sk}), ConsistentRead=True)
    return unpack(answer["Item"]) if "Item" in answer else None


def get_many(client: "DynamoDBClient", table: str, keys: Sequence[tuple[str, str]]) -> Iterator[Item]:
    """Items by key, strongly consistent, in any order. Unprocessed keys are requested again."""
    unique = list(dict.fromkeys(keys))
    for start in range(0, len(unique), _BATCH):
        left: Any = [pack({"pk": pk, "sk": sk}) for pk, sk in unique[start : start + _BATCH]]
        attempt = 0
        while left:
            if attempt:
                deadline.sleep(uniform(0, min(1.0, 0.05 * 2**attempt)))
            with map_errors():
                answer = client.batch_get_item(RequestItems={table: {"Keys": left, "ConsistentRead": True}})
            yield from map(unpack, answer["Responses"].get(table, ()))
            unprocessed: Any = answer.get("UnprocessedKeys", {})
            left = unprocessed.get(table, {}).get("Keys", [])
            attempt += 1
            if left and attempt > 8:
                raise Unavailable


def query(client: "DynamoDBClient", **request: Any) -> Iterator[Item]:
    """All items of a query, read page by page."""
    start: dict[str, Any] = {}
    while True:
        with map_errors():
            answer = client.query(**request, **start)
        yield from map(unpack, answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def partition(client: "DynamoDBClient", table: str, pk: str, **request: Any) -> Iterator[Item]:
    """All items of a partition, strongly consistent."""
    return query(
        client,
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues=pack({":pk": pk}),
        ConsistentRead=True,
        **request,
    )
