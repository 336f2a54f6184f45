"""Stacks run side by side, leave nothing behind, and report their errors."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from local.engine.deploy import DeploymentFailed
from local.engine.smoke import RouteBroken
from local.servers.process import PortUnavailable, listen
from local.stack import Stack
from tests.local.processes import all_gone, belonging_to, needs_proc
from tools.paths import ROOT

RUN_UNTIL_KILLED = """
import signal, sys, time
from pathlib import Path
from local.stack import Stack
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts its background jobs without it
with Stack(template=Path(sys.argv[1]), seeded=False) as stack:
    print(stack.directory, flush=True)
    time.sleep(600)
"""


def changed(template: Path, old: str, new: str, place: Path) -> Path:
    """A copy of the sample beside a changed template."""
    for name in ("functions", "layers"):
        (place / name).symlink_to(template.parent / name)
    text = template.read_text()
    assert old in text
    (place / "template.yaml").write_text(text.replace(old, new))
    return place / "template.yaml"


def in_a_process(template: Path) -> tuple[subprocess.Popen[str], Path]:
    command = [sys.executable, "-c", RUN_UNTIL_KILLED, str(template)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def test_two_stacks_run_side_by_side(sample: Stack, one_function: Path) -> None:
    with Stack(template=one_function, seeded=False) as second:
        assert httpx.get(f"{second.url}/x", trust_env=False).status_code == 200
        assert httpx.get(f"{sample.url}/echo/x", trust_env=False).status_code == 200
        assert len({sample.url, sample.engine_url, sample.ses_url, second.url, second.engine_url, second.ses_url}) == 6


@needs_proc
def test_a_stopped_stack_leaves_no_process_and_no_file(one_function: Path) -> None:
    with Stack(template=one_function, seeded=False) as stack:
        assert len(belonging_to(stack.directory)) >= 4  # three servers and a warm function
    assert belonging_to(stack.directory) == []
    assert not stack.directory.exists()


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_stack_ends_with_the_process_that_runs_it(number: signal.Signals, one_function: Path) -> None:
    process, directory = in_a_process(one_function)
    assert belonging_to(directory)
    process.send_signal(number)
    process.wait(30)
    assert all_gone(directory)
    assert directory.exists() == (number == signal.SIGKILL)


def test_a_taken_port_is_named(one_function: Path) -> None:
    with listen() as listener:
        port = listener.getsockname()[1]
        error = f"port {port} on 127.0.0.1 is already in use"
        with pytest.raises(PortUnavailable, match=error), Stack(port=port, template=one_function):
            pass


def test_a_resource_that_cannot_be_made_is_named_with_the_reason(one_function: Path, tmp_path: Path) -> None:
    no_thing = "Resources:\n  Thing: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !GetAtt Api.NoSuchThing}}\n"
    broken = changed(one_function, "Resources:\n", no_thing, tmp_path)
    with pytest.raises(DeploymentFailed, match=r"Thing.*NoSuchThing"), Stack(template=broken, seeded=False):
        pass


def test_a_function_that_cannot_be_imported_is_named(one_function: Path, tmp_path: Path) -> None:
    broken = changed(one_function, "letters.echo.handler", "letters.nowhere.handler", tmp_path)
    with pytest.raises(RouteBroken, match=r"LettersEcho.*letters\.nowhere"), Stack(template=broken, seeded=False):
        pass


def test_data_are_kept_on_request(one_function: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.servers.kept.DATA", tmp_path)
    with Stack(template=one_function, keep_data=True, seeded=False) as first:
        first.client("s3").create_bucket(Bucket="kept")
        api = first.resources["Api"]
    with Stack(template=one_function, keep_data=True, seeded=False) as second:
        assert "kept" in [bucket["Name"] for bucket in second.client("s3").list_buckets()["Buckets"]]
        assert second.resources["Api"] == api
