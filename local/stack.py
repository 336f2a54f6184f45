"""The whole application on this machine, for `./dev up`, the demo and the tests.

    with Stack() as stack:
        httpx.get(stack.url)

Several stacks can run side by side: each has its own directory and its own ports.
"""

import itertools
import json
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any, Self

from local.engine import bridge, clients, deploy, deployed, logs, smoke
from local.servers import kept
from local.servers import start as servers
from local.servers.process import Child, address, listen
from local.settings import RUNS
from tools.paths import TEMPLATE

STACK_NAME = "optout"
BAD_KEYS = "10000"  # all local clients share one address, and tests try many invalid keys
_numbers = itertools.count(1)


def silent(_: str) -> None:
    """Report no progress."""


class Stack:
    """A running stack. Leaving the `with` block stops its processes and deletes their files.

    ``port`` None or 0 picks a free one. ``parameters`` are those of the template. ``say`` receives lines of progress.
    Raises `DeploymentFailed`, `RouteBroken`, `ChildFailed`, `PortUnavailable`, or `DataInUse` with ``keep_data``.
    """

    def __init__(
        self,
        port: int | None = None,
        parameters: Mapping[str, str] | None = None,
        keep_data: bool = False,
        template: Path = TEMPLATE,
        name: str | None = None,
        say: Callable[[str], None] = silent,
        seeded: bool = True,
    ) -> None:
        self.port, self.parameters, self.keep_data = port or 0, dict(parameters or {}), keep_data
        self.template, self.say, self.seeded = template, say, seeded
        self.directory = RUNS / (name or f"{os.getpid()}-{next(_numbers)}")
        self.url = self.mailbox_url = self.engine_url = self.ses_url = ""
        self.outputs: dict[str, str] = {}
        self.resources: dict[str, str] = {}
        self.functions: dict[str, str] = {}
        self.routes: list[bridge.Route] = []
        self.credentials: dict[str, Any] = {}
        self.credentials_file = self.directory / "credentials.json"
        self.children: list[Child] = []
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.callback(lambda: self._closing.close())
            self._start()
            opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def client(self, service: str) -> Any:
        """A boto3 client with the local root key, for the engine or, if the service is sesv2, for the SES stand-in."""
        return clients.client(service, self.ses_url if service == "sesv2" else self.engine_url)

    def logs_tail(self, function: str, lines: int = 50) -> list[str]:
        """The latest log lines of a function, by its logical id."""
        return [line for _, line in logs.tail(self.client("logs"), self.resources[function], lines)]

    def update(self, template: Path) -> None:
        """Update the stack to another release: the template at this path, with the code beside it."""
        self.template = template
        self._deploy()

    def check(self) -> None:
        """Raise `ChildFailed` if a process of the stack has exited."""
        for child in self.children:
            child.check()

    def _start(self) -> None:
        began = time.monotonic()
        kept_data = self._own_directory()
        front, engine = self._sockets(kept_data)
        data = kept_data or self.directory
        self.credentials_file = data / "credentials.json"
        self.say("· starting the SES stand-in and the AWS emulator")
        self.ses_url = servers.start_ses(self._own, self.directory, data / "mail", self.engine_url)
        servers.start_engine(self._own, self.directory, engine, self.ses_url, kept_data)
        self.say(f"· deploying {self.template.name}")
        api_url = self._deploy()
        servers.start_front(self._own, self.directory, front, api_url, self.ses_url)
        self.say(f"· calling each of the {len(self.routes)} routes once")
        smoke.smoke_test(self.url, self.routes)
        self._seed()
        self.say(f"· ready in {time.monotonic() - began:.1f} s")

    def _sockets(self, kept_data: Path | None) -> tuple[socket.socket, socket.socket]:
        front, engine = listen(self.port), kept.engine_socket(kept_data) if kept_data else listen()
        self._closing.callback(front.close)
        self._closing.callback(engine.close)
        self.url, self.engine_url = address(front), address(engine)
        self.mailbox_url = f"{self.url}/_local/mailbox.json"
        return front, engine

    def _own_directory(self) -> Path | None:
        """Create the directory of this run; the directory of the kept data, if data are kept."""
        kept.remove_stale(RUNS)
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        self._closing.callback(shutil.rmtree, self.directory, ignore_errors=True)
        self._closing.enter_context(_signals_unwind())
        return self._closing.enter_context(kept.data()) if self.keep_data else None

    def _own(self, child: Child) -> None:
        self.children.append(child)
        self._closing.callback(child.stop)

    def _deploy(self) -> str:
        """Deploy the template, create the API's routes and describe the stack; the URL of the API's data plane."""
        cloudformation = self.client("cloudformation")
        parameters = {"PublicUrl": self.url, "BadKeys": BAD_KEYS, **self.parameters}
        deploy.deploy(cloudformation, self.client("s3"), self.template, STACK_NAME, parameters)
        made = deployed.describe(cloudformation, STACK_NAME)
        self.outputs, self.resources, self.functions = made.outputs, made.resources, made.functions
        gateway = self.client("apigatewayv2")
        api_id, self.routes = bridge.bridge(gateway, made.template, made.intrinsics(STACK_NAME))
        return f"{self.engine_url}/_aws/execute-api/{api_id}/$default"

    def _seed(self) -> None:
        """Add sample data to an empty stack. Kept data already have it, and keep their credentials."""
        if self.credentials_file.exists():
            self.credentials = json.loads(self.credentials_file.read_text())
            return
        if self.seeded:
            from local.seed import seed

            self.say("· adding sample data and credentials")
            self.credentials = seed(self)
        self.credentials_file.touch(mode=0o600)
        self.credentials_file.write_text(json.dumps(self.credentials, indent=1) + "\n")


def _signals_unwind() -> ExitStack:
    """While open, SIGTERM and SIGHUP leave the `with` block as Ctrl-C does. A second one does not interrupt that."""
    restore = ExitStack()
    if threading.current_thread() is not threading.main_thread():
        return restore

    def end(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, end)
            restore.callback(signal.signal, number, signal.SIG_DFL)
    return restore
