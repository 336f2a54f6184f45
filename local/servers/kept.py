"""Files that outlive a stack: data kept with `--keep-data`, and directories of stacks that were killed."""

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.servers.process import PortUnavailable, listen
from local.settings import DATA


class DataInUse(Exception):
    """Another stack uses the kept data, or the data need a port that is in use."""


@contextmanager
def data() -> Iterator[Path]:
    """The directory of the kept data, locked until the end of the block. Raises `DataInUse`."""
    DATA.mkdir(parents=True, exist_ok=True)
    with (DATA / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataInUse("another local stack is using the kept data; stop it first with: ./dev down") from error
        yield DATA


def engine_socket(directory: Path) -> socket.socket:
    """A socket on the engine's port of the previous run, because kept queue URLs contain it. Raises `DataInUse`."""
    stored = directory / "engine-port"
    try:
        listener = listen(int(stored.read_text()) if stored.exists() else 0)
    except PortUnavailable as error:
        raise DataInUse(f"{error}, and the kept data need it; free it, or delete {directory} to start over") from error
    stored.write_text(str(listener.getsockname()[1]))
    return listener


def alive(pid: int) -> bool:
    """Whether a process with this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def remove_stale(runs: Path) -> None:
    """Delete the directories (PID-NUMBER) of stacks whose process no longer exists."""
    for directory in runs.glob("*-*"):
        owner = directory.name.partition("-")[0]
        if owner.isdigit() and not alive(int(owner)):
            shutil.rmtree(directory, ignore_errors=True)
