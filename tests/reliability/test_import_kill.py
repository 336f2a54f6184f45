"""An import adds and counts every row once, wherever its worker dies."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from optout.aws import fences
from optout.aws.imports.files import S3Files
from optout.imports import control
from optout.imports import run as import_run
from optout.imports.job import Import, State, Tally
from tests.reliability.import_worker import s3, worker
from tests.reliability.killing import Killed
from tests.support.engine import Tables
from tests.support.fakes import InMemoryQueue
from tools.paths import ROOT

ROWS = [*(f"p{at}@example.com,P {at}" for at in range(160)), "nobody,N", *(f"p{at}@example.com,Q" for at in range(30))]
EXPECTED = Tally(rows=191, new=160, present=30, rejected=1)
CALLS = {State.CHECKING: 13, State.ADDING: 12}  # how many one run makes


@dataclass
class Site:
    """Tables and a bucket on the engine, and one import."""

    tables: Tables
    files: S3Files
    number: int

    @property
    def job(self) -> Import:
        job = worker(self.tables, self.files).imports.get(self.number)
        assert job
        return job

    def ask(self, rows: list[str], state: State) -> None:
        """Upload the rows and have them read as far as the state says."""
        content = "\n".join(["email,name", *rows]).encode()
        self.files.client.put_object(Bucket=self.files.bucket, Key=f"uploads/{self.number:016d}.csv", Body=content)
        arguments = worker(self.tables, self.files).imports, self.files, InMemoryQueue(), "acme", self.number
        control.check(*arguments)
        if state is State.ADDING:
            self.run()
            control.start(*arguments)

    def run(self) -> None:
        worker(self.tables, self.files).run(self.number, lambda: 300.0)

    def emails(self) -> list[str]:
        return [one.address.original for one in self.tables.subscribers().walk("acme", "weekly")][::-1]


@pytest.fixture
def site(engine: Tables) -> Iterator[Site]:
    files = S3Files(s3(engine.client.meta.endpoint_url).client, f"test-{uuid.uuid4().hex[:12]}")
    files.client.create_bucket(Bucket=files.bucket)
    yield Site(engine, files, control.begin(worker(engine, files).imports, "acme", "weekly").number)
    for entry in files.client.list_objects_v2(Bucket=files.bucket)["Contents"]:
        files.client.delete_object(Bucket=files.bucket, Key=entry["Key"])
    files.client.delete_bucket(Bucket=files.bucket)


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fences, "FULL", 50)
    monkeypatch.setattr(import_run, "CHECKED", 100)


@contextmanager
def dying(site: Site, at: int, when: str) -> Iterator[list[str]]:
    """Die at one of the calls, before it or after it took effect; returns the calls up to then."""
    calls, made = count(), list[str]()

    def die(model: Any, **_: object) -> None:
        made.append(model.name)
        if next(calls) == at:
            raise Killed

    hooks = [(client, f"{when}-call.{client.meta.service_model.service_name}") for client in _clients(site)]
    for client, hook in hooks:
        client.meta.events.register(hook, die)
    try:
        yield made
    finally:
        for client, hook in hooks:
            client.meta.events.unregister(hook, die)


def _clients(site: Site) -> list[Any]:
    return [site.tables.client, site.files.client]


def assert_right(site: Site, state: State, expected: Tally, emails: list[str]) -> None:
    job = site.job
    assert job.current_pass
    assert job.state is (State.FINISHED if state is State.ADDING else State.CHECKED)
    assert job.current_pass.tally == expected
    assert site.emails() == (emails if state is State.ADDING else [])
    rejected = site.files.rejected(site.number, job.current_pass.index, 0)
    assert len(list(rejected)) == expected.rejected
    _, total = site.tables.subscribers().newest("acme", "weekly", 0, 1)
    assert total == len(site.emails())


@pytest.mark.parametrize("state", CALLS)
def test_the_rounds_cover_every_call(site: Site, state: State) -> None:
    site.ask(ROWS, state)
    with dying(site, -1, "before") as made:
        site.run()
    assert len(made) == CALLS[state], made


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("state", "at"), [(state, at) for state, calls in CALLS.items() for at in range(calls)])
def test_a_worker_may_die_at_any_call(site: Site, state: State, at: int, when: str) -> None:
    site.ask(ROWS, state)
    with pytest.raises(Killed), dying(site, at, when):
        site.run()
    site.run()
    assert_right(site, state, EXPECTED, [f"p{at}@example.com" for at in range(160)])


def test_worker_after_worker_may_be_killed(site: Site) -> None:
    """Kill the workers with SIGKILL at any moment, except for the last one."""
    rows = [f"p{at}@example.com,P {at}" for at in range(6000)]
    rows = [*rows, *rows[:2000], "nobody,N"]
    site.ask(rows, State.ADDING)
    reached = []
    for goal in (500, 2000, 4000):
        with started(site) as process:
            while site.job.addition and site.job.addition.tally.rows < goal:
                assert process.poll() is None
                time.sleep(0.002)
            os.kill(process.pid, signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
        assert site.job.addition
        reached.append(site.job.addition.tally.rows)
    assert reached == sorted(reached)
    assert 500 <= reached[0] < reached[1] < reached[2] < len(rows)
    with started(site) as process:
        assert process.wait(120) == 0
    expected = Tally(rows=8001, new=6000, present=2000, rejected=1)
    assert_right(site, State.ADDING, expected, [f"p{at}@example.com" for at in range(6000)])


@contextmanager
def started(site: Site) -> "Iterator[subprocess.Popen[bytes]]":
    """A worker in a process of its own."""
    names = json.dumps(site.tables.names)
    command = [sys.executable, "-m", "tests.reliability.import_worker", site.tables.client.meta.endpoint_url, names]
    path = os.pathsep.join(str(ROOT / folder) for folder in ("", "functions", "layers/core/python"))
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen([*command, site.files.bucket, str(site.number)], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
