"""Importing a hot handler is cheap, and touches no AWS: a count of modules, for time depends on the machine."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.template import FUNCTIONS, LAYER

# An eighth above what each needs on Python 3.13.
BUDGET = {"repzo.check": 425, "links.one_click": 427, "feedback.bounces": 418, "jobs.deliver": 320}
PROGRAM = "import sys, json; old = set(sys.modules); import {0}; print(json.dumps(sorted(set(sys.modules) - old)))"


@pytest.fixture(scope="module")
def running() -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """All at once, each in a fresh process with no region, no credentials and no settings."""
    path = f"{FUNCTIONS}:{LAYER.parent}"
    processes = {
        handler: subprocess.Popen(
            [sys.executable, "-c", PROGRAM.format(handler)],
            env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
        )
        for handler in BUDGET
    }
    yield processes
    for process in processes.values():
        process.kill()
        process.wait()


@pytest.mark.parametrize("handler", BUDGET)
def test_importing_a_hot_handler_is_cheap_and_touches_no_aws(
    handler: str, running: dict[str, "subprocess.Popen[bytes]"]
) -> None:
    output, _ = running[handler].communicate(timeout=60)
    modules = json.loads(output)
    assert not {"boto3", "botocore.session", "botocore.client", "optout.aws", "selectolax", "re2"} & set(modules)
    assert len(modules) <= BUDGET[handler]
