"""Rate limits in DynamoDB: one item per subject holds all its counts, in a table without backup."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

from optout import clock
from optout.access.limit import FAILURES, Count, Spent, Window, Windows
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack, unpack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTEMPTS = 10
_SLACK = 3600  # seconds by which an item outlives its windows, to allow for clock differences


@dataclass
class _Update:
    """Builds an UpdateItem request; an attribute gets its placeholder at its first use."""

    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    conditions: list[str] = field(default_factory=list)

    def name(self, attribute: str) -> str:
        return self.names.setdefault(attribute, f"#n{len(self.names)}")

    def value(self, value: int) -> str:
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = value
        return placeholder

    def count(self, stem: str, by: int = 1) -> str:
        return f"{self.name(_used(stem))} {self.value(by)}"

    def set(self, attribute: str, value: int) -> str:
        return f"{self.name(attribute)} = {self.value(value)}"

    def running(self, stem: str, now: int, below: int) -> None:
        """Require a window that has not ended and has counted less than ``below``."""
        self.conditions.append(f"{self.name(_ends(stem))} > {self.value(now)}")
        self.conditions.append(f"{self.name(_used(stem))} < {self.value(below)}")

    def began(self, stem: str, ends: int) -> None:
        """Require a window that ends at a time or before, and has counted something."""
        self.conditions.append(f"{self.name(_ends(stem))} <= {self.value(ends)}")
        self.conditions.append(f"{self.name(_used(stem))} > {self.value(0)}")

    def not_full(self, stem: str, now: int, below: int) -> None:
        """Require a window that is missing or over, or has counted less than ``below``."""
        ends, used = self.name(_ends(stem)), self.name(_used(stem))
        self.conditions.append(
            f"(attribute_not_exists({ends}) OR {ends} <= {self.value(now)} OR {used} < {self.value(below)})"
        )

    def unchanged(self, item: Item, attributes: Iterable[str]) -> None:
        """Require attributes that have not changed since the item was read."""
        for attribute in attributes:
            name = self.name(attribute)
            known = attribute in item
            self.conditions.append(
                f"{name} = {self.value(item[attribute])}" if known else f"attribute_not_exists({name})"
            )


@dataclass(frozen=True)
class DynamoDBLimiter:
    """The `Limiter` port. An allowed request takes one write; the first request of a window, and a failure that starts
    or fills a lockout, takes two; a refused request takes one attempt. A window never allows more than its limit,
    because every write is conditional on the count before it. A retried write may count a request, or take it
    back, twice."""

    client: "DynamoDBClient"
    table: str
    clock: Callable[[], int] = clock.now

    def spend(self, subject: str, bucket: str, windows: Windows, lockout: Window | None = None) -> Spent:
        now, stems = self.clock(), {window: _stem(bucket, window) for window in windows}
        for _ in range(_ATTEMPTS):
            found, counted = self._count(subject, stems, lockout, now)
            counts = {window: window.current(_read(found, stem), now) for window, stem in stems.items()}
            if counted:
                return Spent.of(counts)
            waits = [window.wait(count, now) for window, count in counts.items()]
            if lockout:
                waits.append(lockout.wait(_read(found, _stem(FAILURES, lockout)), now))
            if any(waits):
                return Spent.of(counts, max(waits))
            counts = {window: window.spent(count, now) for window, count in counts.items()}
            if self._replace(subject, found, {stems[window]: count for window, count in counts.items()}):
                return Spent.of(counts)
        return Spent.of(counts, wait=1)  # too many concurrent requests

    def fail(self, subject: str, lockout: Window) -> int:
        now, stem = self.clock(), _stem(FAILURES, lockout)
        for _ in range(_ATTEMPTS):
            update = _Update()
            update.running(stem, now, lockout.allowed - 1)
            found, counted = self._update(subject, update, f"ADD {update.count(stem)}")
            if counted:
                return 0
            if wait := lockout.wait(_read(found, stem), now):
                return ceil(wait / 1000)
            if self._replace(subject, found, {stem: lockout.failed(_read(found, stem), now)}):
                return 0
        return 1  # too many concurrent requests

    def take_back(self, subject: str, lockout: Window, counted: int) -> None:
        update, stem = _Update(), _stem(FAILURES, lockout)
        update.began(stem, counted + 1000 * lockout.seconds)
        self._update(subject, update, f"ADD {update.count(stem, -1)}")

    def locked(self, subject: str, lockout: Window) -> int:
        item = dynamodb.get(self.client, self.table, subject, "limits") or {}
        return ceil(lockout.wait(_read(item, _stem(FAILURES, lockout)), self.clock()) / 1000)

    def _count(self, subject: str, stems: Mapping[Window, str], lockout: Window | None, now: int) -> tuple[Item, bool]:
        """Count one request in windows that are all running: the common case."""
        update = _Update()
        for window, stem in stems.items():
            update.running(stem, now, window.allowed)
        if lockout:
            update.not_full(_stem(FAILURES, lockout), now, lockout.allowed)
        return self._update(subject, update, "ADD " + ", ".join(map(update.count, stems.values())))

    def _replace(self, subject: str, found: Item, counts: Mapping[str, Count]) -> bool:
        """Write new windows, unless another request has done so."""
        update = _Update()
        update.unchanged(found, ["expires", *(part(stem) for stem in counts for part in (_used, _ends))])
        last = max(ceil(count.ends / 1000) + _SLACK for count in counts.values())
        sets = [update.set("expires", max(last, found.get("expires", 0)))]
        for stem, count in counts.items():
            sets += [update.set(_used(stem), count.used), update.set(_ends(stem), count.ends)]
        return self._update(subject, update, "SET " + ", ".join(sets))[1]

    def _update(self, subject: str, update: _Update, expression: str) -> tuple[Item, bool]:
        """The current item, and whether the update was made."""
        try:
            with dynamodb.map_errors():
                answer = self.client.update_item(
                    TableName=self.table,
                    Key=pack({"pk": subject, "sk": "limits"}),
                    UpdateExpression=expression,
                    ConditionExpression=" AND ".join(update.conditions),
                    ExpressionAttributeNames={short: name for name, short in update.names.items()},
                    ExpressionAttributeValues=pack(update.values),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except Lost as lost:
            return lost.item or {}, False
        return unpack(answer["Attributes"]), True


def _stem(bucket: str, window: Window) -> str:
    """The prefix of a window's attributes. A window of another length has its own."""
    return f"{bucket}/{window.seconds}"


def _used(stem: str) -> str:
    return f"{stem}/used"


def _ends(stem: str) -> str:
    return f"{stem}/ends"


def _read(item: Item, stem: str) -> Count:
    return Count(item.get(_used(stem), 0), item.get(_ends(stem), 0))
