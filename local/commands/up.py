"""`./dev up`, `down`, `credentials` and `logs`: run a local stack and use it."""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from local.commands import instance
from local.engine import clients, logs
from local.engine.deploy import DeploymentFailed
from local.engine.smoke import RouteBroken
from local.poll import poll
from local.servers.kept import DataInUse
from local.servers.process import ChildFailed, PortUnavailable
from local.settings import RUNS
from local.stack import Stack
from tools.paths import ROOT

PORT = 8080
LONGEST_STOP = 120.0  # with a slow disk it takes half a minute to delete the unpacked code of all functions
EXPECTED = (
    instance.AlreadyRunning,
    instance.NotRunning,
    DeploymentFailed,
    DataInUse,
    ChildFailed,
    RouteBroken,
    FileNotFoundError,
)


def tell(line: str) -> None:
    """Print a line at once, also into a file or a pipe."""
    print(line, flush=True)


def up(port: int, keep_data: bool) -> None:
    """Run a stack until Ctrl-C or `./dev down`."""
    with instance.exclusive(), Stack(port=port, keep_data=keep_data, say=tell) as stack:
        tell(f"  API          {stack.url}")
        tell(f"  Mailbox      {stack.url}/_local/mailbox")
        tell("  Credentials  ./dev credentials")
        hold(stack)


def hold(stack: Stack) -> None:
    """Register the stack and wait until it is stopped. The caller holds `instance.exclusive`."""
    instance.register(stack)
    tell("To stop it, press Ctrl-C or run ./dev down." if sys.stdin.isatty() else "To stop it, run ./dev down.")
    while True:
        stack.check()
        time.sleep(1)


def detach(port: int, keep_data: bool) -> None:
    """Start a stack in the background and return when it is ready."""
    if instance.is_running():
        tell(f"already running at {instance.wait().url}")
        return
    command = [sys.executable, "-m", "local.commands.up", "up", "--port", str(port)]
    process = start_in_background([*command, "--keep-data"] if keep_data else command, RUNS / "up.log")
    if process.poll() is not None:
        try:
            tell(f"already running at {instance.wait().url}")  # another command has just started one
        except instance.NotRunning:
            raise SystemExit(process.returncode or 1) from None


def start_in_background(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, and copy its log to the terminal until the stack is ready or it ends."""
    with log.open("ab") as output:
        begin = output.tell()
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    with log.open() as lines:
        lines.seek(begin)
        while process.poll() is None and not instance.is_ready(process.pid):
            sys.stdout.write(lines.read())
            sys.stdout.flush()
            time.sleep(0.1)
        sys.stdout.write(lines.read())
    return process


def down() -> None:
    """Stop the running stack and wait until it has stopped."""
    if not instance.is_running():
        tell("no local stack is running")
        return
    process = instance.owner()
    os.kill(process, signal.SIGTERM)
    if not poll(lambda: not instance.is_running(), LONGEST_STOP):
        raise SystemExit(
            f"dev: the local stack did not stop within {LONGEST_STOP:.0f} seconds; run ./dev down again, or end its "
            f"process: kill -9 {process}"
        )
    tell("stopped")


def credentials(file: Path | None) -> None:
    """Print the running stack's credentials, or write them to a file that only the user can read."""
    document = Path(instance.find().credentials).read_text()
    if file is None:
        sys.stdout.write(document)
        return
    file.touch(mode=0o600)
    file.write_text(document)
    tell(f"credentials written to {file}")


def show_logs(function: str | None, lines: int) -> None:
    """Print the latest log lines of one function (by logical id) or of all."""
    found = instance.find()
    if function and function not in found.functions:
        raise SystemExit(
            f"dev: there is no function {function}; the functions are: {', '.join(sorted(found.functions))}"
        )
    wanted = {function: found.functions[function]} if function else found.functions
    for line in logs.merged(clients.client("logs", found.engine_url), wanted, lines):
        tell(line)


def arguments() -> argparse.Namespace:
    """The command and its options."""
    parser = argparse.ArgumentParser(prog="./dev", description="Run the whole application on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    up_options = commands.add_parser("up", help="start the local stack")
    up_options.add_argument(
        "--port",
        type=int,
        default=PORT,
        help="port of the API and the mailbox (default: %(default)s; 0 picks a free one)",
    )
    up_options.add_argument("--detach", action="store_true", help="run in the background; return when it is ready")
    up_options.add_argument("--keep-data", action="store_true", help="keep the data for the next `up --keep-data`")
    commands.add_parser("down", help="stop the local stack")
    credential_options = commands.add_parser("credentials", help="print the credentials of the local stack as JSON")
    credential_options.add_argument("file", type=Path, nargs="?", help="write them to this file instead")
    log_options = commands.add_parser("logs", help="print the latest log lines of the functions")
    log_options.add_argument("function", nargs="?", help="logical ID, for example RepzoCheck (default: all functions)")
    log_options.add_argument("--lines", type=int, default=50, help="number of lines (default: %(default)s)")
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
    except PortUnavailable as error:
        raise SystemExit(f"dev: {error}; choose another port, for example: ./dev up --port 8081") from None
    except EXPECTED as error:
        raise SystemExit(f"dev: {error}") from None
