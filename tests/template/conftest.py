"""The template after SAM's transformation, made once."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.paths import ROOT, TEMPLATE

ENGINE_PYTHON = ROOT / ".local" / "engine" / "bin" / "python"


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
    command = [python, Path(__file__).with_name("transform.py"), TEMPLATE]
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    result = subprocess.run(command, check=False, capture_output=True, text=True, env=own)
    assert result.returncode == 0, result.stderr
    return Transformed(json.loads(result.stdout))
