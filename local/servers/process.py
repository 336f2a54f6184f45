"""Child processes that end with their parent, and listening sockets that they inherit.

A socket that listens before its server starts has a port that nobody else can take, and queues the first requests.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
TIME_TO_STOP = 10.0


class PortTaken(Exception):
    """Somebody else listens on the port that was asked for."""


class ChildFailed(Exception):
    """A part of the stack ended, or never got ready; the text ends with the last lines of its log."""


def listen(port: int = 0) -> socket.socket:
    """A listening socket on the loopback interface; port 0 chooses a free port."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"port {port} of 127.0.0.1 cannot be had ({error.strerror})") from error
    listener.listen(128)
    return listener


def address(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _dies_with_parent() -> Callable[[], None] | None:
    """What a child does before its program starts: on Linux, ask to be killed when the parent is gone."""
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return ask


class Child:
    """One part of the stack, in a process group of its own."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        directory: Path,
        environment: Mapping[str, str],
        log: Path,
        listener: socket.socket | None = None,
    ) -> None:
        self.name, self.log = name, log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[listener.fileno()] if listener else [],
                start_new_session=True,
                preexec_fn=_dies_with_parent(),  # prepared before the fork: it only calls prctl
            )

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        return self.process.poll() is None

    def failure(self, what: str) -> ChildFailed:
        """An exception that shows the end of the log."""
        lines = self.log.read_text(errors="replace").splitlines()[-15:]
        shown = "\n".join(f"  {line}" for line in lines) or "  (its log is empty)"
        return ChildFailed(f"{self.name} {what}; the end of {self.log}:\n{shown}")

    def stop(self) -> None:
        """Ask it to end, then leave nothing of its group."""
        if self.running:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(TIME_TO_STOP)
        self.process.poll()
        self._end_group()
        self.process.wait()

    def _end_group(self) -> None:
        """Kill what is left of the group and wait until it is gone; handlers write to a directory that goes next."""
        deadline = time.monotonic() + TIME_TO_STOP
        with contextlib.suppress(ProcessLookupError, PermissionError):  # raised when nothing is left
            while time.monotonic() < deadline:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.poll()
                time.sleep(0.01)
