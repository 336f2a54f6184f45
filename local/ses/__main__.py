"""Start a local stand-in for the Amazon SES v2 API; it runs until SIGTERM or Ctrl-C."""

import argparse
import tempfile
from pathlib import Path

from local.ses.account import Settings
from local.ses.app import create
from local.ses.server import serve


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.ses", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, required=True, help="port to listen on; 0 picks a free one")
    parser.add_argument(
        "--engine", required=True, metavar="URL", help="AWS emulator with the configuration sets, SNS and Firehose"
    )
    parser.add_argument(
        "--identity", action="append", default=[], metavar="NAME", help="verified domain or address (repeatable)"
    )
    parser.add_argument(
        "--state-dir", type=Path, metavar="DIR", help="directory of the ledger (default: a temporary directory)"
    )
    parser.add_argument(
        "--mailbox-limit", type=int, default=10_000, metavar="N", help="emails to keep (default: %(default)s)"
    )
    parser.add_argument(
        "--mailbox-field",
        type=_field,
        action="append",
        default=[],
        metavar="FIELD=TAG",
        help="show the value of a message tag in mailbox.json under this field name (repeatable)",
    )
    parser.add_argument(
        "--event-workers", type=int, default=2, metavar="N", help="threads that publish events (default: %(default)s)"
    )
    return parser.parse_args()


def _field(text: str) -> tuple[str, str]:
    name, separator, tag = text.partition("=")
    if not name or not separator or not tag:
        raise argparse.ArgumentTypeError("expected FIELD=TAG, for example newsletter=nid")
    return name, tag


def main() -> None:
    options = arguments()
    settings = Settings(identities=options.identity, mailbox_limit=options.mailbox_limit)
    with tempfile.TemporaryDirectory(prefix="ses-") as temporary:
        app = create(
            engine=options.engine.rstrip("/"),
            settings=settings,
            state=options.state_dir or Path(temporary),
            mailbox_fields=dict(options.mailbox_field),
            event_workers=options.event_workers,
        )
        serve(app, options.host, options.port)


if __name__ == "__main__":
    main()
