"""What events prove, kept where it is needed: in the rows of blocks that are not settled.

Nearly every event confirms a settled block and costs no write, and no read once the process knows that the block is
settled. A settled block is still corrected: UNKNOWN is decided, and SENT becomes FAILED where SES rejected the email.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optout import clock
from optout.aws import dynamodb
from optout.aws.campaigns.items import REJECTIONS, adding, block_sk, from_outcome, from_outcomes, pk_of, to_outcomes
from optout.aws.dynamodb import Item, Lost, pack
from optout.backoff import pause
from optout.campaigns.ledger import Block, DeliveryStatus, Outcome, Outcomes
from optout.campaigns.outcomes import corrections, recount
from optout.delivery.event_store import Proof
from optout.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTEMPTS = 8  # to apply events to a block that others write
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

    def record(self, proofs: Sequence[Proof]) -> int:
        by_block: defaultdict[_Key, dict[int, Outcome]] = defaultdict(dict)
        for proof in proofs:
            proven = by_block[pk_of(proof.campaign), block_sk(Block(proof.chunk, proof.index, proof.part, ()))]
            known = proven.get(proof.position)
            if known is None or proof.outcome.overrules(known):
                proven[proof.position] = proof.outcome
        news = [key for key, proven in by_block.items() if key not in self._settled or _has_rejection(proven)]
        found = dynamodb.get_many(self.client, self.table, news)
        return sum(self._apply((item["pk"], item["sk"]), by_block[item["pk"], item["sk"]], item) for item in found)

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

    def _apply(self, key: _Key, proven: Outcomes, item: Item | None) -> bool:
        """Whether the block was written. When it was settled or corrected since it was read, it is read again."""
        for attempt in range(_ATTEMPTS):
            if item is None:
                return False
            try:
                return self._correct(key, proven, item) if "outcomes" in item else self._keep(key, proven)
            except Lost:
                pause(attempt)
                item = dynamodb.get(self.client, self.table, *key)
        raise Unavailable

    def _correct(self, key: _Key, proven: Outcomes, item: Item) -> bool:
        """Correct the outcomes of a settled block, and the counters, in one transaction."""
        outcomes = to_outcomes(item["outcomes"])
        corrected = corrections(outcomes, proven)
        if not any(outcome.status is DeliveryStatus.UNKNOWN for outcome in outcomes.values()):
            self._remember(key)
        if not corrected:
            return False
        adds, names, values = adding(recount(outcomes, corrected))
        block: Any = {
            "Key": _key(key),
            "UpdateExpression": "SET outcomes = :new",
            "ConditionExpression": "outcomes = :old",
            "ExpressionAttributeValues": pack(
                {":new": from_outcomes({**outcomes, **corrected}), ":old": item["outcomes"]}
            ),
        }
        campaign: Any = {
            "Key": _key((key[0], "campaign")),
            "UpdateExpression": adds.strip(),
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": pack(values),
        }
        writes: Any = [{"Update": {"TableName": self.table, **write}} for write in (block, campaign)]
        dynamodb.transact(self.client, writes)
        return True

    def _keep(self, key: _Key, proven: Outcomes) -> bool:
        """Add to the row of a block in doubt. A rejection prevails over the acceptance before it, in any order."""
        names = {f"#p{i}": str(at) for i, at in enumerate(proven)}
        values: dict[str, Any] = {f":o{i}": from_outcome(outcome) for i, outcome in enumerate(proven.values())}
        sets, adds = [], ""
        for i, outcome in enumerate(proven.values()):
            is_rejection = outcome.status is DeliveryStatus.FAILED
            sets.append(f"accepted.#p{i} = " + (f":o{i}" if is_rejection else f"if_not_exists(accepted.#p{i}, :o{i})"))
        if _has_rejection(proven):  # a settle that does not know it is refused
            adds, values[":one"] = f" ADD {REJECTIONS} :one", 1
        request: Any = {
            "TableName": self.table,
            "Key": _key(key),
            "UpdateExpression": f"SET {', '.join(sets)}{adds}",
            "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(outcomes)",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": pack(values),
        }
        dynamodb.with_retries(lambda: self.client.update_item(**request))
        return True

    def _remember(self, key: _Key) -> None:
        self._settled[key] = None
        while len(self._settled) > _REMEMBERED:
            self._settled.popitem(last=False)


def _has_rejection(proven: Outcomes) -> bool:
    return any(outcome.status is DeliveryStatus.FAILED for outcome in proven.values())


def _key(key: _Key) -> dict[str, dict[str, str]]:
    return pack({"pk": key[0], "sk": key[1]})
