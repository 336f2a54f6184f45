"""`fields=items[id,email],total_count`: the parts of an answer that a client wants to see."""

import re
from typing import Any, TypeAlias

from mirasvit.search.php_query import Pairs, refused

Parts: TypeAlias = dict[str, Any]  # by name: the parts of the part, None when all of it is wanted
_TOKEN = re.compile(r"\w+|[\[\],]", re.ASCII)


def read(pairs: Pairs) -> Parts | None:
    """The parts that a query asks for, None when it asks for all; raises `Invalid`."""
    wanted = next((value for name, value in reversed(list(pairs)) if name == "fields"), "")
    if not wanted:
        return None
    if not re.fullmatch(r"[\w\[\],]*", wanted, re.ASCII):
        raise refused("string_type", "fields")
    open_parts: list[Parts] = [{}]
    last = ""
    for token in _TOKEN.findall(wanted):
        if token == "[" and last:
            inner: Parts = {}
            open_parts[-1][last] = inner
            open_parts.append(inner)
        elif token == "]" and len(open_parts) > 1:
            open_parts.pop()
        elif token not in "[],":
            open_parts[-1][token] = None
        elif token != ",":
            raise refused("string_type", "fields")
        last = token if token not in "[]," else ""
    if len(open_parts) > 1:
        raise refused("string_type", "fields")
    return open_parts[0]


def project(value: Any, parts: Parts | None) -> Any:
    """The parts of a value; what it does not have is passed over."""
    if parts is None:
        return value
    if isinstance(value, list):
        return [project(inner, parts) for inner in value]
    if isinstance(value, dict):
        return {name: project(inner, parts[name]) for name, inner in value.items() if name in parts}
    return value
