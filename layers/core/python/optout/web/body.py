"""Parse untrusted request bodies.

Python's parser accepts NaN, infinities and lone surrogates, and raises other exceptions than its own on deep nesting
and on very long integers. All of these are `Malformed` here.
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from typing import Any, Literal, NoReturn
from urllib.parse import parse_qsl

from optout.errors import Malformed, TooLarge, WrongEncoding

LARGEST = 1_000_000  # bytes
_DEEPEST = 32
# A string that never ends is taken to the end all the same: to look for an end from every quote in it would take hours.
_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def text(event: Mapping[str, Any], largest: int = LARGEST) -> str:
    """The body of a proxy event as text, without a byte order mark; raises `TooLarge` or
    `WrongEncoding`."""
    body = event.get("body") or ""
    if len(body) > largest * 4 // 3 + 4:
        raise TooLarge
    try:
        raw = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        if len(raw) > largest:
            raise TooLarge
        return raw.decode("utf-8-sig")
    except (binascii.Error, UnicodeError) as error:
        raise WrongEncoding from error


def parse(text: str) -> Any:
    """Parse JSON that can be stored and returned; raises `Malformed` with the parser's text."""
    _refuse_depth(text)
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise Malformed(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise Malformed("The number or the nesting is out of range.") from error
    if "\\u" in text or "\0" in text:
        _refuse_unstorable(value)
    return value


def form(text: str, errors: Literal["replace", "strict"] = "replace") -> dict[str, str]:
    """A urlencoded form, the last of several values. ``errors`` is about escapes that are not UTF-8: "strict" raises
    `WrongEncoding`."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100, errors=errors))
    except UnicodeDecodeError as error:
        raise WrongEncoding from error
    except ValueError as error:
        raise Malformed(str(error)) from error


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not JSON.")


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise Malformed("The number is out of range.")
    return value


def _refuse_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= _DEEPEST:
        return
    depth = 0
    for token in _STRUCTURE.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > _DEEPEST:
            raise Malformed("The body is nested too deeply.")


def _refuse_unstorable(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise Malformed("The body has characters that no text may have.")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _refuse_unstorable(name)
            _refuse_unstorable(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_unstorable(inner)
