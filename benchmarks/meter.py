"""Count the product's calls of AWS at its clients: requests and bytes by operation, rows evaluated, capacity units of
DynamoDB."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from boto3.session import Session

from benchmarks import capacity


@dataclass
class Tally:
    """The requests within `Meter.counting`. A retry counts again; ``bytes`` are the bodies on the wire, without
    headers; ``reads`` are read units by table."""

    requests: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    reads: dict[str, float] = field(default_factory=dict)
    write_units: float = 0.0
    rows: int = 0

    @property
    def read_units(self) -> float:
        return sum(self.reads.values())

    def __str__(self) -> str:
        names = " + ".join(f"{count} {name}" for name, count in sorted(self.requests.items()))
        return names or "none"


class Meter:
    """``reader`` is a client that is not counted: it reads the size of an item after an update."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._tally: Tally | None = None
        self._asked: dict[str, Any] = {}

    def watch(self, session: Session) -> None:
        """Count the requests of clients that the session creates from now on."""
        session.events.register("before-parameter-build.dynamodb", self._ask)
        session.events.register("before-send.*", self._send)
        session.events.register("after-call.dynamodb", self._answer)

    @contextmanager
    def counting(self) -> Iterator[Tally]:
        """Count within the block; outside it the meter costs almost nothing."""
        self._tally = Tally()
        try:
            yield self._tally
        finally:
            self._tally = None

    def _ask(self, params: dict[str, Any], **_: Any) -> None:
        self._asked = params

    def _send(self, request: Any, event_name: str, **_: Any) -> None:
        if self._tally is not None:
            operation = event_name.rpartition(".")[2]
            self._tally.requests[operation] += 1
            self._tally.bytes[operation] += int(request.headers.get("Content-Length", 0))

    def _answer(self, model: Any, parsed: Mapping[str, Any], **_: Any) -> None:
        tally, asked = self._tally, self._asked
        if tally is None:
            return
        match model.name:
            case "Query" | "GetItem" | "BatchGetItem" if "Error" in parsed:
                pass
            case "Query":
                tally.rows += parsed["ScannedCount"]
                self._read(asked["TableName"], capacity.read(parsed["Items"], consistent=_is_consistent(asked)))
            case "GetItem":
                tally.rows += 1
                found = parsed.get("Item", {})
                self._read(asked["TableName"], capacity.read([found], consistent=_is_consistent(asked)))
            case "BatchGetItem":
                for table, wanted in asked["RequestItems"].items():
                    found, count = parsed["Responses"].get(table, []), len(wanted["Keys"])
                    tally.rows += count
                    items = [*found, *[{}] * (count - len(found))]
                    self._read(table, sum(capacity.read([item], consistent=_is_consistent(wanted)) for item in items))
            case "PutItem" | "UpdateItem" | "DeleteItem":
                tally.write_units += capacity.written(self._item(asked))
            case "TransactWriteItems":
                writes = [write for one in asked["TransactItems"] for write in one.values()]
                tally.write_units += sum(capacity.written(self._item(write), transactional=True) for write in writes)

    def _read(self, table: str, units: float) -> None:
        if self._tally is not None:
            self._tally.reads[table] = self._tally.reads.get(table, 0.0) + units

    def _item(self, write: Any) -> capacity.Typed:
        """The item after a write. Only the key of a deleted item is known, but deleted items are small."""
        if "Item" in write:
            return write["Item"]  # type: ignore[no-any-return]
        found = self._reader.get_item(TableName=write["TableName"], Key=write["Key"], ConsistentRead=True)
        return found.get("Item", write["Key"])  # type: ignore[no-any-return]


def _is_consistent(asked: Mapping[str, Any]) -> bool:
    return bool(asked.get("ConsistentRead"))
