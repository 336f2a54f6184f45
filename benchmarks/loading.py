"""Write a large suppression list item by item, as the product's transactions would have left it.

One transaction per record would take too long. States and histories are left out, because no listing reads them. The
benchmark then adds one record through the product and checks the total.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from local.stack import Stack
from optout import clock, number
from optout.address import Address
from optout.aws import fences
from optout.aws.dynamodb import pack
from optout.aws.suppressions.items import from_record
from optout.scope import EVERYTHING
from optout.suppressions.reason import Reason
from optout.suppressions.suppression import Cause, Suppression

_BATCH = 25


def fill(stack: Stack, workspace: str, rows: int, say: Callable[[str], None]) -> None:
    """Write records of invented people, one per second until an hour ago, and the fences that count them."""
    client, table = stack.client("dynamodb"), stack.resources["SuppressionsTable"]
    items, written = _items(workspace, rows), 0
    while batch := list(islice(items, _BATCH)):
        left: Any = {table: [{"PutRequest": {"Item": pack(item)}} for item in batch]}
        while left:
            left = client.batch_write_item(RequestItems=left).get("UnprocessedItems", {})
        written += len(batch)
        if written % 10_000 == 0:
            say(f"  {written:,} items written")


def _items(workspace: str, rows: int) -> Iterator[dict[str, Any]]:
    first = clock.now() - 3_600_000 - rows * 1000
    fence: dict[str, Any] = {}
    for row in range(rows):
        at = first + row * 1000
        record = Suppression(
            workspace,
            number.new(at),
            Address.parse(f"person{row}@reader.example"),
            EVERYTHING,
            (Cause(Reason.UNSUBSCRIBED, at, at, why="Too many mails"),),
            "Mozilla/5.0 (X11; Linux x86_64)",
            "",
            at,
            at,
        )
        yield {**from_record(record), "email_key": f"{workspace}#address#{row:032x}", "triggers_key": workspace}
        if row % fences.FULL == 0:
            if fence:
                yield {**fence, "closed": True}
            start = record.number if row else 0
            fence = {"pk": f"{workspace}#fences", "sk": f"{start:016d}", "n_all": 0, "n_triggers": 0}
        fence |= {"last": record.number, "n_all": fence["n_all"] + 1, "n_triggers": fence["n_triggers"] + 1}
    if fence:
        yield fence
