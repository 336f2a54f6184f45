"""Print the figures: `./dev bench [--rows N] [--only TARGETS] [--json]`. Exits with 1 if a figure misses its target."""

import argparse
import json
import sys
import warnings
from collections.abc import Callable, Iterator

from benchmarks import calls, costs, importing, listing, lost_answers, pacing, peers, sending
from benchmarks.campaign import Campaigns
from benchmarks.figure import Figure
from benchmarks.running import Running, running
from local.stack import Stack


def main() -> int:
    options = _options()

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    warnings.filterwarnings("ignore", "No application metrics to publish")
    figures = []
    with Stack(say=say) as stack, running(stack) as handlers:
        for figure in _measured(handlers, say, options.rows, options.only):
            figures.append(figure)
            if not options.json:
                print(figure, flush=True)
    if options.json:
        print(json.dumps([figure.as_dict() for figure in figures], indent=1))
    return 0 if all(figure.met is not False for figure in figures) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="the length of the list and of the file")
    parser.add_argument(
        "--only", metavar="TARGETS", type=_bars, default=frozenset(), help="numbers of targets, such as 1,4"
    )
    parser.add_argument("--json", action="store_true", help="one JSON array instead of lines for people")
    return parser.parse_args()


def _bars(text: str) -> frozenset[int]:
    return frozenset(map(int, text.split(",")))


def _measured(handlers: Running, say: Callable[[str], None], rows: int, only: frozenset[int]) -> Iterator[Figure]:
    """The figures of the selected targets, or of all if none is selected."""
    campaigns = Campaigns(handlers, say)
    parts: list[tuple[set[int], Callable[[], Iterator[Figure]]]] = [
        ({1, 2, 3}, lambda: sending.measure(campaigns)),
        ({4}, lambda: peers.measure(campaigns)),
        ({9}, lambda: lost_answers.measure(campaigns)),
        ({13}, lambda: pacing.measure(campaigns, say)),
        ({11}, lambda: costs.measure(campaigns)),
        ({5}, lambda: calls.measure(handlers, say)),
        ({12}, lambda: importing.measure(handlers, say, rows)),
        ({10}, lambda: listing.measure(handlers, say, rows)),
    ]
    for bars, measure in parts:
        if not only or only & bars:
            yield from (figure for figure in measure() if not only or figure.bar in only)


if __name__ == "__main__":
    sys.exit(main())
