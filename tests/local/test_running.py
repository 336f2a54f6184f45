"""The record of the stack that `./dev up` runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.commands import running, up
from tools.paths import ROOT

HOLD = """
import sys
from pathlib import Path
from local import running
running.RUNS, running.RECORD, running.LOCK = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
with running.sole():
    running.RECORD.write_text('{}')
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record of the test's own: the user's stack stays out of it."""
    monkeypatch.setattr("local.commands.running.RUNS", tmp_path)
    monkeypatch.setattr("local.commands.running.RECORD", tmp_path / "up.json")
    monkeypatch.setattr("local.commands.running.LOCK", tmp_path / "up.lock")


def held_by_another() -> subprocess.Popen[str]:
    arguments = [str(running.LOCK.parent), str(running.RECORD), str(running.LOCK)]
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_there_is_one_running_stack_at_a_time() -> None:
    with held_by_another() as process:
        assert running.owner() == process.pid
        with pytest.raises(running.AlreadyUp, match=r"\./dev down"), running.sole():
            pass
        process.kill()


def test_the_record_of_a_killed_stack_is_stale() -> None:
    with held_by_another() as process:
        process.kill()
    assert running.RECORD.exists()
    assert not running.is_up()
    with pytest.raises(running.NothingUp, match=r"\./dev up"):
        running.find()


def test_the_record_goes_with_its_stack() -> None:
    with running.sole():
        running.RECORD.write_text("{}")
        assert running.is_up()
    assert not running.RECORD.exists()
    assert not running.is_up()


def test_stopping_nothing_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    up.down()
    assert capsys.readouterr().out == "nothing is up\n"
