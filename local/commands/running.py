"""The record of the stack that `./dev up` runs: how the other commands find it.

Whoever runs it holds a lock for as long as it lives, so a record that a crash left behind is known to be stale.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from local.settings import RUNS
from local.stack import Stack

RECORD = RUNS / "up.json"
LOCK = RUNS / "up.lock"


class AlreadyUp(Exception):
    """There is a running stack already, or one that is starting."""


class NothingUp(Exception):
    """There is no running stack."""


@dataclass(frozen=True)
class Running:
    """What there is to know about the running stack."""

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


def _lock_for_long(file: IO[str]) -> bool:
    """Take the lock; somebody who just looks whether it is free holds it for a moment only."""
    for _ in range(10):
        if _lock(file, fcntl.LOCK_EX):
            return True
        time.sleep(0.05)
    return False


def is_up() -> bool:
    """Whether somebody runs a stack, ready or still starting."""
    RUNS.mkdir(parents=True, exist_ok=True)
    with LOCK.open("a") as file:
        return not _lock(file, fcntl.LOCK_SH)


def owner() -> int:
    """The process that runs a stack, ready or still starting."""
    if not is_up():
        raise NothingUp("nothing is up")
    return int(LOCK.read_text())


def find_soon(within: float = 120.0) -> Running:
    """The running stack; one that is starting is waited for."""
    deadline = time.monotonic() + within
    while is_up() and not RECORD.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    return find()


def find() -> Running:
    """The running stack."""
    if is_up() and RECORD.exists():
        fields: dict[str, Any] = json.loads(RECORD.read_text())
        return Running(**fields)
    raise NothingUp("no stack is ready; start one with: ./dev up")


@contextmanager
def sole() -> Iterator[None]:
    """Be the one that runs a stack, until the end of the block."""
    RUNS.mkdir(parents=True, exist_ok=True)
    with LOCK.open("a") as file:
        if not _lock_for_long(file):
            where = "" if RECORD.exists() else ", and still starting"
            raise AlreadyUp(f"a stack is up already{where}; stop it with: ./dev down")
        RECORD.unlink(missing_ok=True)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            RECORD.unlink(missing_ok=True)


def record(stack: Stack) -> None:
    """Say that the stack is ready; for the one that is `sole`."""
    running = Running(
        os.getpid(),
        stack.url,
        stack.mailbox_url,
        stack.engine_url,
        stack.ses_url,
        str(stack.credentials_file),
        stack.functions,
    )
    unfinished = Path(f"{RECORD}.new")
    unfinished.write_text(json.dumps(asdict(running), indent=1) + "\n")
    unfinished.replace(RECORD)
