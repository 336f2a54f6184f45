"""The conditions of a selector, as a tree of a few node types: no code, linear time.

Comparisons follow MongoDB. Only values of the same type are compared, texts by their code points, and a missing field
equals null.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any, NamedTuple, TypeAlias


class Value(NamedTuple):
    """A value and its type."""

    type: str
    of: Any


Values: TypeAlias = Mapping[str, Value]
Search: TypeAlias = Callable[[str], bool]
# Compiles a pattern with options (of i, m and s) to a search in linear time; raises ValueError with the reason.
Compile: TypeAlias = Callable[[str, str], Search]
NULL = Value("null", 0)


@dataclass(frozen=True, slots=True)
class Compare:
    """The field has the value's type, and its comparison (-1 below, 0 equal, 1 above) is one of the ``signs``."""

    field: str
    signs: tuple[int, ...]
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field is one of the values."""

    field: str
    among: frozenset[Value]


@dataclass(frozen=True, slots=True)
class Exists:
    """The field exists."""

    field: str


@dataclass(frozen=True, slots=True)
class Matches:
    """The field is a text in which the pattern is found."""

    field: str
    pattern: str
    options: str
    search: Search = attribute(compare=False)


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; also true without parts."""

    parts: "Sequence[Tree]"


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: "Sequence[Tree]"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Tree"


Tree: TypeAlias = Compare | OneOf | Exists | Matches | Every | Some | Not


def holds(tree: Tree, values: Values) -> bool:
    """Whether the tree is true for the values, by field; other fields are missing."""
    match tree:
        case Every(parts):
            return all(holds(part, values) for part in parts)
        case Some(parts):
            return any(holds(part, values) for part in parts)
        case Not(part):
            return not holds(part, values)
        case Exists(field):
            return field in values
        case OneOf(field, among):
            return values.get(field, NULL) in among
        case Matches(field, search=search):
            found = values.get(field, NULL)
            return found.type == "text" and search(found.of)
        case Compare(field, signs, value):
            found = values.get(field, NULL)
            return found.type == value.type and (found.of > value.of) - (found.of < value.of) in signs
