"""template.yaml as it is written, with CloudFormation's short tags spelled out."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools.paths import ROOT, TEMPLATE

FUNCTIONS = ROOT / "functions"
LAYER = ROOT / "layers" / "core" / "python" / "optout"
EVENTS = ROOT / "events"


class _Loader(yaml.SafeLoader):
    """YAML with !Ref, !GetAtt and the others."""


def _tag(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".")
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _tag)


@cache
def template() -> dict[str, Any]:
    """The whole document."""
    document: dict[str, Any] = yaml.load(TEMPLATE.read_text(), _Loader)
    return document


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
