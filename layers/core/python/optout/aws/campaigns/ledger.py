"""Campaign ledgers in DynamoDB."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from optout import clock
from optout.address import Address
from optout.aws import dynamodb
from optout.aws.campaigns.items import (
    REJECTIONS,
    adding,
    block_sk,
    chunk_sk,
    from_chunk,
    from_claim,
    from_outcomes,
    index_of,
    pk_of,
    to_chunk,
    to_row,
)
from optout.aws.dynamodb import Item, Lost, pack
from optout.aws.keyed_hash import KeyedHash
from optout.campaigns.campaign import AT_WORK
from optout.campaigns.ledger import Block, Chunk, Claim, Doubt, LedgerEntry, Outcomes, Row, entries
from optout.campaigns.outcomes import corrections, count
from optout.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_ATTEMPTS = 8  # to settle a block while events about it arrive
NEW = "attribute_not_exists(pk)"
MAY_SEND = "#state IN (:w0, :w1, :w2)"
WORKING = {f":w{i}": state.value for i, state in enumerate(AT_WORK)}


@dataclass(frozen=True)
class DynamoDBLedger:
    """The `Ledger` port."""

    client: "DynamoDBClient"
    table: str
    keyed_hash: KeyedHash

    def put_chunk(self, number: int, chunk: Chunk) -> Chunk:
        try:
            self._put_item(from_chunk(number, chunk), NEW)
        except Lost as lost:
            return to_chunk(lost.item) if lost.item else chunk
        return chunk

    def chunk(self, number: int, index: int) -> Chunk | None:
        item = dynamodb.get(self.client, self.table, pk_of(number), chunk_sk(index))
        return to_chunk(item) if item else None

    def take_person(self, number: int, subscriber: int, address: Address) -> bool:
        item = {"pk": pk_of(number), "sk": f"person#{self.keyed_hash(address.key_form)}", "subscriber": subscriber}
        try:
            self._put_item(item, f"{NEW} OR subscriber = :subscriber", {":subscriber": subscriber})
        except Lost:
            return False
        return True

    def open_chunks(self, number: int, limit: int) -> Sequence[int]:
        return [index_of(item) for item in islice(self._items(number, "open#", Limit=limit), limit)]

    def close_chunk(self, number: int, chunk: int) -> None:
        self._delete(number, chunk_sk(chunk, "open"), "attribute_exists(pk)")

    def rows(self, number: int, chunk: int) -> Sequence[Row]:
        return [to_row(item) for item in self._items(number, chunk_sk(chunk, "block") + "#")]

    def claim(self, number: int, block: Block) -> Claim:
        mark = secrets.token_hex(8)
        return Claim(self._once([self._sending(number), self._claimed(number, block, mark)]), mark)

    def settle(self, number: int, block: Block, outcomes: Outcomes, *, closes: bool = False) -> bool:
        rejections = 0
        for _ in range(_ATTEMPTS):
            writes = [self._settled(number, block, outcomes, rejections), self._counted(number, outcomes)]
            if closes:
                key = pack({"pk": pk_of(number), "sk": chunk_sk(block.chunk, "open")})
                writes.append({"Delete": {"TableName": self.table, "Key": key}})
            if self._once(writes):
                return True
            item = dynamodb.get(self.client, self.table, pk_of(number), block_sk(block))
            if item is None or "outcomes" in item or item.get(REJECTIONS, 0) == rejections:
                return False
            outcomes, rejections = {**outcomes, **corrections(outcomes, to_row(item).proven)}, item[REJECTIONS]
        raise Unavailable

    def settle_and_claim(self, number: int, block: Block, outcomes: Outcomes, following: Block) -> Claim:
        mark = secrets.token_hex(8)
        writes = [
            self._settled(number, block, outcomes),
            self._counted(number, outcomes, while_sending=True),
            self._claimed(number, following, mark),
        ]
        if self._once(writes):
            return Claim(True, mark)
        self.settle(number, block, outcomes)
        return Claim(False)

    def release(self, number: int, block: Block, mark: str) -> None:
        self._delete(number, block_sk(block), "mark = :mark AND attribute_not_exists(outcomes)", {":mark": mark})

    def doubt(self, number: int, chunk: int) -> None:
        now = clock.now()
        item = {"pk": pk_of(number), "sk": chunk_sk(chunk, "doubt"), "noted": now}
        try:
            self._put_item(item, f"{NEW} OR noted < :now", {":now": now})
        except Lost:
            return  # noted a moment ago by another run

    def doubts(self, number: int) -> Sequence[Doubt]:
        return [Doubt(index_of(item), item["noted"]) for item in self._items(number, "doubt#")]

    def forget(self, number: int, doubt: Doubt) -> None:
        self._delete(number, chunk_sk(doubt.chunk, "doubt"), "noted = :at", {":at": doubt.at})

    def ledger(self, number: int) -> Iterator[LedgerEntry]:
        """Chunks and blocks come in the same order, so both are read once, side by side."""
        by_chunk = groupby(map(to_row, self._items(number, "block#")), key=lambda row: row.block.chunk)
        at, rows = next(by_chunk, (None, iter(())))
        for item in self._items(number, "chunk#"):
            chunk = to_chunk(item)
            found = at == chunk.index
            yield from entries(chunk, rows if found else ())
            if found:
                at, rows = next(by_chunk, (None, iter(())))

    def _sending(self, number: int) -> "TransactWriteItemTypeDef":
        return {
            "ConditionCheck": {
                "TableName": self.table,
                "Key": pack({"pk": pk_of(number), "sk": "campaign"}),
                "ConditionExpression": MAY_SEND,
                "ExpressionAttributeNames": {"#state": "state"},
                "ExpressionAttributeValues": pack(WORKING),
            }
        }

    def _claimed(self, number: int, block: Block, mark: str) -> "TransactWriteItemTypeDef":
        item = pack(from_claim(number, block, mark, clock.now()))
        return {"Put": {"TableName": self.table, "Item": item, "ConditionExpression": NEW}}

    def _settled(
        self, number: int, block: Block, outcomes: Outcomes, rejections: int = 0
    ) -> "TransactWriteItemTypeDef":
        """``rejections``: the version of those that the outcomes take into account."""
        known = {":rejections": rejections} if rejections else {}
        is_known = f"{REJECTIONS} = :rejections" if rejections else f"attribute_not_exists({REJECTIONS})"
        return {
            "Update": {
                "TableName": self.table,
                "Key": pack({"pk": pk_of(number), "sk": block_sk(block)}),
                "UpdateExpression": f"SET outcomes = :outcomes REMOVE accepted, {REJECTIONS}",
                "ConditionExpression": f"attribute_exists(pk) AND attribute_not_exists(outcomes) AND {is_known}",
                "ExpressionAttributeValues": pack({":outcomes": from_outcomes(outcomes), **known}),
            }
        }

    def _counted(self, number: int, outcomes: Outcomes, *, while_sending: bool = False) -> "TransactWriteItemTypeDef":
        adds, names, counts = adding(count(outcomes))
        values: dict[str, Any] = {**counts, ":now": clock.now()}
        update: Any = {
            "TableName": self.table,
            "Key": pack({"pk": pk_of(number), "sk": "campaign"}),
            "UpdateExpression": f"SET progress = :now{adds}",
            "ConditionExpression": "attribute_exists(pk)",
        }
        if while_sending:
            update["ConditionExpression"], names["#state"] = MAY_SEND, "state"
            values |= WORKING
        if names:
            update["ExpressionAttributeNames"] = names
        update["ExpressionAttributeValues"] = pack(values)
        return {"Update": update}

    def _items(self, number: int, prefix: str, **more: Any) -> Iterator[Item]:
        return dynamodb.query(
            self.client,
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues=pack({":pk": pk_of(number), ":sk": prefix}),
            ConsistentRead=True,
            **more,
        )

    def _put_item(self, item: Item, condition: str, values: Mapping[str, object] | None = None) -> None:
        put: Any = {"TableName": self.table, "Item": pack(item), "ConditionExpression": condition}
        if values:
            put["ExpressionAttributeValues"] = pack(values)
        dynamodb.with_retries(lambda: self.client.put_item(**put, ReturnValuesOnConditionCheckFailure="ALL_OLD"))

    def _delete(self, number: int, sk: str, condition: str, values: Mapping[str, object] | None = None) -> None:
        """Delete an item if the condition holds."""
        delete: Any = {"Key": pack({"pk": pk_of(number), "sk": sk}), "ConditionExpression": condition}
        if values:
            delete["ExpressionAttributeValues"] = pack(values)
        try:
            dynamodb.with_retries(lambda: self.client.delete_item(TableName=self.table, **delete))
        except Lost:
            return

    def _once(self, writes: "list[TransactWriteItemTypeDef]") -> bool:
        try:
            dynamodb.transact(self.client, writes)
        except Lost:
            return False
        return True
