"""The stand-in as a process, and a client of its control routes and of its API."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from typing import Any

import boto3
from botocore.config import Config

from tests.local.ses.requests import bulk, email
from tests.support.patience import PATIENCE
from tools.paths import ROOT

DEADLINE = PATIENCE

Json = Any


def start(engine_url: str, *options: str) -> tuple[subprocess.Popen[str], str]:
    """Start a stand-in; the caller stops it."""
    command = [sys.executable, "-m", "local.ses", "--port", "0", "--engine", engine_url, "--identity", "example.com"]
    process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("ready http://"), f"the stand-in did not start: {line!r}"
    return process, line.split()[1]


def stop(process: subprocess.Popen[str]) -> int:
    process.terminate()
    return process.wait(DEADLINE)


class StandIn:
    """The control routes of a running stand-in, and boto3 clients of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = self.new_client()

    def new_client(self, attempts: int = 1, read_timeout: float = 20) -> Any:
        return boto3.client(
            "sesv2",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(
                retries={"total_max_attempts": attempts}, read_timeout=read_timeout, parameter_validation=False
            ),
        )

    def http(self, method: str, path: str, body: Json = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
                return answer.status, answer.read(), _lowered(answer.headers)
        except urllib.error.HTTPError as error:
            return error.code, error.read(), _lowered(error.headers)

    def get(self, path: str) -> Json:
        return self.decoded(self.http("GET", path)[1])

    @staticmethod
    def decoded(body: bytes) -> Json:
        return json.loads(body)

    def settings(self, **changes: Json) -> None:
        assert self.http("PUT", "/_local/settings", changes)[0] == 200

    def faults(self, **plan: Json) -> None:
        assert self.http("PUT", "/_local/faults", plan)[0] == 200

    def mails(self, **filters: str) -> list[Json]:
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        result: list[Json] = self.get(f"/_local/mailbox.json?{query}")
        return result

    def last_row(self) -> int:
        return int(self.http("GET", "/_local/ledger?limit=0")[2]["x-ledger-rows"])

    def rows(self, after: int, kind: str | None = None) -> list[Json]:
        return [row for row in self.get(f"/_local/ledger?after={after}&limit=100000") if kind in (None, row["kind"])]

    def wait_until_published(self) -> Json:
        """Wait until no event is pending. The deadline is long, because it is for a broken stand-in, not a slow one."""
        return self.wait_for(lambda counts: counts["pending"] == 0)

    def wait_for(self, condition: Callable[[Json], bool]) -> Json:
        until = time.monotonic() + DEADLINE
        while not condition(counts := self.get("/_local/events")):
            assert time.monotonic() < until, f"the condition was not met in {DEADLINE} s: {counts}"
            time.sleep(0.01)
        return counts

    def send(self, to: str = "reader@example.org", **changes: Json) -> str:
        return str(self.client.send_email(**(email(to) | changes))["MessageId"])

    def bulk(self, *entries: Json, **changes: Json) -> list[Json]:
        result: list[Json] = self.client.send_bulk_email(**(bulk(*entries) | changes))["BulkEmailEntryResults"]
        return result


def _lowered(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
