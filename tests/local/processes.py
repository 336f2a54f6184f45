"""The processes of a stack: those with its directory in their environment."""

import os
import sys
import time
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE

needs_proc = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc, which only Linux has")


def belonging_to(directory: Path) -> list[int]:
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                environment = (process / "environ").read_bytes()
            except OSError:
                continue  # it has exited, or belongs to another user
            if str(directory).encode() in environment:
                found.append(int(process.name))
    return found


def all_gone(directory: Path, within: float = PATIENCE) -> bool:
    deadline = time.monotonic() + within
    while belonging_to(directory):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
