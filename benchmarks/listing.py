"""Target 10: the cost of the first, the hundredth and the last page of a long list."""

from collections.abc import Callable, Iterator
from functools import partial

from benchmarks.figure import Figure
from benchmarks.loading import fill
from benchmarks.running import Running
from local.seed import OTHER_WORKSPACE

SIZE = 100


def measure(running: Running, say: Callable[[str], None], rows: int) -> Iterator[Figure]:
    """Pages of the list in descending order (Repzo), and of the narrower view (Mirasvit)."""
    say(f"· a list of {rows:,} records")
    keys = running.stack.credentials["other_workspace"]  # its list is empty
    repzo = {"api-key": keys["repzo"]["api_key"]}
    magento = {"authorization": f"Bearer {keys['mirasvit']['access_token']}"}
    path = "/rest/V1/mst-email/unsubscriptions"

    def page(number: int) -> int:
        query = f"page={number}&per_page={SIZE}"
        answer = running.call("repzo.list", "GET", "/mail-unsubscribe", query=query, headers=repzo)
        return int(answer["paging"]["total"])

    def rows_of(query: str) -> int:
        answer = running.call("mirasvit.list", "GET", path, query=query, headers=magento)
        return int(answer["total_count"])

    assert page(1) == 0
    fill(running.stack, OTHER_WORKSPACE, rows, say)
    rows_of("searchCriteria[pageSize]=1")
    running.call("repzo.create", "POST", "/mail-unsubscribe", body={"email": "last@bench.example"}, headers=repzo)
    total = rows + 1
    last = -(-total // SIZE)
    numbers = [number for number in (1, 100) if number < last] + [last]
    for number in numbers:
        yield _page(running, f"Repzo, page {number:,} of {SIZE}", total, partial(page, number))
    for number in numbers:
        query = f"searchCriteria[pageSize]={SIZE}&searchCriteria[currentPage]={number}"
        yield _page(running, f"Mirasvit, page {number:,} of {SIZE}", total, partial(rows_of, query))


def _page(running: Running, what: str, total: int, ask: Callable[[], int]) -> Figure:
    with running.meter.counting() as tally:
        exact = ask() == total
    found = f"{tally}, {tally.rows:,} rows evaluated, {tally.read_units:g} read units"
    good = exact and tally.requests == {"Query": 2} and tally.rows <= SIZE + 1000
    return Figure(10, what, found, f"2 queries, <= {SIZE + 1000:,} rows, exact total", good)
