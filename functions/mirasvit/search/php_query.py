"""Parse a query string as PHP does: `a[b][0]=c` is an array in an array."""

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from optout.errors import Invalid, Problem

Pairs: TypeAlias = Iterable[tuple[str, str]]
Node: TypeAlias = Any  # a text, or a mapping of names to nodes
_STEPS = re.compile(r"((?:\[[^\[\]]*\])*)")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DEEPEST = 8


def invalid(kind: str, name: str, text: str = "") -> Invalid:
    """The error for a parameter; the dialect has the message."""
    return Invalid("query", Problem(name[:100], kind, text))


def nested(pairs: Pairs, root: str) -> dict[str, Node] | None:
    """The array of this name, with its words in snake case; None if the query has no such parameter."""
    found: dict[str, Node] | None = None
    for name, value in pairs:
        word, bracket, rest = name.partition("[")
        if snake(word) != root:
            continue
        found = {} if found is None else found
        steps = _STEPS.fullmatch(bracket + rest)
        if steps is None or name.count("[") > _DEEPEST:
            raise invalid("unknown_parameter", name)
        if bracket:
            _put(found, steps[0][1:-1].split("]["), value)
    return found


def _put(node: dict[str, Node], steps: list[str], value: str) -> None:
    """Words and indices alternate. A later value replaces an earlier one; an empty index means the next one."""
    for depth, step in enumerate(steps):
        key = snake(step) if depth % 2 == 0 else step or str(1 + max(map(_index, node), default=-1))
        if depth == len(steps) - 1:
            node[key] = value
            return
        if not isinstance(node.get(key), dict):
            node[key] = {}
        node = node[key]


def properties(node: Node, name: str, *known: str) -> dict[str, Node]:
    """An array of words; raises `Invalid` for another type or an unknown word."""
    if not isinstance(node, dict):
        raise invalid("array_type", name)
    for word in node:
        if word not in known:
            raise invalid("unknown_parameter", word)
    return node


def elements(node: Node, name: str) -> list[Node]:
    """The elements of a list in the order of their indices, which may have gaps."""
    if node == "":
        return []
    if not isinstance(node, dict):
        raise invalid("array_type", name)
    indices = sorted(node, key=lambda index: (_index(index) < 0, _index(index)))
    return [node[index] for index in indices]


def text(node: dict[str, Node], name: str) -> str | None:
    """A text; None if it is absent."""
    value = node.get(name)
    if isinstance(value, dict):
        raise invalid("string_type", name)
    return value


def integer(node: dict[str, Node], name: str) -> int | None:
    """A whole number; None if it is absent."""
    digits = text(node, name) or ""
    if not digits:
        return None
    if not re.fullmatch(r"-?[0-9]{1,15}", digits):
        raise invalid("int_type", name)
    return int(digits)


def snake(word: str) -> str:
    """Convert to snake case: ``filterGroups`` to ``filter_groups``."""
    return _HUMP.sub("_", word).lower()


def _index(key: str) -> int:
    """The number of an index; -1 if it is a name."""
    return int(key) if re.fullmatch("[0-9]{1,15}", key) else -1
