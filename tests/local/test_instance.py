"""The running instance of `./dev up`: one at a time, found by its record."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from local.commands import instance, up
from tools.paths import ROOT

HOLD = """
import sys
from pathlib import Path
from local.commands import instance
instance.RUNS, instance.RECORD, instance.LOCK = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
with instance.exclusive():
    instance.RECORD.write_text('{}')
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has its own record, so that the user's stack stays out of it."""
    monkeypatch.setattr("local.commands.instance.RUNS", tmp_path)
    monkeypatch.setattr("local.commands.instance.RECORD", tmp_path / "up.json")
    monkeypatch.setattr("local.commands.instance.LOCK", tmp_path / "up.lock")


def held_by_another() -> subprocess.Popen[str]:
    arguments = [str(instance.LOCK.parent), str(instance.RECORD), str(instance.LOCK)]
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_there_is_one_running_stack_at_a_time() -> None:
    with held_by_another() as process:
        assert instance.owner() == process.pid
        with pytest.raises(instance.AlreadyRunning, match=r"already running.*\./dev down"), instance.exclusive():
            pass
        process.kill()


def test_the_record_of_a_killed_stack_is_stale() -> None:
    with held_by_another() as process:
        process.kill()
    assert instance.RECORD.exists()
    assert not instance.is_running()
    with pytest.raises(instance.NotRunning, match=r"\./dev up"):
        instance.find()


def test_a_stack_that_is_starting_is_not_found_yet() -> None:
    with instance.exclusive():
        assert not instance.is_ready(os.getpid())
        with pytest.raises(instance.NotRunning, match="still starting"):
            instance.find()


def test_the_record_of_another_process_makes_no_stack_ready() -> None:
    with instance.exclusive():
        record = instance.Instance(os.getpid(), "", "", "", "", "", {})
        instance.RECORD.write_text(json.dumps(asdict(record)))
        assert instance.is_ready(os.getpid())
        assert not instance.is_ready(os.getpid() + 1)


def test_the_record_goes_with_its_stack() -> None:
    with instance.exclusive():
        instance.RECORD.write_text("{}")
        assert instance.is_running()
    assert not instance.RECORD.exists()
    assert not instance.is_running()


def test_stopping_nothing_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    up.down()
    assert capsys.readouterr().out == "no local stack is running\n"
