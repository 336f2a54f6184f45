"""The running instance of the local stack: `./dev up` registers it, and the other commands find it.

`./dev up` holds a lock until it exits, so the record of a crashed instance is recognised as stale.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from local.poll import poll
from local.settings import RUNS
from local.stack import Stack

RECORD = RUNS / "up.json"
LOCK = RUNS / "up.lock"


class AlreadyRunning(Exception):
    """A local stack is running or starting."""


class NotRunning(Exception):
    """No local stack is running."""


@dataclass(frozen=True)
class Instance:
    """The process id, URLs, credentials file and functions (logical id to name) of the running stack."""

    pid: int
    url: str
    mailbox_url: str
    engine_url: str
    ses_url: str
    credentials: str
    functions: dict[str, str]


def _lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def is_running() -> bool:
    """Whether a stack is running or starting."""
    RUNS.mkdir(parents=True, exist_ok=True)
    with LOCK.open("a") as file:
        return not _lock(file, fcntl.LOCK_SH)


def owner() -> int:
    """The id of the process that runs or starts a stack. Raises `NotRunning`."""
    if not is_running():
        raise NotRunning("no local stack is running; start one with: ./dev up")
    return int(LOCK.read_text())


def find() -> Instance:
    """The running instance. Raises `NotRunning`, also while the stack is starting."""
    if not is_running():
        raise NotRunning("no local stack is running; start one with: ./dev up")
    try:
        fields: dict[str, Any] = json.loads(RECORD.read_text())
    except FileNotFoundError:
        raise NotRunning("the local stack is still starting; try again in a few seconds") from None
    return Instance(**fields)


def is_ready(pid: int) -> bool:
    """Whether the stack of this process is ready. A record that a crashed instance left behind does not count."""
    try:
        return find().pid == pid
    except NotRunning:
        return False


def wait(timeout: float = 120.0) -> Instance:
    """The running instance; waits up to ``timeout`` seconds for one that is starting. Raises `NotRunning`."""
    poll(lambda: RECORD.exists() or not is_running(), timeout)
    return find()


@contextmanager
def exclusive() -> Iterator[None]:
    """Hold the lock of the running instance until the end of the block. Raises `AlreadyRunning`."""
    RUNS.mkdir(parents=True, exist_ok=True)
    with LOCK.open("a") as file:
        # `is_running` in another process holds the lock for a moment, so one failure proves nothing.
        if not poll(lambda: _lock(file, fcntl.LOCK_EX), timeout=0.5, pause=0.05):
            state = "already running" if RECORD.exists() else "already starting"
            raise AlreadyRunning(f"a local stack is {state}; stop it with: ./dev down")
        RECORD.unlink(missing_ok=True)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            RECORD.unlink(missing_ok=True)


def register(stack: Stack) -> None:
    """Write the record of a stack that is ready. The caller holds `exclusive`."""
    instance = Instance(
        os.getpid(),
        stack.url,
        stack.mailbox_url,
        stack.engine_url,
        stack.ses_url,
        str(stack.credentials_file),
        stack.functions,
    )
    unfinished = Path(f"{RECORD}.new")
    unfinished.write_text(json.dumps(asdict(instance), indent=1) + "\n")
    unfinished.replace(RECORD)
