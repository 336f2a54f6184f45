"""Counts what a handler asks of AWS, at the client: requests by operation, rows evaluated, capacity units.

The units follow from the sizes of the items by the rules of DynamoDB's documentation: a read unit per 4 KB, half of one
where the read need not be consistent; a write unit per 1 KB, two in a transaction, and one more for each index.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from boto3.session import Session

_INDEX_KEYS = ("email_key", "triggers_key")


@dataclass
class Meter:
    """Everything since `reset`."""

    requests: Counter[str] = field(default_factory=Counter)
    read_units: float = 0.0
    write_units: float = 0.0
    rows: int = 0
    _asked: dict[str, Any] = field(default_factory=dict)

    def watch(self, session: Session) -> None:
        """Count what the session's clients do, those that are made from now on."""
        session.events.register("before-parameter-build.dynamodb", self._ask)
        session.events.register("after-call.*", self._count)

    def reset(self) -> None:
        self.requests.clear()
        self.read_units = self.write_units = 0.0
        self.rows = 0

    def __str__(self) -> str:
        names = " + ".join(f"{count} {name}" for name, count in sorted(self.requests.items()))
        return names or "none"

    def _ask(self, params: dict[str, Any], **_: Any) -> None:
        self._asked = params

    def _count(self, model: Any, parsed: Mapping[str, Any], **_: Any) -> None:
        self.requests[model.name] += 1
        match model.name:
            case "Query":
                self.rows += parsed["ScannedCount"]
                half = 1.0 if self._asked.get("ConsistentRead") else 0.5
                self.read_units += half * max(1, ceil(_size(parsed["Items"]) / 4096))
            case "GetItem":
                self.rows += 1
                half = 1.0 if self._asked.get("ConsistentRead") else 0.5
                self.read_units += half * max(1, ceil(_size([parsed.get("Item", {})]) / 4096))
            case "BatchGetItem":
                items = [item for found in parsed["Responses"].values() for item in found]
                wanted = sum(len(keys["Keys"]) for keys in self._asked["RequestItems"].values())
                self.rows += wanted
                self.read_units += sum(ceil(_size([item]) / 4096) for item in items) + wanted - len(items)
            case "PutItem":
                self.write_units += _written(self._asked["Item"], 1)
            case "UpdateItem":  # counters, below 1 KB
                self.write_units += 1
            case "TransactWriteItems":
                # What an update leaves behind is not in the request; the counters that we update are below 1 KB.
                puts = [one["Put"]["Item"] for one in self._asked["TransactItems"] if "Put" in one]
                self.write_units += sum(_written(item, 2) for item in puts)
                self.write_units += 2 * (len(self._asked["TransactItems"]) - len(puts))


def _written(item: Mapping[str, Any], factor: int) -> int:
    units = ceil(_size([item]) / 1024)
    return units * (factor + sum(1 for key in _INDEX_KEYS if key in item))


def _size(items: Iterable[Mapping[str, Any]]) -> int:
    return sum(len(name.encode()) + _value(value) for item in items for name, value in item.items())


def _value(value: Any) -> int:
    """The size of a typed value; what a client parsed is typed too (``{"S": "…"}``)."""
    ((kind, inner),) = value.items()
    match kind:
        case "S":
            return len(inner.encode())
        case "N":
            return ceil(len(inner.lstrip("-").strip("0")) / 2) + 1
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value(one) for name, one in inner.items())
        case "L":
            return 3 + sum(1 + _value(one) for one in inner)
        case "SS":
            return sum(len(one.encode()) for one in inner)
    return 1
