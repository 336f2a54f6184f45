"""Child processes that end with their parent, and listening sockets that they inherit.

A socket that listens before its server starts reserves its port and queues the first requests.
"""

import contextlib
import ctypes
import errno
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


class PortUnavailable(Exception):
    """The port is in use or not allowed; the text says which."""


class ChildFailed(Exception):
    """A process of the stack exited, or did not become ready; the text ends with the last lines of its log."""


def listen(port: int = 0) -> socket.socket:
    """A listening socket on the loopback interface; port 0 picks a free one. Raises `PortUnavailable`."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        reason = "is already in use" if error.errno == errno.EADDRINUSE else f"is not available ({error.strerror})"
        raise PortUnavailable(f"port {port} on 127.0.0.1 {reason}") from error
    listener.listen(128)
    return listener


def address(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _dies_with_parent() -> Callable[[], None] | None:
    """A function that a child runs before its program: on Linux, have the kernel kill it when its parent exits."""
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return ask


class Child:
    """One process of the stack, in a process group of its own."""

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
        """Whether the process has not exited."""
        return self.process.poll() is None

    def check(self) -> None:
        """Raise `ChildFailed` if the process has exited."""
        if not self.running:
            raise self.failure(f"exited with code {self.process.returncode}")

    def failure(self, problem: str) -> ChildFailed:
        """An exception that shows the end of the log."""
        lines = self.log.read_text(errors="replace").splitlines()[-15:]
        shown = "\n".join(f"  {line}" for line in lines) or "  (the log is empty)"
        return ChildFailed(f"{self.name} {problem}; the end of {self.log}:\n{shown}")

    def stop(self) -> None:
        """Terminate the process, then kill the rest of its group."""
        if self.running:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(TIME_TO_STOP)
        self.process.poll()
        self._end_group()
        self.process.wait()

    def _end_group(self) -> None:
        """Kill the rest of the group and wait until it is gone, because its handlers write to a directory that is
        deleted next."""
        deadline = time.monotonic() + TIME_TO_STOP
        with contextlib.suppress(ProcessLookupError, PermissionError):  # raised when the group is empty
            while time.monotonic() < deadline:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.poll()
                time.sleep(0.01)
