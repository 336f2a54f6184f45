"""Starts the three servers of a local stack: the AWS emulator, the SES stand-in and the reverse proxy."""

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import httpx

from local.poll import poll
from local.servers.process import Child
from local.settings import ENGINE_PYTHON, IDENTITY, MAILBOX_FIELD, clean_environment, engine_environment
from tools.paths import ROOT

LONGEST_START = 60.0
Found = TypeVar("Found")
# Called with each process before waiting for it, so that a process that never becomes ready is stopped too.
Own = Callable[[Child], None]
READY = re.compile(r"^ready (http://\S+)$", re.MULTILINE)


def wait_until(child: Child, ready: Callable[[], Found | None]) -> Found:
    """The first true value of `ready`. Raises `ChildFailed` if the child exits or takes too long."""

    def find() -> Found | None:
        child.check()
        return ready()

    found = poll(find, LONGEST_START, pause=0.03)
    if found is None:
        raise child.failure(f"was not ready after {LONGEST_START:.0f} seconds")
    return found


def responds(url: str) -> bool:
    """Whether a server sends a response, of any status."""
    try:
        httpx.get(url, timeout=1.0, trust_env=False)
    except httpx.HTTPError:
        return False
    return True


def start_ses(own: Own, directory: Path, state: Path, engine_url: str) -> str:
    """Start the SES stand-in on a free port; its URL."""
    log = directory / "ses.log"
    command = [str(ENGINE_PYTHON), "-m", "local.ses", "--port", "0", "--engine", engine_url]
    command += ["--identity", IDENTITY, "--state-dir", str(state), "--mailbox-field", MAILBOX_FIELD]
    state.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    child = Child(
        "the SES stand-in",
        command,
        directory=ROOT,
        environment=clean_environment(directory / "ses"),
        log=log,
    )
    own(child)
    return wait_until(child, lambda: READY.search(log.read_text()))[1]


def start_engine(own: Own, directory: Path, listener: socket.socket, ses_url: str, kept_data: Path | None) -> None:
    """Start the AWS emulator on an inherited socket."""
    host, port = listener.getsockname()
    child = Child(
        "the AWS emulator",
        [str(ENGINE_PYTHON), "-m", "local.engine", str(listener.fileno())],
        directory=ROOT,
        environment=engine_environment(directory / "engine", port, ses_url, kept_data),
        log=directory / "engine.log",
        listener=listener,
    )
    own(child)
    listener.close()
    wait_until(child, lambda: responds(f"http://{host}:{port}/_ministack/health"))


def start_front(own: Own, directory: Path, listener: socket.socket, api_url: str, ses_url: str) -> None:
    """Start the reverse proxy on an inherited socket."""
    host, port = listener.getsockname()
    command = [str(ENGINE_PYTHON), "-m", "local.servers.front", "--fd", str(listener.fileno()), "--api", api_url]
    child = Child(
        "the reverse proxy",
        [*command, "--local", ses_url],
        directory=ROOT,
        environment=clean_environment(directory / "front"),
        log=directory / "front.log",
        listener=listener,
    )
    own(child)
    listener.close()
    wait_until(child, lambda: responds(f"http://{host}:{port}/_local/mailbox.json"))
