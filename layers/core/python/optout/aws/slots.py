"""The send rate shared by all workers: one item that says when the next free slot begins."""

import time
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from optout import number
from optout.aws import dynamodb
from optout.aws.dynamodb import Lost, pack, unpack
from optout.errors import NotSent

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEY = {"pk": "slots", "sk": "slots"}
_HORIZON = 5_000  # milliseconds that a worker waits for its turn; what is further off is another run's


@dataclass(frozen=True)
class DynamoDBSlots:
    """The `Slots` port: a lease moves ``next_free`` forward by count / rate."""

    client: "DynamoDBClient"
    table: str

    def take(self, count: int, rate: float) -> None:
        length = ceil(1000 * count / rate)
        while True:
            now = number.now()
            begins = self._queue_up(now, length)
            if begins is None and self._start(now, length):
                begins = now
            if begins is not None:
                break
            if self._too_far(now):
                raise NotSent("NoSendSlot")
        time.sleep(max(0, begins - now) / 1000)

    def _queue_up(self, now: int, length: int) -> int | None:
        """A lease behind the others'; None when there are none, or too many."""
        values = {":length": length, ":now": now, ":horizon": now + _HORIZON}
        try:
            with dynamodb.translated():
                answer = self.client.update_item(
                    TableName=self.table,
                    Key=pack(_KEY),
                    UpdateExpression="SET next_free = next_free + :length",
                    ConditionExpression="next_free >= :now AND next_free <= :horizon",
                    ExpressionAttributeValues=pack(values),
                    ReturnValues="UPDATED_OLD",
                )
        except Lost:
            return None
        return int(unpack(answer["Attributes"])["next_free"])

    def _start(self, now: int, length: int) -> bool:
        """A lease from now on, when nobody holds a later one."""
        try:
            with dynamodb.translated():
                self.client.update_item(
                    TableName=self.table,
                    Key=pack(_KEY),
                    UpdateExpression="SET next_free = :end",
                    ConditionExpression="attribute_not_exists(next_free) OR next_free < :now",
                    ExpressionAttributeValues=pack({":now": now, ":end": now + length}),
                )
        except Lost:
            return False
        return True

    def _too_far(self, now: int) -> bool:
        item = dynamodb.get(self.client, self.table, _KEY["pk"], _KEY["sk"])
        return item is not None and item["next_free"] > now + _HORIZON
