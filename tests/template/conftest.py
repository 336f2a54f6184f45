"""The template after SAM's transformation, made once for each state of the template."""

import importlib.util
import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tools.paths import ROOT, TEMPLATE

ENGINE_PYTHON = ROOT / ".local" / "engine" / "bin" / "python"
PROGRAM = Path(__file__).with_name("transform.py")
LOCK = ROOT / "tools" / "env" / "requirements" / "engine.txt"
KEPT = ROOT / ".local" / "transformed.json"


class Transformed:
    """The resources that CloudFormation makes."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.resources: dict[str, dict[str, Any]] = document["Resources"]

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Logical id to properties, for one type of resource."""
        found = {name: made.get("Properties", {}) for name, made in self.resources.items() if made["Type"] == kind}
        assert found, f"there is no {kind}"
        return found

    def statements(self, role: str) -> list[dict[str, Any]]:
        """What the policies of one role allow."""
        policies = self.resources[role]["Properties"].get("Policies", [])
        return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


@pytest.fixture(scope="session")
def transformed() -> Transformed:
    python = Path(sys.executable) if importlib.util.find_spec("samtranslator") else ENGINE_PYTHON
    if not python.exists():
        pytest.skip("needs samtranslator: ./dev test brings it")
    made_from = sha256(b"".join(source.read_bytes() for source in (TEMPLATE, PROGRAM, LOCK))).hexdigest()
    found = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    if found.get("made_from") != made_from:
        found = {"made_from": made_from, "document": json.loads(transform(python))}
        part = KEPT.with_suffix(f".{os.getpid()}")  # whole or not at all: another worker may be at it
        part.write_text(json.dumps(found))
        part.replace(KEPT)
    return Transformed(found["document"])


def transform(python: Path) -> str:
    """The document as JSON; importing and running SAM's translator takes seconds."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [python, PROGRAM, TEMPLATE]
    result = subprocess.run(command, check=False, capture_output=True, text=True, env=own)
    assert result.returncode == 0, result.stderr
    return result.stdout
