"""`./dev up`, `down`, `credentials` and `logs`: one stack that stays up, and what is to be had from it."""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from local.commands import running
from local.engine import clients, logs
from local.engine.deploy import DeploymentFailed
from local.engine.smoke import RouteBroken
from local.servers.kept import DataInUse
from local.servers.process import ChildFailed, PortTaken
from local.settings import RUNS
from local.stack import Stack
from tools.paths import ROOT

PORT = 8080
LONGEST_STOP = 30.0
EXPECTED = (
    running.AlreadyUp,
    running.NothingUp,
    DeploymentFailed,
    DataInUse,
    ChildFailed,
    RouteBroken,
    FileNotFoundError,
)


def tell(line: str) -> None:
    """Progress, as it happens."""
    print(line, flush=True)


def up(port: int, keep_data: bool) -> None:
    """Run a stack until Ctrl-C or `./dev down`."""
    with running.sole(), Stack(port=port, keep_data=keep_data, say=tell) as stack:
        tell(f"  the API      {stack.url}")
        tell(f"  the mailbox  {stack.url}/_local/mailbox")
        tell("  credentials  ./dev credentials")
        hold(stack)


def hold(stack: Stack) -> None:
    """Let the other commands find the stack, and wait; for the one that is `running.sole`."""
    running.record(stack)
    tell("Ctrl-C or ./dev down stops it.")
    while True:
        stack.check()
        time.sleep(1)


def detach(port: int, keep_data: bool) -> None:
    """Start a stack in the background; return when it is ready."""
    if running.is_up():
        tell(f"already up on {running.find_soon().url}")
        return
    log = RUNS / "up.log"
    command = [
        sys.executable,
        "-m",
        "local.commands.up",
        "up",
        "--port",
        str(port),
        *(["--keep-data"] if keep_data else []),
    ]
    with log.open("ab") as output:
        begin = output.tell()
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    with log.open() as lines:
        lines.seek(begin)
        while process.poll() is None and not running.RECORD.exists():
            sys.stdout.write(lines.read())
            sys.stdout.flush()
            time.sleep(0.1)
        sys.stdout.write(lines.read())
    if process.poll() is not None:
        try:
            tell(f"already up on {running.find_soon().url}")  # another one that started just now
        except running.NothingUp:
            raise SystemExit(process.returncode or 1) from None


def down() -> None:
    """Stop the running stack and wait until it is gone."""
    if not running.is_up():
        tell("nothing is up")
        return
    os.kill(running.owner(), signal.SIGTERM)
    deadline = time.monotonic() + LONGEST_STOP
    while running.is_up():
        if time.monotonic() > deadline:
            raise SystemExit(f"it did not stop within {LONGEST_STOP:.0f} seconds")
        time.sleep(0.1)
    tell("stopped")


def credentials(file: Path | None) -> None:
    """Write the running stack's credentials, readable for the user only."""
    document = Path(running.find().credentials).read_text()
    if file is None:
        sys.stdout.write(document)
        return
    file.touch(mode=0o600)
    file.write_text(document)
    tell(f"written to {file}")


def show_logs(function: str | None, lines: int) -> None:
    """Print the end of the handlers' logs."""
    found = running.find()
    if function and function not in found.functions:
        raise SystemExit(f"no function {function}; there are: {', '.join(sorted(found.functions))}")
    wanted = {function: found.functions[function]} if function else found.functions
    for line in logs.merged(clients.client("logs", found.engine_url), wanted, lines):
        tell(line)


def arguments() -> argparse.Namespace:
    """The command and its options."""
    parser = argparse.ArgumentParser(prog="./dev")
    commands = parser.add_subparsers(dest="command", required=True)
    up_options = commands.add_parser("up", help="run the whole stack on this machine")
    up_options.add_argument("--port", type=int, default=PORT, help=f"of the address for people ({PORT}); 0 chooses one")
    up_options.add_argument("--detach", action="store_true", help="return when it is ready")
    up_options.add_argument("--keep-data", action="store_true", help="go on with the data of the last such stack")
    commands.add_parser("down", help="stop it")
    commands.add_parser("credentials", help="its credentials").add_argument("file", type=Path, nargs="?")
    log_options = commands.add_parser("logs", help="the end of its handlers' logs")
    log_options.add_argument("function", nargs="?", help="logical id, such as RepzoCheck; all by default")
    log_options.add_argument("--lines", type=int, default=50)
    return parser.parse_args()


def main() -> None:
    """Run one command."""
    options = arguments()
    match options.command:
        case "up" if options.detach:
            detach(options.port, options.keep_data)
        case "up":
            up(options.port, options.keep_data)
        case "down":
            down()
        case "credentials":
            credentials(options.file)
        case "logs":
            show_logs(options.function, options.lines)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        tell("\nstopped")
    except PortTaken as error:
        raise SystemExit(f"dev: {error}; choose another with: ./dev up --port 8081 (or 0 for any)") from None
    except EXPECTED as error:
        raise SystemExit(f"dev: {error}") from None
