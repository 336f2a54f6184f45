"""`fields=items[id,email],total_count`: select the parts of a reply."""

import re
from typing import Any, TypeAlias

from mirasvit.search.php_query import Pairs, invalid

Parts: TypeAlias = dict[str, Any]  # by name: the selected parts of the part; None for all of it
_TOKEN = re.compile(r"\w+|[\[\],]", re.ASCII)


def read(pairs: Pairs) -> Parts | None:
    """Parse the selected parts of a query; None for all of them. Raises `Invalid`."""
    wanted = next((value for name, value in reversed(list(pairs)) if name == "fields"), "")
    if not wanted:
        return None
    if not re.fullmatch(r"[\w\[\],]*", wanted, re.ASCII):
        raise invalid("string_type", "fields")
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
            raise invalid("string_type", "fields")
        last = token if token not in "[]," else ""
    if len(open_parts) > 1:
        raise invalid("string_type", "fields")
    return open_parts[0]


def project(value: Any, parts: Parts | None) -> Any:
    """The selected parts of a value; absent parts are ignored."""
    if parts is None:
        return value
    if isinstance(value, list):
        return [project(inner, parts) for inner in value]
    if isinstance(value, dict):
        return {name: project(inner, parts[name]) for name, inner in value.items() if name in parts}
    return value
