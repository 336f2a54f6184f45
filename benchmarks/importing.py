"""Target 12: the import of a long file: cost per row, and speed relative to plain writes on the same machine."""

import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat

import httpx

from benchmarks.figure import Figure
from benchmarks.meter import Tally
from benchmarks.running import Running, Silent
from local.seed import WORKSPACE
from optout.imports import control
from optout.imports.job import Import, State
from optout.wiring.imports import files, import_run, imports
from tools.stores import Stores

NEWSLETTER = "bench-import"
_BAR = 12
_PLAIN = 500  # plain writes, for comparison
_BAD = 97  # every 97th row is rejected
_BATCHES = 100  # per run


def measure(running: Running, say: Callable[[str], None], rows: int) -> Iterator[Figure]:
    """The check and the addition of a file, by the product's own job in this process."""
    say(f"· importing a file of {rows:,} rows")
    Stores(running.stack).subscribers.open_newsletter(WORKSPACE, NEWSLETTER)
    number = control.begin(imports(), WORKSPACE, NEWSLETTER).number
    form, file = files().upload_form(number), {"file": ("people.csv", _file(rows), "text/csv")}
    httpx.post(form.url, data=dict(form.fields), files=file, timeout=60, trust_env=False).raise_for_status()
    plain = _plain_writes_per_second(running)
    for what, ask, end in (
        ("check", control.check, State.CHECKED),
        ("addition", control.start, State.FINISHED),
    ):
        began = time.monotonic()
        with running.meter.counting() as tally:
            ask(imports(), files(), Silent(), WORKSPACE, number)
            job = _read(number, say)
        speed = rows / (time.monotonic() - began)
        yield _figure(tally, f"import, {what} of {rows:,} rows", job, rows, speed, speed / plain, end)
        units = f"{tally.write_units / rows:.2f} write and {tally.read_units / rows:.2f} read units a row"
        yield Figure(_BAR, f"import, {what}: capacity", units)


def _figure(asked: Tally, what: str, job: Import, rows: int, speed: float, ratio: float, end: State) -> Figure:
    calls, rejected = asked.requests.total() / rows, len(range(0, rows, _BAD))
    tally = job.current_pass.tally if job.current_pass else None
    right = job.state is end and tally is not None and tally[:4] == (rows, rows - rejected, 0, rejected)
    found = f"{speed:,.0f} rows/s, {ratio:.1f} x plain writes; {calls:.3f} calls a row"
    return Figure(_BAR, what, found, "<= 0.08 calls a row, exact counts", right and calls <= 0.08)


def _file(rows: int) -> bytes:
    people = (
        f"person{row}@reader.example,Person {row}" if row % _BAD else f"person{row},nowhere" for row in range(rows)
    )
    return "\n".join(["email,name", *people]).encode()


def _read(number: int, say: Callable[[str], None]) -> Import:
    """Run the job until the file has been read; returns the import."""
    while True:
        looks = chain(repeat(300.0, _BATCHES), repeat(0.0))
        ran = import_run().run(number, lambda looks=looks: next(looks))  # type: ignore[misc]
        job = control.require(imports(), WORKSPACE, number)
        if not ran.unfinished:
            return job
        say(f"  {job.current_pass.tally.rows if job.current_pass else 0:,} rows")


def _plain_writes_per_second(running: Running) -> float:
    """The number of single writes per second of this machine's DynamoDB."""
    client, table = running.stack.client("dynamodb"), running.stack.resources["LimitsTable"]
    began = time.monotonic()
    for at in range(_PLAIN):
        client.put_item(TableName=table, Item={"pk": {"S": "bench"}, "sk": {"S": str(at)}})
    return _PLAIN / (time.monotonic() - began)
