"""Counting the records of a workspace so that any page, and the exact total, costs the same.

A fence counts the records from its own number up to the next fence's. Only the last one is open. Making a record adds
to the open fence, in the record's own transaction and on the condition that its number is greater than every number
before: so numbers grow in the order in which records become visible, and who reads by number misses none. A full fence
is closed by the transaction that opens the next one.

A page is found by adding up the counters (one query) and skipping within one fence (another): at most `FULL` records
more than are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from optout import number
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, pack
from optout.number import LIMIT
from optout.suppression import Action, Change, View

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef, UpdateTypeDef

FULL = 500
_ROOM = "(attribute_not_exists(n_all) OR n_all < :full)"
_OPEN = "attribute_not_exists(closed) AND (attribute_not_exists(#last) OR #last < :number)"


@dataclass(frozen=True, slots=True)
class Fence:
    """Counters of the records from ``start`` on; ``last`` is the greatest number it has counted."""

    start: int
    last: int = 0
    counts: dict[View, int] = field(default_factory=dict)


def counted(fences: Sequence[Fence], view: View) -> int:
    """How many records the fences count."""
    return sum(fence.counts.get(view, 0) for fence in fences)


def fences_before(fences: Sequence[Fence], record: int) -> tuple[Sequence[Fence], Fence | None]:
    """The fences whose records all lie below a number, and the one that the number falls into."""
    below = [fence for fence in fences if fence.start <= record]
    return below[:-1], below[-1] if below else None


def locate(fences: Sequence[Fence], view: View, offset: int, *, newest_first: bool) -> tuple[int, int]:
    """Where the record at ``offset`` is found: behind this number, which is left out, skipping so many."""
    following = [*(fence.start for fence in fences[1:]), LIMIT]
    behind = zip(fences, following, strict=False)
    for fence, end in reversed(list(behind)) if newest_first else behind:
        if offset < fence.counts.get(view, 0):
            return (end if newest_first else fence.start - 1), offset
        offset -= fence.counts.get(view, 0)
    return 0 if newest_first else LIMIT, 0


@dataclass(frozen=True, slots=True)
class Fences:
    """The fences of every workspace. The open one of each is remembered until a write that counted on it loses."""

    client: "DynamoDBClient"
    table: str
    _open: dict[str, Fence] = field(default_factory=dict)

    def all(self, workspace: str) -> Sequence[Fence]:
        items = dynamodb.query(
            self.client,
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=pack({":pk": _pk(workspace)}),
            ConsistentRead=True,
        )
        return [_to_fence(item) for item in items]

    def next_number(self, workspace: str) -> int:
        return max(number.new(), self._open_fence(workspace).last + 1)

    def writes(self, change: Change) -> "list[TransactWriteItemTypeDef]":
        """What a change adds to its transaction."""
        record = change.record
        if change.action is Action.LIFTED:
            fence = self._before(record.workspace, record.number + 1)
            return [self._count(record.workspace, fence.start, change, "attribute_exists(pk)", by=-1)]
        if change.action is not Action.SUPPRESSED:
            return []
        fence = self._open_fence(record.workspace)
        if fence.counts.get(View.ALL, 0) < FULL:
            return [self._count(record.workspace, fence.start, change, _OPEN, by=1)]
        close: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self.table,
                "Key": pack({"pk": _pk(record.workspace), "sk": _sk(fence.start)}),
                "UpdateExpression": "SET closed = :true",
                "ConditionExpression": _OPEN,
                "ExpressionAttributeNames": {"#last": "last"},
                "ExpressionAttributeValues": pack({":true": True, ":number": record.number}),
            }
        }
        return [close, self._count(record.workspace, record.number, change, "attribute_not_exists(pk)", by=1)]

    def note(self, change: Change) -> None:
        """Remember what a change that was written did to the open fence."""
        fence = self._open.get(change.record.workspace)
        if fence is None or change.action is not Action.SUPPRESSED:
            return
        count, new = fence.counts.get(View.ALL, 0), change.record.number
        start, count = (fence.start, count + 1) if count < FULL else (new, 1)
        self._open[change.record.workspace] = Fence(start, new, {View.ALL: count})

    def forget(self, workspace: str) -> None:
        self._open.pop(workspace, None)

    def _open_fence(self, workspace: str) -> Fence:
        if workspace not in self._open:
            self._open[workspace] = self._before(workspace, LIMIT)
        return self._open[workspace]

    def _before(self, workspace: str, end: int) -> Fence:
        """The last fence that starts before a number; the first one of all starts at 0 and need not be there yet."""
        with dynamodb.translated():
            answer = self.client.query(
                TableName=self.table,
                KeyConditionExpression="pk = :pk AND sk < :end",
                ExpressionAttributeValues=pack({":pk": _pk(workspace), ":end": _sk(end)}),
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=1,
            )
        return _to_fence(dynamodb.unpack(answer["Items"][0])) if answer["Items"] else Fence(0)

    def _count(
        self, workspace: str, start: int, change: Change, condition: str, *, by: int
    ) -> "TransactWriteItemTypeDef":
        counters = ", ".join(f"n_{view.value} :by" for view in View if view.shows(change.record.scope))
        update: UpdateTypeDef = {
            "TableName": self.table,
            "Key": pack({"pk": _pk(workspace), "sk": _sk(start)}),
            "UpdateExpression": f"ADD {counters}",
            "ConditionExpression": condition,
            "ExpressionAttributeValues": pack({":by": by}),
        }
        if by > 0:
            values = {":by": by, ":number": change.record.number}
            if condition is _OPEN:
                update["ConditionExpression"] = f"{_OPEN} AND {_ROOM}"
                values[":full"] = FULL
            update["UpdateExpression"] = f"SET #last = :number ADD {counters}"
            update["ExpressionAttributeNames"] = {"#last": "last"}
            update["ExpressionAttributeValues"] = pack(values)
        return {"Update": update}


def _pk(workspace: str) -> str:
    return f"{workspace}#fences"


def _sk(start: int) -> str:
    return f"{start:016d}"


def _to_fence(item: Item) -> Fence:
    return Fence(int(item["sk"]), item.get("last", 0), {view: item.get(f"n_{view.value}", 0) for view in View})
