"""The three servers of a local stack: the embedded AWS, the SES stand-in and the front address."""

import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import httpx

from local.servers.process import Child
from local.settings import ENGINE_PYTHON, IDENTITY, clean_environment, engine_environment
from tools.paths import ROOT

LONGEST_START = 60.0
Found = TypeVar("Found")
# Told of each process before it is waited for, so that none is left behind when it never gets ready.
Own = Callable[[Child], None]
READY = re.compile(r"^ready (http://\S+)$", re.MULTILINE)


def wait_until(child: Child, ready: Callable[[], Found | None]) -> Found:
    """The first thing that `ready` finds; raises with the child's log when it ends or takes too long."""
    deadline = time.monotonic() + LONGEST_START
    while child.running:
        if (found := ready()) is not None:
            return found
        if time.monotonic() > deadline:
            raise child.failure(f"was not ready after {LONGEST_START:.0f} seconds")
        time.sleep(0.03)
    raise child.failure(f"ended with code {child.process.returncode}")


def answers(url: str) -> bool | None:
    """Whether a server says something, whatever it says."""
    try:
        httpx.get(url, timeout=1.0, trust_env=False)
    except httpx.HTTPError:
        return None
    return True


def start_ses(own: Own, directory: Path, state: Path, engine_url: str) -> str:
    """The SES stand-in on a free port; its URL."""
    log = directory / "ses.log"
    command = [str(ENGINE_PYTHON), "-m", "local.ses", "--port", "0", "--engine", engine_url]
    command += ["--identity", IDENTITY, "--state-dir", str(state)]
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
    """The embedded AWS on an inherited socket."""
    host, port = listener.getsockname()
    child = Child(
        "the embedded AWS",
        [str(ENGINE_PYTHON), "-m", "local.engine", str(listener.fileno())],
        directory=ROOT,
        environment=engine_environment(directory / "engine", port, ses_url, kept_data),
        log=directory / "engine.log",
        listener=listener,
    )
    own(child)
    listener.close()
    wait_until(child, lambda: answers(f"http://{host}:{port}/_ministack/health"))


def start_front(own: Own, directory: Path, listener: socket.socket, api_url: str, ses_url: str) -> None:
    """The address for people, on an inherited socket."""
    host, port = listener.getsockname()
    command = [str(ENGINE_PYTHON), "-m", "local.servers.front", "--fd", str(listener.fileno()), "--api", api_url]
    child = Child(
        "the front address",
        [*command, "--local", ses_url],
        directory=ROOT,
        environment=clean_environment(directory / "front"),
        log=directory / "front.log",
        listener=listener,
    )
    own(child)
    listener.close()
    wait_until(child, lambda: answers(f"http://{host}:{port}/_local/mailbox.json"))
