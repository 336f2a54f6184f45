"""Prints the figures: `./dev bench [--rows N] [--json]`. Exits 1 when one misses its aim."""

import argparse
import json
import sys
import warnings

from benchmarks import calls, importing, listing
from benchmarks.running import running
from local.stack import Stack


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="how long a list and a file are measured")
    parser.add_argument("--json", action="store_true", help="one JSON array instead of lines for people")
    options = parser.parse_args()

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    warnings.filterwarnings("ignore", "No application metrics to publish")
    figures = []
    with Stack(say=say) as stack, running(stack) as handlers:
        for measured in (
            calls.measure(handlers, say),
            importing.measure(handlers, say, options.rows),
            listing.measure(handlers, say, options.rows),
        ):
            for figure in measured:
                figures.append(figure)
                if not options.json:
                    print(figure, flush=True)
    if options.json:
        print(json.dumps([figure.as_dict() for figure in figures], indent=1))
    return 0 if all(figure.met is not False for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
