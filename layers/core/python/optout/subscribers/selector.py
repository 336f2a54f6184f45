"""Select subscribers by a query in MongoDB's syntax, over a few fields.

The text is parsed once into a tree (see `expression`), and anything else is rejected. A selector only narrows an
audience: suppressed addresses are left out when the email is sent, whatever was selected.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from optout.subscribers.expression import Compare, Compile, Every, Exists, Matches, Not, OneOf, Some, Tree, holds
from optout.subscribers.field import CASELESS, SYNONYMS, TYPES, composed, refusal, value_of, values_of
from optout.subscribers.subscriber import Status, Subscriber

LONGEST = 50_000  # characters
DEEPEST = 12  # levels of $and, $or, $nor and $not
CONDITIONS = 500
LIST = 1000
PATTERNS = 100

_SIGNS = {"$eq": (0,), "$gt": (1,), "$gte": (0, 1), "$lt": (-1,), "$lte": (-1, 0)}
_JOINING = ("$and", "$or", "$nor")
_OPTIONS = set("imsu")  # u is what every pattern is


@dataclass(frozen=True, slots=True)
class Selector:
    """A parsed selector; ``text`` is its canonical JSON."""

    text: str
    tree: Tree

    def matches(self, subscriber: Subscriber, unsubscribed: bool = False) -> bool:
        """Whether a subscriber is selected; ``unsubscribed`` comes from the suppression list."""
        return evaluate(self.tree, subscriber, Status.UNSUBSCRIBED if unsubscribed else subscriber.status)


EVERYBODY = Selector("{}", Every(()))


def parse(text: str, compile_pattern: Compile) -> Selector:
    """Parse a selector; raises `Invalid` with a message about the first error."""
    try:
        root = json.loads(_short(text), parse_constant=_no_number, parse_float=_finite)
        canonical = json.dumps(root, sort_keys=True, separators=(",", ":"))
    except json.JSONDecodeError as error:
        raise refusal(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise refusal("a number or the nesting is out of range") from error
    return Selector(_short(canonical), _Parser(compile_pattern).tree(root, DEEPEST))


def evaluate(tree: Tree, subscriber: Subscriber, status: Status) -> bool:
    """Whether a tree matches a subscriber with this status."""
    return holds(tree, values_of(subscriber, status))


class _Parser:
    """Builds the tree, and counts its conditions and patterns."""

    def __init__(self, compile_pattern: Compile) -> None:
        self._compile = compile_pattern
        self._built = 0
        self._patterns = 0

    def tree(self, node: Any, depth: int) -> Tree:
        self._count()
        if not isinstance(node, dict):
            raise refusal("the query must be an object")
        return _every([self._clause(name, inner, depth) for name, inner in node.items()])

    def _clause(self, name: str, node: Any, depth: int) -> Tree:
        if name in _JOINING:
            parts = self._parts(name, node, depth - 1)
            return Every(parts) if name == "$and" else Some(parts) if name == "$or" else Not(Some(parts))
        if name.startswith("$"):
            raise refusal(f"unknown operator: {name[:100]}")
        field = SYNONYMS.get(name, name)
        if field not in TYPES:
            raise refusal(f"unknown field: {name[:100]}")
        return self._tests(field, node, depth) if _has_operators(node) else self._test(field, "$eq", node)

    def _parts(self, name: str, node: Any, depth: int) -> Sequence[Tree]:
        if not isinstance(node, list) or not node:
            raise refusal(f"{name} must be a nonempty array")
        _require_depth(depth)
        return tuple(self.tree(part, depth) for part in node)

    def _tests(self, field: str, tests: Mapping[str, Any], depth: int) -> Tree:
        """The conditions of an object of operators on one field."""
        if "$options" in tests and "$regex" not in tests:
            raise refusal("$options needs a $regex")
        return _every(
            [
                self._negation(field, operand, depth - 1)
                if name == "$not"
                else self._pattern(field, operand, tests.get("$options", ""))
                if name == "$regex"
                else self._test(field, name, operand)
                for name, operand in tests.items()
                if name != "$options"
            ]
        )

    def _negation(self, field: str, operand: Any, depth: int) -> Tree:
        if not _has_operators(operand):
            raise refusal("$not needs an object of operators")
        _require_depth(depth)
        return Not(self._tests(field, operand, depth))

    def _test(self, field: str, name: str, operand: Any) -> Tree:
        self._count()
        if name in _SIGNS:
            return Compare(field, _SIGNS[name], value_of(field, operand))
        if name == "$ne":
            return Not(Compare(field, _SIGNS["$eq"], value_of(field, operand)))
        if name in ("$in", "$nin"):
            if not isinstance(operand, list) or len(operand) > LIST:
                raise refusal(f"{name} needs an array of at most {LIST} values")
            among = OneOf(field, frozenset(value_of(field, value) for value in operand))
            return among if name == "$in" else Not(among)
        if name == "$exists":
            if not isinstance(operand, bool | int | float):
                raise refusal("$exists needs true or false")
            return Exists(field) if operand else Not(Exists(field))
        raise refusal(f"unknown operator: {name[:100]}")

    def _pattern(self, field: str, pattern: Any, options: Any) -> Tree:
        self._count()
        self._patterns += 1
        if self._patterns > PATTERNS:
            raise refusal(f"the query has more than {PATTERNS} patterns")
        if not isinstance(pattern, str) or TYPES[field] != "text":
            raise refusal(f"$regex needs a text, and a field of texts: {field}")
        if not isinstance(options, str) or not _OPTIONS.issuperset(options):
            raise refusal("$options can only be i, m, s and u")
        given = "".join(sorted({*options, *("i" if field in CASELESS else "")} - {"u"}))
        try:
            return Matches(field, pattern, given, self._compile(composed(field, pattern), given))
        except ValueError as error:
            raise refusal(f"$regex is no pattern that can be run: {error}") from error

    def _count(self) -> None:
        self._built += 1
        if self._built > CONDITIONS:
            raise refusal(f"the query has more than {CONDITIONS} conditions")


def _every(parts: Sequence[Tree]) -> Tree:
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def _has_operators(node: Any) -> bool:
    return isinstance(node, dict) and "$date" not in node and any(name.startswith("$") for name in node)


def _require_depth(depth: int) -> None:
    if depth < 0:
        raise refusal(f"the query is nested deeper than {DEEPEST} levels")


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise refusal(f"the query is longer than {LONGEST} characters")
    return text


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(digits: str) -> float:
    if math.isinf(value := float(digits)):
        raise ValueError(digits)
    return value
