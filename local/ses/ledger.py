"""The ledger: an append-only file of JSON lines, one per accepted recipient and one per API call.

Reliability tests use it as an independent witness, so rows are never changed or removed. A row is handed to the
operating system before the call is answered. The offset of each line stays in memory (8 bytes), so reading from any row
takes one seek and one read.
"""

import json
import os
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local.ses.message import Message


class Ledger:
    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / "ledger.jsonl"
        self._offsets = array("Q", [0])
        self._counts: Counter[str] = Counter()
        self._calls = 0
        self._load()
        self._file = self._path.open("ab")

    def begin_call(self) -> int:
        """The id of a new API call."""
        self._calls += 1
        return self._calls

    def add_recipients(self, call: int, message: Message, outcomes: Sequence[tuple[str, str]]) -> None:
        """One row per accepted recipient."""
        row = {
            "kind": "recipient",
            "call": call,
            "monotonic": message.accepted,
            "at": message.at,
            "message_id": message.message_id,
            "tags": message.tags,
            "configuration_set": message.configuration_set.name if message.configuration_set else None,
            "sha256": message.sha256,
        }
        common = json.dumps(row, separators=(",", ":"))[1:]
        for recipient, outcome in outcomes:
            own = f'"recipient":{json.dumps(recipient)},"outcome":"{outcome}"'
            self._append(f'{{"seq":{self.last + 1},{own},{common}\n')
        self._counts["recipients"] += len(outcomes)

    def add_call(self, call: int, **facts: Any) -> None:
        """One row per API call, written as soon as its outcome is known."""
        row = {"seq": self.last + 1, "kind": "call", "call": call, "monotonic": time.monotonic(), "at": time.time()}
        self._append(json.dumps(row | facts, separators=(",", ":")) + "\n")
        self._counts["calls"] += 1
        self._file.flush()

    def rows(self, after: int, limit: int) -> bytes:
        """Rows ``after + 1`` to ``after + limit`` as a JSON array."""
        start = min(max(after, 0), self.last)
        end = min(start + max(limit, 0), self.last)
        if start == end:
            return b"[]"
        self._file.flush()
        with self._path.open("rb") as file:
            file.seek(self._offsets[start])
            text = file.read(self._offsets[end] - self._offsets[start])
        return b"[" + text[:-1].replace(b"\n", b",") + b"]"

    @property
    def last(self) -> int:
        return len(self._offsets) - 1

    @property
    def counts(self) -> dict[str, int]:
        return {"rows": self.last, "recipients": self._counts["recipients"], "calls": self._counts["calls"]}

    def close(self) -> None:
        self._file.close()

    def _append(self, line: str) -> None:
        data = line.encode()
        self._file.write(data)
        self._offsets.append(self._offsets[-1] + len(data))

    def _load(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                row = json.loads(line)
                self._offsets.append(self._offsets[-1] + len(line))
                self._counts["calls" if row["kind"] == "call" else "recipients"] += 1
                self._calls = max(self._calls, row["call"])
        # A killed process can leave half a line behind. Its call was never answered.
        os.truncate(self._path, self._offsets[-1])
