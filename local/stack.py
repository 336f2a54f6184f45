"""The whole product on this machine, as `./dev up`, the demo and the tests use it.

    with Stack() as stack:
        httpx.get(stack.url)

Several stacks run side by side: each has its own directory and its own ports.
"""

import importlib
import importlib.util
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

from local import bridge, clients, deploy, kept, servers, smoke
from local.intrinsics import Intrinsics
from local.process import Child, address, listen
from local.settings import REGION, RUNS, TEMPLATE

STACK_NAME = "optout"
ACCOUNT = "000000000000"
_numbers = itertools.count(1)


def silent(_: str) -> None:
    """Reports no progress."""


class Stack:
    """A running stack. Leaving the `with` block stops every process and removes what they wrote."""

    def __init__(
        self,
        port: int | None = None,
        parameters: Mapping[str, str] | None = None,
        keep_data: bool = False,
        template: Path = TEMPLATE,
        name: str | None = None,
        say: Callable[[str], None] = silent,
    ) -> None:
        self.port, self.parameters, self.keep_data, self.template = (
            port or 0,
            dict(parameters or {}),
            keep_data,
            template,
        )
        self.directory = RUNS / (name or f"{os.getpid()}-{next(_numbers)}")
        self.say = say
        self.url = self.mailbox_url = self.engine_url = self.ses_url = ""
        self.outputs: dict[str, str] = {}
        self.resources: dict[str, str] = {}
        self.routes: list[bridge.Route] = []
        self.credentials: dict[str, Any] = {}
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
        """A boto3 client with the local root key, on the engine or, for mail, on the SES stand-in."""
        return clients.client(service, self.ses_url if service == "sesv2" else self.engine_url)

    def logs_tail(self, function: str, lines: int = 50) -> list[str]:
        """The last log lines of a function, by its logical id."""
        logs = self.client("logs")
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{self.resources[function]}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"].rstrip() for event in events][-lines:]

    def check(self) -> None:
        """Raise when a part of the stack has ended."""
        for child in self.children:
            if not child.running:
                raise child.failure(f"ended with code {child.process.returncode}")

    def _start(self) -> None:
        began = time.monotonic()
        front, engine = self._sockets()
        kept_data = self._own_directory()
        state = (kept_data or self.directory) / "mail"
        self.say("· starting the SES stand-in and the embedded AWS")
        self.ses_url = servers.start_ses(self._own, self.directory, state, self.engine_url)
        servers.start_engine(self._own, self.directory, engine, self.ses_url, kept_data)
        self.say(f"· deploying {self.template.name}")
        api_url = self._deploy()
        servers.start_front(self._own, self.directory, front, api_url, self.ses_url)
        self.say(f"· asking each of the {len(self.routes)} routes")
        smoke.smoke_test(self.url, self.routes)
        self._seed(kept_data)
        self.say(f"· ready after {time.monotonic() - began:.1f} s")

    def _sockets(self) -> tuple[socket.socket, socket.socket]:
        front, engine = listen(self.port), listen()
        self._closing.callback(front.close)
        self._closing.callback(engine.close)
        self.url, self.engine_url = address(front), address(engine)
        self.mailbox_url = f"{self.url}/_local/mailbox.json"
        return front, engine

    def _own_directory(self) -> Path | None:
        """Make the run's directory; the place of kept data, if data are kept."""
        kept.remove_left_overs(RUNS)
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        self._closing.callback(shutil.rmtree, self.directory, ignore_errors=True)
        self._closing.enter_context(_sigterm_ends())
        return self._closing.enter_context(kept.data()) if self.keep_data else None

    def _own(self, child: Child) -> None:
        self.children.append(child)
        self._closing.callback(child.stop)

    def _deploy(self) -> str:
        """Deploy, complete the API and look up what was made; the URL of the API's data plane."""
        cloudformation = self.client("cloudformation")
        parameters = {"PublicUrl": self.url, **self.parameters}
        deploy.deploy(cloudformation, self.client("s3"), self.template, STACK_NAME, parameters)
        description = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
        self.outputs = {item["OutputKey"]: item["OutputValue"] for item in description.get("Outputs", [])}
        used = {item["ParameterKey"]: item["ParameterValue"] for item in description.get("Parameters", [])}
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK_NAME)
        made = [resource for page in pages for resource in page["StackResourceSummaries"]]
        self.resources = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in made}
        processed = cloudformation.get_template(StackName=STACK_NAME, TemplateStage="Processed")["TemplateBody"]
        processed = json.loads(processed) if isinstance(processed, str) else processed
        intrinsics = Intrinsics({**_pseudo_parameters(), **used, **self.resources}, self._attribute)
        api_id, self.routes = bridge.bridge(self.client("apigatewayv2"), processed, intrinsics)
        return f"{self.engine_url}/_aws/execute-api/{api_id}/$default"

    def _attribute(self, resource: str, attribute: str) -> str:
        if attribute != "Arn":
            raise NotImplementedError(f"{resource}.{attribute}: the API may refer to the Arn of a function only")
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.resources[resource]}"

    def _seed(self, kept_data: Path | None) -> None:
        """Fill the empty stack; kept data are not filled again, and their credentials go on."""
        stored = (kept_data or self.directory) / "credentials.json"
        if stored.exists():
            self.credentials = json.loads(stored.read_text())
        elif importlib.util.find_spec("local.seed"):
            self.say("· filling it")
            self.credentials = importlib.import_module("local.seed").seed(self)
        stored.write_text(json.dumps(self.credentials, indent=1) + "\n")
        stored.chmod(0o600)


def _pseudo_parameters() -> dict[str, str]:
    return {
        "AWS::Partition": "aws",
        "AWS::Region": REGION,
        "AWS::AccountId": ACCOUNT,
        "AWS::StackName": STACK_NAME,
        "AWS::URLSuffix": "amazonaws.com",
    }


def _sigterm_ends() -> ExitStack:
    """While open, SIGTERM unwinds the stack as Ctrl-C does."""
    restore = ExitStack()
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:

        def end(number: int, _: FrameType | None) -> None:
            raise SystemExit(128 + number)

        signal.signal(signal.SIGTERM, end)
        restore.callback(signal.signal, signal.SIGTERM, signal.SIG_DFL)
    return restore
