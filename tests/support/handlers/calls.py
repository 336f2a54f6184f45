"""Calling a function as Lambda does: an event from events/, changed where a test says so, and a context."""

import base64
import copy
import importlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from tests.support.template import event_file

Event = dict[str, Any]
T = TypeVar("T")


@dataclass
class Context:
    """The context of a Lambda invocation."""

    function_name: str = "optout"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:optout"
    aws_request_id: str = "8f507cfc-xmpl-4697-b07a-ac58fc914c95"
    milliseconds_left: int = 300_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds_left


@dataclass(frozen=True)
class Answer:
    """The response of an endpoint."""

    status: int
    headers: Mapping[str, str]
    text: str
    json: Any = field(repr=False, default=None)

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> "Answer":
        assert not result.get("isBase64Encoded"), "no answer of ours is compressed or binary"
        headers = {name.lower(): value for name, value in result["headers"].items()}
        is_json = result["body"] and headers.get("content-type", "").startswith("application/json")
        return cls(result["statusCode"], headers, result["body"], json.loads(result["body"]) if is_json else None)


@cache
def _load(name: str) -> Event:
    event: Event = json.loads(event_file(name).read_text())
    return event


def load(name: str) -> Event:
    """The event of a function (``repzo.check``), or another one of its folder (``links.one_click_empty``)."""
    return copy.deepcopy(_load(name))


def invoke(function: str, event: Event, context: Context | None = None) -> Any:
    """The handler's return value."""
    return importlib.import_module(function).handler(event, context or Context())


def call(function: str, event: Event | None = None, **changes: Any) -> Answer:
    """The answer of an endpoint to its own event with `changed`'s changes."""
    return Answer.of(invoke(function, changed(event or load(function), **changes)))


def changed(
    event: Event,
    *,
    json_body: Any = None,
    raw: str | bytes | None = None,
    headers: Mapping[str, str] | None = None,
    credentials: Mapping[str, str] | None = None,
    path_id: str | None = None,
) -> Event:
    """The event with another body (bytes go in base64), more headers, other credentials or another id in its path."""
    if json_body is not None:
        raw = json.dumps(json_body)
    if raw is not None:
        event["isBase64Encoded"] = isinstance(raw, bytes)
        event["body"] = base64.b64encode(raw).decode() if isinstance(raw, bytes) else raw
        event["headers"].setdefault("content-type", "application/json")
    if credentials is not None:
        event["headers"] = {k: v for k, v in event["headers"].items() if k not in _CREDENTIALS} | dict(credentials)
    if path_id is not None:
        (name, old), *_ = event["pathParameters"].items()
        event["pathParameters"][name] = path_id
        event["rawPath"] = event["rawPath"].replace(old, path_id)
        event["requestContext"]["http"]["path"] = event["rawPath"]
    return event | {"headers": event["headers"] | dict(headers or {})}


def moved(event: Event, path: str) -> Event:
    """The event as it comes in under another path."""
    method = event["requestContext"]["http"]["method"]
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["routeKey"] = event["requestContext"]["routeKey"] = f"{method} {path}"
    return event


def dialect_of(function: str) -> str:
    """``native`` of ``native.campaigns.get``."""
    return function.partition(".")[0]


def one_per_dialect(functions: Iterable[str]) -> list[str]:
    """The first function of each dialect: what all functions of a dialect share is tried on it."""
    return list({dialect_of(function): function for function in reversed(list(functions))}.values())


def spread(functions: Iterable[str], values: Iterable[T]) -> list[tuple[str, T]]:
    """Every value with one function of each dialect, for its code is what they try; every other function with the
    first value, which is to fail where a function does not run that code."""
    functions, values = list(functions), list(values)
    thorough = one_per_dialect(functions)
    return [(function, value) for function in functions for value in (values if function in thorough else values[:1])]


_CREDENTIALS = ("authorization", "api-key", "x-auth-token", "x-user-id")


ENDPOINTS = {
    "repzo.check": 200,
    "repzo.create": 201,
    "repzo.get": 200,
    "repzo.list": 200,
    "repzo.delete": 200,
    "repzo.remove": 200,
    "letterbucket.create": 201,
    "letterbucket.bulk": 201,
    "letterbucket.list": 200,
    "letterbucket.get": 200,
    "letterbucket.update": 200,
    "letterbucket.unsubscribe": 200,
    "mirasvit.create": 200,
    "mirasvit.get": 200,
    "mirasvit.list": 200,
    "mirasvit.delete": 200,
    "mirasvit.token": 200,
    "mirasvit.websites": 200,
    "rocketchat.send": 200,
    "rocketchat.unsubscribe": 200,
    "rocketchat.login": 200,
    "rocketchat.logout": 200,
    "native.suppressions.check": 200,
    "native.suppressions.history": 200,
    "native.suppressions.explain": 200,
    "native.suppressions.explain_by_path": 200,
    "native.subscribers.confirmations": 200,
    "native.imports.create": 201,
    "native.imports.check": 202,
    "native.imports.start": 202,
    "native.imports.get": 200,
    "native.imports.rejected": 200,
    "native.campaigns.create": 201,
    "native.campaigns.preview": 200,
    "native.campaigns.list": 200,
    "native.campaigns.get": 200,
    "native.campaigns.pause": 200,
    "native.campaigns.resume": 200,
    "native.campaigns.cancel": 200,
    "native.campaigns.trial": 201,
    "native.campaigns.deliveries": 200,
    "links.unsubscribe_page": 200,
    "links.one_click": 200,
    "links.mailer": 200,
    "links.confirm_page": 200,
    "links.confirm": 200,
    "gateway.not_found": 404,
    "gateway.openapi": 200,
    "gateway.docs": 200,
}
