"""The functions' permissions are written once, under ``Metadata: Grants:``, and each function lists their names."""

from collections.abc import Iterator

import yaml

from tools.paths import TEMPLATE

DOCUMENT = yaml.compose(TEMPLATE.read_text(), Loader=yaml.SafeLoader)


def child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """The value of one key; an alias is the very node that has the anchor."""
    assert isinstance(node, yaml.MappingNode)
    return next((value for name, value in node.value if name.value == key), None)


def items(node: yaml.Node | None) -> list[yaml.Node]:
    assert isinstance(node, yaml.SequenceNode)
    found: list[yaml.Node] = node.value
    return found


def grants() -> list[yaml.Node]:
    groups = child(child(DOCUMENT, "Metadata"), "Grants")
    assert isinstance(groups, yaml.MappingNode)
    return [grant for _, group in groups.value for grant in items(group)]


def listed() -> Iterator[yaml.Node]:
    """Every policy of every function."""
    resources = child(DOCUMENT, "Resources")
    assert isinstance(resources, yaml.MappingNode)
    for _, resource in resources.value:
        kind = child(resource, "Type")
        assert isinstance(kind, yaml.ScalarNode)
        if kind.value == "AWS::Serverless::Function":
            policies = child(child(resource, "Properties"), "Policies")
            yield from items(policies) if policies else ()


def lines(nodes: list[yaml.Node]) -> list[int]:
    return [node.start_mark.line + 1 for node in nodes]


def test_every_grant_is_used_by_a_function() -> None:
    used = {id(policy) for policy in listed()}
    assert lines([grant for grant in grants() if id(grant) not in used]) == []


def test_a_function_has_no_permission_but_the_named_grants() -> None:
    named = {id(grant) for grant in grants()}
    assert lines([policy for policy in listed() if id(policy) not in named]) == []


def test_no_permission_is_written_twice() -> None:
    written = [yaml.serialize(grant) for grant in grants()]
    assert [text for text in written if written.count(text) > 1] == []
