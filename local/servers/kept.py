"""What outlives a stack: data that are kept on request, and left-overs of stacks that were killed."""

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.servers.process import PortTaken, listen
from local.settings import DATA


class DataInUse(Exception):
    """Another stack keeps its data in the same place."""


@contextmanager
def data() -> Iterator[Path]:
    """The directory of kept data, for one stack at a time."""
    DATA.mkdir(parents=True, exist_ok=True)
    with (DATA / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataInUse("another stack has its kept data open; stop it with: ./dev down") from error
        yield DATA


def listen_again(directory: Path) -> socket.socket:
    """The engine's port of the last time: it is part of the kept queues' addresses."""
    stored = directory / "engine-port"
    try:
        listener = listen(int(stored.read_text()) if stored.exists() else 0)
    except PortTaken as error:
        raise DataInUse(f"{error}, and the kept data need it; start afresh by removing {directory}") from error
    stored.write_text(str(listener.getsockname()[1]))
    return listener


def alive(pid: int) -> bool:
    """Whether a process of this number is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def remove_left_overs(runs: Path) -> None:
    """Remove the directories (PID-NUMBER) of stacks whose process is gone."""
    for directory in runs.glob("*-*"):
        owner = directory.name.partition("-")[0]
        if owner.isdigit() and not alive(int(owner)):
            shutil.rmtree(directory, ignore_errors=True)
