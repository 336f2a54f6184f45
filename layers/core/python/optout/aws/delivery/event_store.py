"""Accepted events, kept where they are needed: in the rows of blocks that are not settled.

Nearly every event is about a settled block and costs no write, and no read once the process knows that the block is
settled. In a settled block UNKNOWN can still be corrected.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optout import clock
from optout.aws import dynamodb
from optout.aws.campaigns.items import COUNTER, block_sk, from_outcomes, pk_of, to_outcomes
from optout.aws.dynamodb import Item, Lost, pack
from optout.campaigns.ledger import Block, DeliveryStatus, Outcome, Outcomes
from optout.delivery.event_store import AcceptedEvent

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_REMEMBERED = 10_000  # settled blocks; a settled block stays settled
_WATERMARK = ("events", "alive")
_Key = tuple[str, str]


@dataclass
class DynamoDBEventStore:
    """The `EventStore` port. ``beat``: milliseconds by which the watermark may lag, to save writes. ``settling``: after
    a gap in the event stream, events count as current only when the stream has run for this long (milliseconds)
    without another gap."""

    client: "DynamoDBClient"
    table: str
    beat: int = 30_000
    settling: int = 15 * 60_000
    _settled: OrderedDict[_Key, None] = field(default_factory=OrderedDict, init=False)
    _noted: int = field(default=0, init=False)

    def record(self, accepted_events: Sequence[AcceptedEvent]) -> int:
        by_block: defaultdict[_Key, dict[int, str]] = defaultdict(dict)
        for accepted_event in accepted_events:
            block = Block(accepted_event.chunk, accepted_event.index, accepted_event.part, ())
            by_block[pk_of(accepted_event.campaign), block_sk(block)][accepted_event.position] = (
                accepted_event.message_id
            )
        unknown = [key for key in by_block if key not in self._settled]
        written = 0
        for item in dynamodb.get_many(self.client, self.table, unknown):
            key = item["pk"], item["sk"]
            keep = self._correct if "outcomes" in item else self._write
            written += keep(key, by_block[key], item)
        return written

    def mark_alive(self, at: int) -> None:
        if at < self._noted + self.beat:
            return
        now = clock.now()
        values = {":at": at, ":now": now, ":quiet": now - self.settling}
        if not self._raise("SET accepted = :at, heard = :now", "accepted < :at AND heard > :quiet", values):
            self._raise(
                "SET earlier = if_not_exists(accepted, :none), accepted = :at, heard = :now, since = :now",
                "attribute_not_exists(heard) OR (accepted < :at AND heard <= :quiet)",
                {**values, ":none": 0},
            )  # otherwise a later one is recorded
        self._noted = at

    def alive_until(self) -> int:
        item = dynamodb.get(self.client, self.table, *_WATERMARK)
        if item is None or "since" not in item:
            return 0
        is_settled = clock.now() >= item["since"] + self.settling
        return int(item["accepted"] if is_settled else item["earlier"])

    def _raise(self, change: str, condition: str, values: dict[str, int]) -> bool:
        try:
            with dynamodb.map_errors():
                self.client.update_item(
                    TableName=self.table,
                    Key=_key(_WATERMARK),
                    UpdateExpression=change,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=pack(values),
                )
        except Lost:
            return False
        return True

    def _correct(self, key: _Key, seen: dict[int, str], item: Item) -> bool:
        """Correct UNKNOWN to SENT in a settled block. Raises `Lost` when another process did so at the same time; the
        events are then delivered again."""
        outcomes = to_outcomes(item["outcomes"])
        doubtful = [at for at, outcome in outcomes.items() if outcome.status is DeliveryStatus.UNKNOWN]
        corrected = {at: Outcome(DeliveryStatus.SENT, seen[at]) for at in doubtful if at in seen}
        if not doubtful:
            self._remember(key)
        if corrected:
            self._replace(key, item, {**outcomes, **corrected}, len(corrected))
        return bool(corrected)

    def _replace(self, key: _Key, item: Item, outcomes: Outcomes, corrected: int) -> None:
        block: Any = {
            "Key": _key(key),
            "UpdateExpression": "SET outcomes = :new",
            "ConditionExpression": "outcomes = :old",
            "ExpressionAttributeValues": pack({":new": from_outcomes(outcomes), ":old": item["outcomes"]}),
        }
        campaign: Any = {
            "Key": _key((key[0], "campaign")),
            "UpdateExpression": "ADD #sent :more, #unknown :fewer",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeNames": {
                "#sent": COUNTER + DeliveryStatus.SENT,
                "#unknown": COUNTER + DeliveryStatus.UNKNOWN,
            },
            "ExpressionAttributeValues": pack({":more": corrected, ":fewer": -corrected}),
        }
        writes: Any = [{"Update": {"TableName": self.table, **write}} for write in (block, campaign)]
        dynamodb.transact(self.client, writes)

    def _write(self, key: _Key, seen: dict[int, str], _: Item) -> bool:
        """Add to the row of a block in doubt. When the block was settled meanwhile, its outcomes are corrected."""
        places = ", ".join(f"accepted.#p{i} = :m{i}" for i in range(len(seen)))
        request: Any = {
            "TableName": self.table,
            "Key": _key(key),
            "UpdateExpression": f"SET {places}",
            "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(outcomes)",
            "ExpressionAttributeNames": {f"#p{i}": str(at) for i, at in enumerate(seen)},
            "ExpressionAttributeValues": pack({f":m{i}": message for i, message in enumerate(seen.values())}),
        }
        try:
            dynamodb.with_retries(lambda: self.client.update_item(**request))
        except Lost:
            item = dynamodb.get(self.client, self.table, *key)
            return "outcomes" in item and self._correct(key, seen, item) if item else False
        return True

    def _remember(self, key: _Key) -> None:
        self._settled[key] = None
        while len(self._settled) > _REMEMBERED:
            self._settled.popitem(last=False)


def _key(key: _Key) -> dict[str, dict[str, str]]:
    return pack({"pk": key[0], "sk": key[1]})
