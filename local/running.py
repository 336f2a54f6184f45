"""The record of the stack that `./dev up` runs: how the other commands find it.

Whoever runs it holds a lock for as long as it lives, so a record that a crash left behind is known to be stale.
"""

import fcntl
import json
import os
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


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def is_up() -> bool:
    """Whether somebody runs a stack, ready or still starting."""
    RUNS.mkdir(parents=True, exist_ok=True)
    with LOCK.open("a") as file:
        return not _lock(file)


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
        if not _lock(file):
            where = f" on {find().url}" if RECORD.exists() else " (still starting)"
            raise AlreadyUp(f"a stack is up{where}; stop it with: ./dev down")
        RECORD.unlink(missing_ok=True)
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
