"""What the provider's events prove, kept where it is needed: in the rows of blocks that are not settled.

Nearly every event is about a block that is settled, and costs no write: once a process has seen that, not even a read.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from optout.aws import dynamodb
from optout.aws.campaign_items import block_sk, pk_of
from optout.aws.dynamodb import Lost, pack
from optout.ledger import Block
from optout.reconciling import Sighting

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_REMEMBERED = 10_000  # settled blocks, for good: no block is ever unsettled
_WATERMARK = ("events", "alive")
_Key = tuple[str, str]


@dataclass
class DynamoDBEvidence:
    """The `Evidence` port. ``beat``: milliseconds by which the watermark lags behind at most, to spare writes."""

    client: "DynamoDBClient"
    table: str
    beat: int = 30_000
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
            if "outcomes" in item or not self._write(key, by_block[key]):
                self._remember(key)
            else:
                written += 1
        return written

    def note_alive(self, at: int) -> None:
        if at < self._noted + self.beat:
            return
        try:
            with dynamodb.translated():
                self.client.update_item(
                    TableName=self.table,
                    Key=_key(_WATERMARK),
                    UpdateExpression="SET accepted = :at",
                    ConditionExpression="attribute_not_exists(pk) OR accepted < :at",
                    ExpressionAttributeValues=pack({":at": at}),
                )
        except Lost:
            pass  # somebody has seen a later one
        self._noted = at

    def alive_until(self) -> int:
        item = dynamodb.get(self.client, self.table, *_WATERMARK)
        return item["accepted"] if item else 0

    def _write(self, key: _Key, seen: dict[int, str]) -> bool:
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
