"""What the provider's events prove, kept where it is needed: in the rows of blocks that are not settled.

Nearly every event is about a block that is settled, and costs no write: once a process has seen that, not even a read.
Of a block that was settled as UNKNOWN the fates can still be mended.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optout import clock
from optout.aws import dynamodb
from optout.aws.campaigns.items import COUNTER, block_sk, from_outcomes, pk_of, to_outcomes
from optout.aws.dynamodb import Item, Lost, pack
from optout.campaigns.ledger import Block, Fate, Outcome, Outcomes
from optout.delivery.evidence import Sighting

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_REMEMBERED = 10_000  # settled blocks, for good: no block is ever unsettled
_WATERMARK = ("events", "alive")
_Key = tuple[str, str]


@dataclass
class DynamoDBEvidence:
    """The `Evidence` port. ``beat``: milliseconds by which the watermark lags behind at most, to spare writes.
    ``settling``: what arrives counts once events have arrived for so long without a pause that was as long."""

    client: "DynamoDBClient"
    table: str
    beat: int = 30_000
    settling: int = 15 * 60_000
    _settled: OrderedDict[_Key, None] = field(default_factory=OrderedDict, init=False)
    _noted: int = field(default=0, init=False)

    def note(self, sightings: Sequence[Sighting]) -> int:
        by_block: defaultdict[_Key, dict[int, str]] = defaultdict(dict)
        for sighting in sightings:
            block = Block(sighting.chunk, sighting.index, sighting.part, ())
            by_block[pk_of(sighting.campaign), block_sk(block)][sighting.position] = sighting.message_id
        unknown = [key for key in by_block if key not in self._settled]
        written = 0
        for item in dynamodb.get_many(self.client, self.table, unknown):
            key = item["pk"], item["sk"]
            keep = self._mend if "outcomes" in item else self._write
            written += keep(key, by_block[key], item)
        return written

    def note_alive(self, at: int) -> None:
        if at < self._noted + self.beat:
            return
        now = clock.now()
        values = {":at": at, ":now": now, ":quiet": now - self.settling}
        if not self._raise("SET accepted = :at, heard = :now", "accepted < :at AND heard > :quiet", values):
            self._raise(
                "SET earlier = if_not_exists(accepted, :none), accepted = :at, heard = :now, since = :now",
                "attribute_not_exists(heard) OR (accepted < :at AND heard <= :quiet)",
                {**values, ":none": 0},
            )  # otherwise somebody has seen a later one
        self._noted = at

    def alive_until(self) -> int:
        item = dynamodb.get(self.client, self.table, *_WATERMARK)
        if item is None or "since" not in item:
            return 0
        is_settled = clock.now() >= item["since"] + self.settling
        return int(item["accepted"] if is_settled else item["earlier"])

    def _raise(self, change: str, condition: str, values: dict[str, int]) -> bool:
        try:
            with dynamodb.translated():
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

    def _mend(self, key: _Key, seen: dict[int, str], item: Item) -> bool:
        """Say SENT where a settled block says UNKNOWN. `Lost` when somebody else did so just now: the events that are
        not kept come again."""
        outcomes = to_outcomes(item["outcomes"])
        doubtful = [at for at, outcome in outcomes.items() if outcome.fate is Fate.UNKNOWN]
        mended = {at: Outcome(Fate.SENT, seen[at]) for at in doubtful if at in seen}
        if not doubtful:
            self._remember(key)
        if mended:
            dynamodb.patiently(lambda: self._replace(key, item, {**outcomes, **mended}, len(mended)))
        return bool(mended)

    def _replace(self, key: _Key, item: Item, outcomes: Outcomes, mended: int) -> None:
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
            "ExpressionAttributeNames": {"#sent": COUNTER + Fate.SENT, "#unknown": COUNTER + Fate.UNKNOWN},
            "ExpressionAttributeValues": pack({":more": mended, ":fewer": -mended}),
        }
        writes: Any = [{"Update": {"TableName": self.table, **write}} for write in (block, campaign)]
        self.client.transact_write_items(TransactItems=writes)

    def _write(self, key: _Key, seen: dict[int, str], _: Item) -> bool:
        """Add to the row of a block in doubt; False when it has been settled since."""
        places = ", ".join(f"seen.#p{i} = :m{i}" for i in range(len(seen)))
        try:
            with dynamodb.translated():
                self.client.update_item(
                    TableName=self.table,
                    Key=_key(key),
                    UpdateExpression=f"SET {places}",
                    ConditionExpression="attribute_exists(pk) AND attribute_not_exists(outcomes)",
                    ExpressionAttributeNames={f"#p{i}": str(at) for i, at in enumerate(seen)},
                    ExpressionAttributeValues=pack({f":m{i}": message for i, message in enumerate(seen.values())}),
                )
        except Lost:
            return False
        return True

    def _remember(self, key: _Key) -> None:
        self._settled[key] = None
        while len(self._settled) > _REMEMBERED:
            self._settled.popitem(last=False)


def _key(key: _Key) -> dict[str, dict[str, str]]:
    return pack({"pk": key[0], "sk": key[1]})
