"""Fences: stored counters that find any page of a list, and its exact total, at a small cost.

A fence is a counter bucket: it counts the rows from its own number up to the number of the next fence. Only the last
fence is open. A transaction that adds rows also adds to the open fence, on the condition that the new numbers are
greater than all earlier ones. So numbers grow in the order in which rows become visible, and a reader in number order
misses none. A full fence is closed by the transaction that opens the next one, which stores the number of all rows
before it.

So the open fence knows the total. A page is found by adding up counters (one query) and skipping rows of one fence
(another query): at most `FULL` rows, and those of one batch, are read in addition to the page.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optout import number
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, pack
from optout.number import LIMIT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

FULL = 500
WRITES = 2  # that adding rows takes in their transaction at most
EVERY = "all"  # the counter of all rows; a list may have others, for some of its rows
_ROOM = "(attribute_not_exists(n_all) OR n_all < :full)"
_OPEN = "attribute_not_exists(closed)"
_GROWS = f"{_OPEN} AND (attribute_not_exists(#last) OR #last < :number)"


@dataclass(frozen=True, slots=True)
class Fence:
    """``counts`` holds the counters of the rows from ``start`` on, ``before`` those of all earlier rows (correct in the
    open fence only); ``last`` is the greatest number counted."""

    start: int
    last: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return self.counts.get(EVERY, 0) >= FULL

    @property
    def through(self) -> Mapping[str, int]:
        """The number of rows up to the end of this fence, by counter."""
        return {name: self.before.get(name, 0) + self.counts.get(name, 0) for name in {*self.before, *self.counts}}


@dataclass(frozen=True, slots=True)
class Rows:
    """New rows of the list ``of``, with the numbers from ``first`` to ``last``, and the counters that count each of
    them."""

    of: str
    first: int
    last: int
    count: int = 1
    counters: Collection[str] = (EVERY,)


def counted(fences: Sequence[Fence], counter: str) -> int:
    """The number of rows that the fences count."""
    return sum(fence.counts.get(counter, 0) for fence in fences)


def fences_before(fences: Sequence[Fence], row: int) -> tuple[Sequence[Fence], Fence | None]:
    """The fences whose rows are all below a number, and the fence of the number itself."""
    below = [fence for fence in fences if fence.start <= row]
    return below[:-1], below[-1] if below else None


def locate(fences: Sequence[Fence], counter: str, offset: int, *, newest_first: bool) -> tuple[int, int]:
    """The position of the row at ``offset``: the number after which to start reading, and the rows to skip."""
    following = [*(fence.start for fence in fences[1:]), LIMIT]
    behind = zip(fences, following, strict=False)
    for fence, end in reversed(list(behind)) if newest_first else behind:
        if offset < fence.counts.get(counter, 0):
            return (end if newest_first else fence.start - 1), offset
        offset -= fence.counts.get(counter, 0)
    return 0 if newest_first else LIMIT, 0


@dataclass(frozen=True, slots=True)
class Fences:
    """The fences of all lists in a table. The open fence of a list is cached until a write with it loses."""

    client: "DynamoDBClient"
    table: str
    _open: dict[str, Fence] = field(default_factory=dict)

    def all(self, of: str) -> Sequence[Fence]:
        """All fences of a list, oldest first."""
        return list(self._query(of))

    def newest(self, of: str, count: int) -> Iterator[Fence]:
        """The fences of a list, newest first, read lazily and ``count`` at a time."""
        return self._query(of, ScanIndexForward=False, Limit=count)

    def next_number(self, of: str) -> int:
        """A number greater than all numbers in the list."""
        return max(number.new(), self._open_fence(of).last + 1)

    def adding(self, rows: Rows) -> "list[TransactWriteItemTypeDef]":
        """The writes that count new rows, for their transaction."""
        fence = self._open_fence(rows.of)
        values = {":by": rows.count, ":last": rows.last}
        if fence.is_full:
            taken_over = {f":b_{name}": count for name, count in fence.through.items()}
            sets = ", ".join(["#last = :last", *(f"{key[1:]} = {key}" for key in taken_over)])
            update = f"SET {sets} ADD {_counters(rows.counters)}"
            opening = self._update(rows.of, rows.first, update, "attribute_not_exists(pk)", values | taken_over)
            return [self._closing(fence, rows), opening]
        update = f"SET #last = :last ADD {_counters(rows.counters)}"
        values |= {":number": rows.first, ":full": FULL}
        return [self._update(rows.of, fence.start, update, f"{_GROWS} AND {_ROOM}", values)]

    def _closing(self, fence: Fence, rows: Rows) -> "TransactWriteItemTypeDef":
        """The write that closes a fence. Its counts must still be those that the next one takes over."""
        condition = f"{_GROWS} AND #last = :was AND n_all = :n"
        known = {":true": True, ":was": fence.last, ":n": fence.counts[EVERY], ":number": rows.first}
        if EVERY in fence.before:
            condition += " AND b_all = :b"
            known[":b"] = fence.before[EVERY]
        return self._update(rows.of, fence.start, "SET closed = :true", condition, known)

    def removing(self, of: str, row: int, counters: Collection[str] = (EVERY,)) -> "list[TransactWriteItemTypeDef]":
        """The writes that uncount a row, for the transaction that deletes it."""
        fence, last = self._before(of, row + 1), self._open_fence(of)
        less = {":by": -1}
        if fence.start == last.start:
            return [
                self._update(of, last.start, f"ADD {_counters(counters)}", f"attribute_exists(pk) AND {_OPEN}", less)
            ]
        return [
            self._update(of, fence.start, f"ADD {_counters(counters)}", "attribute_exists(pk)", less),
            self._update(of, last.start, f"ADD {_counters(counters, 'b')}", f"attribute_exists(pk) AND {_OPEN}", less),
        ]

    def note(self, rows: Rows) -> None:
        """Update the cached open fence after rows were added."""
        fence = self._open.get(rows.of)
        if fence is None:
            return
        start, counts, before = fence.start, dict(fence.counts), fence.before
        if fence.is_full:
            start, counts, before = rows.first, {}, fence.through
        for name in rows.counters:
            counts[name] = counts.get(name, 0) + rows.count
        self._open[rows.of] = Fence(start, rows.last, counts, before)

    def forget(self, of: str) -> None:
        """Drop the cached open fence of a list."""
        self._open.pop(of, None)

    def _open_fence(self, of: str) -> Fence:
        if of not in self._open:
            self._open[of] = self._before(of, LIMIT)
        return self._open[of]

    def _before(self, of: str, end: int) -> Fence:
        """The last fence that starts before a number. The first fence of a list starts at 0 and may not exist yet."""
        with dynamodb.map_errors():
            answer = self.client.query(
                TableName=self.table,
                KeyConditionExpression="pk = :pk AND sk < :end",
                ExpressionAttributeValues=pack({":pk": _pk(of), ":end": _sk(end)}),
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=1,
            )
        return _to_fence(dynamodb.unpack(answer["Items"][0])) if answer["Items"] else Fence(0)

    def _query(self, of: str, **request: Any) -> Iterator[Fence]:
        return map(_to_fence, dynamodb.partition(self.client, self.table, _pk(of), **request))

    def _update(
        self, of: str, start: int, update: str, condition: str, values: Mapping[str, Any]
    ) -> "TransactWriteItemTypeDef":
        changed: Any = {
            "TableName": self.table,
            "Key": pack({"pk": _pk(of), "sk": _sk(start)}),
            "UpdateExpression": update,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": pack(values),
        }
        if "#last" in update + condition:
            changed["ExpressionAttributeNames"] = {"#last": "last"}
        return {"Update": changed}


def _counters(names: Collection[str], kind: str = "n") -> str:
    return ", ".join(f"{kind}_{name} :by" for name in names)


def _pk(of: str) -> str:
    return f"{of}#fences"


def _sk(start: int) -> str:
    return f"{start:016d}"


def _to_fence(item: Item) -> Fence:
    counts, before = (
        {name[2:]: value for name, value in item.items() if name.startswith(prefix)} for prefix in ("n_", "b_")
    )
    return Fence(int(item["sk"]), item.get("last", 0), counts, before)
