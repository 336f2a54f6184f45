"""Campaigns in DynamoDB. Their ledgers lie in the same partitions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from optout import clock
from optout.aws import dynamodb
from optout.aws.campaigns.items import (
    COUNTER,
    UNENDED,
    chunk_sk,
    from_campaign,
    from_cursor,
    from_idempotency_key,
    from_listing,
    from_parking,
    from_ramp,
    idempotency_pk,
    pk_of,
    to_campaign,
    to_chunk,
    to_idempotency_key,
    workspace_pk,
)
from optout.aws.campaigns.ledger import MAY_SEND, NEW, WORKING, DynamoDBLedger
from optout.aws.dynamodb import Item, Lost, pack
from optout.campaigns.campaign import Campaign, IdempotencyKey, Parking, State
from optout.campaigns.ledger import Chunk, Cursor
from optout.campaigns.ramp import Ramp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


@dataclass(frozen=True)
class DynamoDBCampaigns(DynamoDBLedger):
    """The `Campaigns` port."""

    def create(
        self, campaign: Campaign, content: Mapping[str, str], idempotency_key: IdempotencyKey | None = None
    ) -> None:
        pk, now = pk_of(campaign.number), clock.now()
        items: list[Item] = [
            from_campaign(campaign) | {"progress": now},
            *({"pk": pk, "sk": f"content#{part}", "text": text} for part, text in content.items()),
            {"pk": UNENDED, "sk": pk, "workspace": campaign.workspace},
            from_listing(campaign),
            *([from_idempotency_key(idempotency_key, campaign.number)] if idempotency_key else ()),
        ]
        writes: list[TransactWriteItemTypeDef] = [
            {"Put": {"TableName": self.table, "Item": pack(item), "ConditionExpression": NEW}} for item in items
        ]
        dynamodb.transact(self.client, writes)

    def find_by_key(self, key: str) -> tuple[IdempotencyKey, int] | None:
        item = dynamodb.get(self.client, self.table, idempotency_pk(key), "key")
        return to_idempotency_key(key, item) if item else None

    def newest(self, workspace: str, before: int, limit: int) -> Sequence[Campaign]:
        listed = dynamodb.query(
            self.client,
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND sk < :before",
            ExpressionAttributeValues=pack({":pk": workspace_pk(workspace), ":before": pk_of(before)}),
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=limit,
        )
        keys = [(item["sk"], "campaign") for item in islice(listed, limit)]
        found = map(to_campaign, dynamodb.get_many(self.client, self.table, keys))
        return sorted(found, key=lambda campaign: campaign.number, reverse=True)

    def get(self, number: int) -> Campaign | None:
        item = dynamodb.get(self.client, self.table, pk_of(number), "campaign")
        return to_campaign(item) if item else None

    def content(self, number: int) -> Mapping[str, str]:
        return {item["sk"].partition("#")[2]: item["text"] for item in self._items(number, "content#")}

    def with_chunk(self, number: int, index: int) -> tuple[Campaign | None, Chunk | None]:
        keys = [(pk_of(number), "campaign"), (pk_of(number), chunk_sk(index))]
        found = {item["sk"]: item for item in dynamodb.get_many(self.client, self.table, keys)}
        campaign, chunk = (found.get(sk) for _, sk in keys)
        return to_campaign(campaign) if campaign else None, to_chunk(chunk) if chunk else None

    def unended(self, workspace: str = "") -> Sequence[int]:
        request: dict[str, Any] = {"KeyConditionExpression": "pk = :pk", "ConsistentRead": True}
        values = {":pk": UNENDED}
        if workspace:
            request |= {"FilterExpression": "#of = :of", "ExpressionAttributeNames": {"#of": "workspace"}}
            values[":of"] = workspace
        found = dynamodb.query(self.client, TableName=self.table, ExpressionAttributeValues=pack(values), **request)
        return [int(item["sk"]) for item in found]

    def advance(self, number: int, before: Cursor, chunk: Chunk) -> bool:
        state = State.SENDING if chunk.next is None else State.EXPANDING
        values = {
            ":before": from_cursor(before),
            ":next": from_cursor(chunk.next),
            ":chunks": chunk.index + 1,
            ":added": len(chunk.recipients),
            ":state": state.value,
            ":now": clock.now(),
        }
        expression = "SET walked_to = :next, chunks = :chunks, #state = :state, progress = :now ADD audience :added"
        writes = [self._change(number, expression, f"walked_to = :before AND {MAY_SEND}", values | WORKING)]
        if chunk.recipients:
            marker = {"pk": pk_of(number), "sk": chunk_sk(chunk.index, "open")}
            writes.append({"Put": {"TableName": self.table, "Item": pack(marker), "ConditionExpression": NEW}})
        return self._once(writes)

    def move(
        self,
        campaign: Campaign,
        to: State,
        parking: Parking | None = None,
        excused: Mapping[str, int] | None = None,
    ) -> bool:
        values: dict[str, Any] = {":was": campaign.state.value, ":to": to.value}
        condition = "#state = :was"
        if to.may_send:  # the new state follows from the cursor
            condition += " AND walked_to = :walked"
            values |= {":walked": from_cursor(campaign.cursor), ":now": clock.now()}
        update = "SET #state = :to" + (", progress = :now" if to.may_send else "")
        if excused is not None:
            update += ", excused = :excused"
            values[":excused"] = dict(excused)
        if parking:
            update += ", parking = :parking"
            values[":parking"] = from_parking(parking)
        else:
            update += " REMOVE parking"
        return self._alone(campaign.number, update, condition, values)

    def widen(self, campaign: Campaign, ramp: Ramp) -> bool:
        values = {":was": from_ramp(campaign.ramp), ":ramp": from_ramp(ramp), **WORKING}
        return self._alone(campaign.number, "SET ramp = :ramp", f"ramp = :was AND {MAY_SEND}", values)

    def finish(self, number: int) -> bool:
        campaign = self.get(number)
        if campaign is None or campaign.state is not State.SENDING or campaign.pending:
            return False
        values = {":was": State.SENDING.value, ":to": State.FINISHED.value}
        ended = pack({"pk": UNENDED, "sk": pk_of(number)})
        return self._once(
            [
                self._change(number, "SET #state = :to", "#state = :was", values),
                {"Delete": {"TableName": self.table, "Key": ended}},
            ]
        )

    def note_enqueued(self, campaign: Campaign, now: int) -> bool:
        attempts = campaign.attempts + 1 if campaign.enqueued_at > campaign.progress else 1
        values = {":now": now, ":attempts": attempts, ":was": campaign.enqueued_at, **WORKING}
        condition = f"enqueued_at = :was AND {MAY_SEND}"
        return self._alone(campaign.number, "SET enqueued_at = :now, attempts = :attempts", condition, values)

    def retire(self, number: int) -> None:
        values = {":cancelled": State.CANCELLED.value}
        key = pack({"pk": pk_of(number), "sk": "campaign"})
        ended: Any = {
            "TableName": self.table,
            "Key": key,
            "ConditionExpression": "#state = :cancelled",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": pack(values),
        }
        listed = pack({"pk": UNENDED, "sk": pk_of(number)})
        self._once([{"ConditionCheck": ended}, {"Delete": {"TableName": self.table, "Key": listed}}])

    def record_feedback(self, number: int, block: str, index: str, kind: str) -> bool:
        item = {"pk": pk_of(number), "sk": f"feedback#{block}#{index}#{kind}"}
        writes: list[TransactWriteItemTypeDef] = [
            {"Put": {"TableName": self.table, "Item": pack(item), "ConditionExpression": NEW}},
            {
                "Update": {
                    "TableName": self.table,
                    "Key": pack({"pk": pk_of(number), "sk": "campaign"}),
                    "UpdateExpression": "ADD #counter :one",
                    "ConditionExpression": "attribute_exists(pk)",
                    "ExpressionAttributeNames": {"#counter": COUNTER + kind},
                    "ExpressionAttributeValues": pack({":one": 1}),
                }
            },
        ]
        return self._once(writes)

    def _alone(self, number: int, update: str, condition: str, values: Mapping[str, object]) -> bool:
        request: Any = self._change(number, update, condition, values)["Update"]
        try:
            dynamodb.with_retries(lambda: self.client.update_item(**request))
        except Lost:
            return False
        return True

    def _change(
        self, number: int, update: str, condition: str, values: Mapping[str, object]
    ) -> "TransactWriteItemTypeDef":
        return {
            "Update": {
                "TableName": self.table,
                "Key": pack({"pk": pk_of(number), "sk": "campaign"}),
                "UpdateExpression": update,
                "ConditionExpression": condition,
                "ExpressionAttributeNames": {"#state": "state"},
                "ExpressionAttributeValues": pack(values),
            }
        }
