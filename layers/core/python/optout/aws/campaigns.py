"""Campaigns and their ledgers in DynamoDB: one partition per campaign.

Recipients and outcomes are kept as JSON text: a chunk is read and written whole, and a typed map would
cost more to take apart than the send itself.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optout.address import Address
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack
from optout.aws.keyed_hash import KeyedHash
from optout.campaign import (
    Block,
    Campaign,
    Chunk,
    Claim,
    Cursor,
    Fate,
    LedgerEntry,
    Outcome,
    Recipient,
    State,
)
from optout.errors import Conflict
from optout.scope import MessageClass
from optout.token import LinkScope

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

_NEW = "attribute_not_exists(pk)"
_MAY_SEND = {":accepted": State.ACCEPTED.value, ":sending": State.SENDING.value}
_COUNTER = "n_"


@dataclass(frozen=True)
class DynamoDBCampaigns:
    """The `Campaigns` port."""

    client: "DynamoDBClient"
    table: str
    keyed_hash: KeyedHash

    def create(self, campaign: Campaign, content: Mapping[str, str]) -> None:
        pk = _pk(campaign.number)
        parts = [{"pk": pk, "sk": f"content#{part}", "text": text} for part, text in content.items()]
        writes: list[TransactWriteItemTypeDef] = [
            {"Put": self._put(item, _NEW)} for item in (_from_campaign(campaign), *parts)
        ]
        dynamodb.patiently(lambda: self.client.transact_write_items(TransactItems=writes))

    def get(self, number: int) -> Campaign | None:
        item = dynamodb.get(self.client, self.table, _pk(number), "campaign")
        return _to_campaign(item) if item else None

    def content(self, number: int) -> Mapping[str, str]:
        return {item["sk"].partition("#")[2]: item["text"] for item in self._items(number, "content#")}

    def put_chunk(self, number: int, chunk: Chunk) -> Chunk:
        try:
            self._put_item(_from_chunk(number, chunk), _NEW)
        except Lost as lost:
            return _to_chunk(lost.item) if lost.item else chunk
        return chunk

    def chunk(self, number: int, index: int) -> Chunk | None:
        item = dynamodb.get(self.client, self.table, _pk(number), _chunk_sk(index))
        return _to_chunk(item) if item else None

    def take_person(self, number: int, chunk: int, address: Address) -> bool:
        item = {"pk": _pk(number), "sk": f"person#{self.keyed_hash(address.key_form)}", "chunk": chunk}
        try:
            self._put_item(item, f"{_NEW} OR chunk = :chunk", {":chunk": chunk})
        except Lost:
            return False
        return True

    def advance(self, number: int, before: Cursor, chunk: Chunk) -> bool:
        values = {
            ":before": _cursor(before),
            ":next": _cursor(chunk.next),
            ":chunks": chunk.index + 1,
            ":added": len(chunk.recipients),
            **_MAY_SEND,
        }
        return self._update(
            number,
            "SET walked_to = :next, chunks = :chunks, #state = :sending ADD audience :added",
            "walked_to = :before AND #state IN (:accepted, :sending)",
            values,
            {"#state": "state"},
        )

    def claim(self, number: int, block: Block) -> Claim:
        mark = secrets.token_hex(8)
        item = {"pk": _pk(number), "sk": _block_sk(block), "positions": list(block.positions), "mark": mark}
        try:
            self._put_item(item, _NEW)
        except Lost as lost:
            # When an answer is lost the SDK asks again, and loses to itself: the mark tells whose claim is there.
            there = lost.item or {}
            return Claim(there.get("mark") == mark, _to_outcomes(there.get("outcomes", "{}")))
        return Claim(True)

    def settle(self, number: int, block: Block, outcomes: Mapping[int, Outcome]) -> bool:
        written = json.dumps({str(at): [outcome.fate, outcome.detail] for at, outcome in outcomes.items()})
        counters = _count(outcomes)
        adds = ", ".join(f"#c{i} :c{i}" for i in range(len(counters)))
        writes: list[TransactWriteItemTypeDef] = [
            {
                "Update": {
                    "TableName": self.table,
                    "Key": pack({"pk": _pk(number), "sk": _block_sk(block)}),
                    "UpdateExpression": "SET outcomes = :outcomes",
                    "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(outcomes)",
                    "ExpressionAttributeValues": pack({":outcomes": written}),
                }
            }
        ]
        if counters:
            writes.append(
                {
                    "Update": {
                        "TableName": self.table,
                        "Key": pack({"pk": _pk(number), "sk": "campaign"}),
                        "UpdateExpression": f"ADD {adds}",
                        "ExpressionAttributeNames": {f"#c{i}": _COUNTER + name for i, name in enumerate(counters)},
                        "ExpressionAttributeValues": pack({f":c{i}": n for i, n in enumerate(counters.values())}),
                    }
                }
            )
        return self._once(writes)

    def release(self, number: int, block: Block) -> None:
        try:
            with dynamodb.translated():
                self.client.delete_item(
                    TableName=self.table,
                    Key=pack({"pk": _pk(number), "sk": _block_sk(block)}),
                    ConditionExpression="attribute_not_exists(outcomes)",
                )
        except Lost:
            return  # it has been settled, so there is nothing to give back

    def cancel(self, number: int) -> bool:
        values = {":cancelled": State.CANCELLED.value, ":paused": State.PAUSED.value, **_MAY_SEND}
        condition = "#state IN (:accepted, :sending, :paused)"
        return self._update(number, "SET #state = :cancelled", condition, values, {"#state": "state"})

    def finish(self, number: int) -> bool:
        campaign = self.get(number)
        if campaign is None or campaign.cursor is not None:
            return False
        if campaign.accounted != campaign.counters.get("audience", 0):
            return False
        values = {":finished": State.FINISHED.value, **_MAY_SEND}
        condition = "#state IN (:accepted, :sending)"
        return self._update(number, "SET #state = :finished", condition, values, {"#state": "state"})

    def record_feedback(self, number: int, block: str, index: str, kind: str) -> bool:
        item = {"pk": _pk(number), "sk": f"feedback#{block}#{index}#{kind}"}
        writes: list[TransactWriteItemTypeDef] = [
            {"Put": self._put(item, _NEW)},
            {
                "Update": {
                    "TableName": self.table,
                    "Key": pack({"pk": _pk(number), "sk": "campaign"}),
                    "UpdateExpression": "ADD #counter :one",
                    "ConditionExpression": "attribute_exists(pk)",
                    "ExpressionAttributeNames": {"#counter": _COUNTER + kind},
                    "ExpressionAttributeValues": pack({":one": 1}),
                }
            },
        ]
        return self._once(writes)

    def ledger(self, number: int) -> Iterator[LedgerEntry]:
        settled: dict[int, dict[int, Outcome]] = {}
        for item in self._items(number, "block#"):
            outcomes = settled.setdefault(int(item["sk"].split("#")[1]), {})
            outcomes.update(_to_outcomes(item.get("outcomes", "{}")))
        for item in self._items(number, "chunk#"):
            chunk = _to_chunk(item)
            for position, recipient in enumerate(chunk.recipients):
                outcome = settled.get(chunk.index, {}).get(position)
                yield LedgerEntry(recipient, outcome.fate if outcome else None, outcome.detail if outcome else "")

    def _items(self, number: int, prefix: str) -> Iterator[Item]:
        return dynamodb.query(
            self.client,
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues=pack({":pk": _pk(number), ":sk": prefix}),
            ConsistentRead=True,
        )

    def _put(self, item: Item, condition: str) -> "PutTypeDef":
        return {"TableName": self.table, "Item": pack(item), "ConditionExpression": condition}

    def _put_item(self, item: Item, condition: str, values: Mapping[str, object] | None = None) -> None:
        put: Any = self._put(item, condition)
        if values:
            put["ExpressionAttributeValues"] = pack(values)
        with dynamodb.translated():
            self.client.put_item(**{**put, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})

    def _update(
        self, number: int, update: str, condition: str, values: Mapping[str, object], names: Mapping[str, str]
    ) -> bool:
        def write() -> None:
            self.client.update_item(
                TableName=self.table,
                Key=pack({"pk": _pk(number), "sk": "campaign"}),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=pack(values),
            )

        try:
            dynamodb.patiently(write)
        except Lost:
            return False
        return True

    def _once(self, writes: "list[TransactWriteItemTypeDef]") -> bool:
        try:
            dynamodb.patiently(lambda: self.client.transact_write_items(TransactItems=writes))
        except Conflict:
            return False
        return True


def _pk(number: int) -> str:
    return f"{number:016d}"


def _chunk_sk(index: int) -> str:
    return f"chunk#{index:06d}"


def _block_sk(block: Block) -> str:
    return f"block#{block.chunk:06d}#{block.index:04d}#{block.part:02d}"


def _cursor(cursor: Cursor | None) -> str:
    return "" if cursor is None else f"{cursor.chunk}|{cursor.newsletter}|{cursor.after}"


def _to_cursor(text: str) -> Cursor | None:
    if not text:
        return None
    chunk, newsletter, after = text.split("|")
    return Cursor(int(chunk), newsletter, int(after))


def _count(outcomes: Mapping[int, Outcome]) -> dict[str, int]:
    """Fates, and reasons of those left out; who is to be tried again has no fate yet."""
    counters: dict[str, int] = {}
    for outcome in outcomes.values():
        if outcome.fate is Fate.AGAIN:
            continue
        names = [outcome.fate.value]
        if outcome.fate is Fate.SKIPPED:
            names.append(f"skipped_{outcome.detail}")
        for name in names:
            counters[name] = counters.get(name, 0) + 1
    return counters


def _to_outcomes(text: str) -> dict[int, Outcome]:
    return {int(at): Outcome(Fate(fate), detail) for at, (fate, detail) in json.loads(text).items()}


def _from_chunk(number: int, chunk: Chunk) -> Item:
    people = [[person.number, person.email, person.name] for person in chunk.recipients]
    return {
        "pk": _pk(number),
        "sk": _chunk_sk(chunk.index),
        "recipients": json.dumps(people, ensure_ascii=False, separators=(",", ":")),
        "next": _cursor(chunk.next),
        "block_size": chunk.block_size,
    }


def _to_chunk(item: Item) -> Chunk:
    people = tuple(Recipient(*person) for person in json.loads(item["recipients"]))
    return Chunk(int(item["sk"].partition("#")[2]), people, _to_cursor(item["next"]), item["block_size"])


def _from_campaign(campaign: Campaign) -> Item:
    return {
        "pk": _pk(campaign.number),
        "sk": "campaign",
        "number": campaign.number,
        "workspace": campaign.workspace,
        "sender": campaign.sender,
        "topic": campaign.topic,
        "message_class": campaign.message_class.value,
        "link_scope": int(campaign.link_scope),
        "only": campaign.only,
        "state": campaign.state.value,
        "walked_to": _cursor(campaign.cursor),
        "chunks": campaign.chunks,
        "audience": 0,
    }


def _to_campaign(item: Item) -> Campaign:
    counters = {name.removeprefix(_COUNTER): n for name, n in item.items() if name.startswith(_COUNTER)}
    return Campaign(
        number=item["number"],
        workspace=item["workspace"],
        sender=item["sender"],
        topic=item["topic"],
        message_class=MessageClass(item["message_class"]),
        link_scope=LinkScope(item["link_scope"]),
        only=item["only"],
        state=State(item["state"]),
        cursor=_to_cursor(item["walked_to"]),
        chunks=item["chunks"],
        counters={**counters, "audience": item["audience"]},
    )
