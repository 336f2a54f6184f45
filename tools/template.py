"""template.yaml as it is written, with CloudFormation's short tags spelled out."""

from functools import cache
from typing import Any

import yaml

from tools.paths import TEMPLATE


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
