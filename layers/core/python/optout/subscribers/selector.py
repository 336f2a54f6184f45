"""Select subscribers by a query in MongoDB's syntax, over a few fields.

The text is parsed once into a tree (see `expression`), and anything else is rejected. A selector only narrows an
audience: suppressed addresses are left out when the email is sent, whatever was selected.
"""

import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from optout.errors import Invalid, Problem
from optout.subscribers.expression import NULL, Compare, Contains, Every, Exists, Not, OneOf, Some, Tree, Value, holds
from optout.subscribers.subscriber import Status, Subscriber

LONGEST = 50_000  # characters
DEEPEST = 12  # levels of $and, $or, $nor and $not
CONDITIONS = 500
LIST = 1000

FIELDS = ("email", "name", "status", "createdAt", "newsletter")
_SIGNS = {"$eq": (0,), "$gt": (1,), "$gte": (0, 1), "$lt": (-1,), "$lte": (-1, 0)}
_JOINING = ("$and", "$or", "$nor")
_VALUES = 'a value must be a text, a number, true, false, null or {"$date": …}'
_PATTERNS = "$regex takes a plain text, with ^ in front or not; write a backslash before . and other signs"
_PATTERN = re.compile(r"(\^?)((?:[^\\^$.|?*+()\[\]{}]|\\[^A-Za-z0-9])*)", re.DOTALL)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_LONG = re.compile(r"-?\d{1,16}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FARTHEST = 8_640_000_000_000_000  # milliseconds from the epoch that a date can be, as in JavaScript


@dataclass(frozen=True, slots=True)
class Selector:
    """A parsed selector; ``text`` is its canonical JSON."""

    text: str
    tree: Tree

    def matches(self, subscriber: Subscriber, unsubscribed: bool = False) -> bool:
        """Whether a subscriber is selected; ``unsubscribed`` comes from the suppression list."""
        return evaluate(self.tree, subscriber, Status.UNSUBSCRIBED if unsubscribed else subscriber.status)


EVERYBODY = Selector("{}", Every(()))


def parse(text: str) -> Selector:
    """Parse a selector; raises `Invalid` with a message about the first error."""
    try:
        root = json.loads(_short(text), parse_constant=_no_number, parse_float=_finite)
        canonical = json.dumps(root, sort_keys=True, separators=(",", ":"))
    except json.JSONDecodeError as error:
        raise _refusal(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise _refusal("a number or the nesting is out of range") from error
    return Selector(_short(canonical), _Parser().tree(root, DEEPEST))


def evaluate(tree: Tree, subscriber: Subscriber, status: Status) -> bool:
    """Whether a tree matches a subscriber with this status."""
    values = {
        "email": Value("text", _lowered(subscriber.address.original)),
        "status": Value("text", status.value),
        "createdAt": Value("date", subscriber.created),
        "newsletter": Value("text", subscriber.newsletter),
    }
    if subscriber.name is not None:
        values["name"] = Value("text", subscriber.name)
    return holds(tree, values)


class _Parser:
    """Builds the tree, and counts its conditions."""

    def __init__(self) -> None:
        self._built = 0

    def tree(self, node: Any, depth: int) -> Tree:
        self._count()
        if not isinstance(node, dict):
            raise _refusal("the query must be an object")
        return _every([self._clause(name, inner, depth) for name, inner in node.items()])

    def _clause(self, name: str, node: Any, depth: int) -> Tree:
        if name in _JOINING:
            parts = self._parts(name, node, depth - 1)
            return Every(parts) if name == "$and" else Some(parts) if name == "$or" else Not(Some(parts))
        if name.startswith("$"):
            raise _refusal(f"unknown operator: {name[:100]}")
        if name not in FIELDS:
            raise _refusal(f"unknown field: {name[:100]}")
        return self._tests(name, node, depth) if _has_operators(node) else self._test(name, "$eq", node)

    def _parts(self, name: str, node: Any, depth: int) -> Sequence[Tree]:
        if not isinstance(node, list) or not node:
            raise _refusal(f"{name} must be a nonempty array")
        _require_depth(depth)
        return tuple(self.tree(part, depth) for part in node)

    def _tests(self, field: str, tests: Mapping[str, Any], depth: int) -> Tree:
        """The conditions of an object of operators on one field."""
        if "$options" in tests and "$regex" not in tests:
            raise _refusal("$options needs a $regex")
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
            raise _refusal("$not needs an object of operators")
        _require_depth(depth)
        return Not(self._tests(field, operand, depth))

    def _test(self, field: str, name: str, operand: Any) -> Tree:
        self._count()
        if name in _SIGNS:
            return Compare(field, _SIGNS[name], _value(field, operand))
        if name == "$ne":
            return Not(Compare(field, _SIGNS["$eq"], _value(field, operand)))
        if name in ("$in", "$nin"):
            if not isinstance(operand, list) or len(operand) > LIST:
                raise _refusal(f"{name} needs an array of at most {LIST} values")
            among = OneOf(field, frozenset(_value(field, value) for value in operand))
            return among if name == "$in" else Not(among)
        if name == "$exists":
            if not isinstance(operand, bool | int | float):
                raise _refusal("$exists needs true or false")
            return Exists(field) if operand else Not(Exists(field))
        raise _refusal(f"unknown operator: {name[:100]}")

    def _pattern(self, field: str, pattern: Any, options: Any) -> Tree:
        self._count()
        match = _PATTERN.fullmatch(pattern) if isinstance(pattern, str) else None
        if match is None:
            raise _refusal(_PATTERNS)
        if options not in ("", "i"):
            raise _refusal("$options can only be i")
        words = re.sub(r"\\(.)", r"\1", match[2], flags=re.DOTALL)
        return Contains(field, _spelled(field, words), at_start=bool(match[1]), any_case=options == "i")

    def _count(self) -> None:
        self._built += 1
        if self._built > CONDITIONS:
            raise _refusal(f"the query has more than {CONDITIONS} conditions")


def _every(parts: Sequence[Tree]) -> Tree:
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def _has_operators(node: Any) -> bool:
    return isinstance(node, dict) and "$date" not in node and any(name.startswith("$") for name in node)


def _require_depth(depth: int) -> None:
    if depth < 0:
        raise _refusal(f"the query is nested deeper than {DEEPEST} levels")


def _value(field: str, node: Any) -> Value:
    match node:
        case None:
            return NULL
        case bool():
            return Value("boolean", node)
        case int() | float():
            return Value("number", node)
        case str():
            return Value("text", _spelled(field, node))
        case {"$date": at, **rest} if not rest:
            return Value("date", _milliseconds(at))
    raise _refusal(_VALUES)


def _spelled(field: str, text: str) -> str:
    """A text in the normalised form of its field: addresses are compared without ASCII case."""
    return _lowered(unicodedata.normalize("NFC", text)) if field == "email" else text


def _lowered(text: str) -> str:
    return text.lower() if text.isascii() else re.sub("[A-Z]+", lambda letters: letters[0].lower(), text)


def _milliseconds(at: Any) -> int:
    """A date in epoch milliseconds, given as such or in ISO 8601 (UTC if it has no zone)."""
    match at:
        case {"$numberLong": str(digits), **rest} if not rest and _LONG.fullmatch(digits):
            at = int(digits)
        case str() if _ISO.fullmatch(at):
            at = _from_iso(at)
    if isinstance(at, int | float) and not isinstance(at, bool) and abs(at) <= _FARTHEST:
        return math.floor(at)
    raise _refusal("$date needs epoch milliseconds or a date like 2015-01-01T00:00:00.000Z")


def _from_iso(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _refusal(f"there is no such date: {text}") from error
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // timedelta(milliseconds=1)


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise _refusal(f"the query is longer than {LONGEST} characters")
    return text


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(digits: str) -> float:
    if math.isinf(value := float(digits)):
        raise ValueError(digits)
    return value


def _refusal(text: str) -> Invalid:
    return Invalid("selector", Problem("query", "selector", text))
