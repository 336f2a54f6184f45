"""Start the stand-in: ``python -m local.ses --port 4579 --engine http://127.0.0.1:4566 --identity example.com``."""

import argparse
import tempfile
from pathlib import Path

from local.ses.account import Settings
from local.ses.app import create
from local.ses.server import serve


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.ses", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 chooses a free one")
    parser.add_argument("--engine", required=True, help="where configuration sets are read and events are published")
    parser.add_argument("--identity", action="append", default=[], help="a verified domain or address; repeatable")
    parser.add_argument("--state-dir", type=Path, help="where the ledger is kept; a temporary place by default")
    parser.add_argument("--mailbox-limit", type=int, default=10_000, help="how many mails are kept to look at")
    parser.add_argument("--event-workers", type=int, default=2, help="threads that publish events")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    settings = Settings(identities=options.identity, mailbox_limit=options.mailbox_limit)
    with tempfile.TemporaryDirectory(prefix="ses-") as temporary:
        state = options.state_dir or Path(temporary)
        serve(create(options.engine.rstrip("/"), settings, state, options.event_workers), options.host, options.port)


if __name__ == "__main__":
    main()
