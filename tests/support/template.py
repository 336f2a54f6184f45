"""template.yaml as it is written, with CloudFormation's short tags spelled out."""

from pathlib import Path
from typing import Any

from tools.paths import ROOT
from tools.template import template as template

FUNCTIONS = ROOT / "functions"
LAYER = ROOT / "layers" / "core" / "python" / "optout"
EVENTS = ROOT / "events"


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Logical id to properties, for one type of resource."""
    found = template()["Resources"].items()
    return {name: resource.get("Properties", {}) for name, resource in found if resource["Type"] == kind}


def functions() -> dict[str, dict[str, Any]]:
    """Logical id to properties of every function."""
    return resources("AWS::Serverless::Function")


def module_of(handler: str) -> str:
    """``repzo.check`` of ``repzo.check.handler``."""
    return handler.rpartition(".")[0]


def timeout(module: str) -> int:
    """The timeout of a function, in seconds."""
    (found,) = (each for each in functions().values() if module_of(each["Handler"]) == module)
    default: int = template()["Globals"]["Function"]["Timeout"]
    return int(found.get("Timeout", default))


def event_file(module: str) -> Path:
    """``events/repzo/check.json`` of ``repzo.check``."""
    return EVENTS.joinpath(*module.split(".")).with_suffix(".json")


def in_template(function: dict[str, Any]) -> set[tuple[str, str]]:
    events = [event["Properties"] for event in function["Events"].values() if event["Type"] == "HttpApi"]
    return {(event["Method"], event["Path"]) for event in events if "Path" in event}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
