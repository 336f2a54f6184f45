"""Inline templates as SES renders them.

The API reference: "Amazon SES supports only simple substitutions when you send email using the SendEmail or
SendBulkEmail operations and you provide the full template content in the request." The Developer Guide: "SES doesn't
escape HTML content when rendering the HTML template for a message." So ``{{name}}`` is replaced by its value without
escaping, in one pass: ``{{`` inside a value is not expanded. Any other tag (blocks, paths, triple braces, an unclosed
``{{``) fails the call, which is stricter than SES. If a variable is missing, the message is accepted, not delivered,
and reported by a Rendering Failure event.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from local.ses.errors import BadRequest

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
# SES documents no rule for names, and refuses one with an underscore (aws/aws-sdk-js-v3#6657).
_NAME = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)\s*")


class RenderingFailure(Exception):
    """The template cannot be rendered with this data."""


class Template:
    """Literal text and variable names in alternation, split once, so that rendering is one join."""

    def __init__(self, text: str) -> None:
        parts = _TAG.split(text)
        if any("{{" in literal for literal in parts[::2]):
            raise BadRequest("The template has an opening '{{' that is never closed.")
        self._parts = parts
        self._names = [_variable(tag) for tag in parts[1::2]]

    def render(self, data: Mapping[str, Any]) -> str:
        parts = self._parts.copy()
        parts[1::2] = [_text(name, data) for name in self._names]
        return "".join(parts)


def _variable(tag: str) -> str:
    name = _NAME.fullmatch(tag)
    if name is None:
        raise BadRequest(f"Only simple substitutions are supported in inline template content: '{{{{{tag}}}}}'.")
    return name[1]


def _text(name: str, data: Mapping[str, Any]) -> str:
    value = data.get(name)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if value is None:
        raise RenderingFailure(f"Attribute '{name}' is not present in the rendering data.")
    raise RenderingFailure(f"Attribute '{name}' is not a simple value.")


@lru_cache(maxsize=64)
def compiled(text: str) -> Template:
    """The template of this text, cached: a bulk mailing sends the same text in every call."""
    return Template(text)


def data(text: str | None) -> dict[str, Any]:
    """Template data: a JSON object in a string."""
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError as error:
        raise BadRequest("Template data is not valid JSON.") from error
    if not isinstance(value, dict):
        raise BadRequest("Template data must be a JSON object.")
    return value
