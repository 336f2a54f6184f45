"""The endpoints in template.yaml, with their routes and the docstrings of their files."""

import importlib
import inspect
import re
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import yaml

from optout.web.endpoint import App
from tools.paths import TEMPLATE

# The start of a docstring: ``GET /mail-unsubscribe/{id}: ...``
_TITLE = re.compile(r"[A-Z, ]+ /\S*:\s+")
_SENTENCE = re.compile(r"(.+?[.?!])(?:\s+|$)(.*)", re.DOTALL)


class _Loader(yaml.SafeLoader):
    """YAML without CloudFormation's tags, whose values are known only after a deployment."""


_Loader.add_multi_constructor("!", lambda loader, tag, node: None)


SLASH = "/{proxy+}"  # the end of the route that takes a slash at the end


@dataclass(frozen=True)
class Route:
    """One method and path. ``spelling_of`` is the operation id of the main route, if this is an alternative path."""

    method: str
    path: str
    operation_id: str
    spelling_of: str | None = None


@dataclass(frozen=True)
class Endpoint:
    """One handler, such as ``repzo.check``."""

    module: ModuleType
    routes: tuple[Route, ...]

    @property
    def name(self) -> str:
        return self.module.__name__

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]

    @property
    def app(self) -> App:
        app: App = self.module.app
        return app

    @cached_property
    def words(self) -> tuple[str, str]:
        """The first sentence of the file's docstring without method and path, and the rest of the docstring."""
        text = _TITLE.sub("", inspect.cleandoc(self.module.__doc__ or ""), count=1)
        found = _SENTENCE.match(text)
        summary, rest = (found[1], found[2]) if found else (text, "")
        summary = " ".join(summary.split()).removesuffix(".")
        return summary[:1].upper() + summary[1:], rest.strip()

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The OpenAPI document that Powertools generates from the handler's signatures."""
        made: dict[str, Any] = self.app.get_openapi_schema(title="", version="").model_dump(
            by_alias=True, exclude_none=True, mode="json"
        )
        return made


def endpoints() -> list[Endpoint]:
    """The endpoints in the template's order, without the $default route."""
    template = yaml.load(TEMPLATE.read_text(), _Loader)
    found = []
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            handler = resource["Properties"]["Handler"].removesuffix(".handler")
            if routes := tuple(_routes(handler, resource["Properties"]["Events"])):
                found.append(Endpoint(importlib.import_module(handler), routes))
    return found


def _routes(name: str, events: dict[str, Any]) -> list[Route]:
    """The routes of one function, without HEAD and those of a slash at the end, which say nothing new. The id of the
    first is the handler's name, such as ``repzo.check``; others add their event's name: ``repzo.check.shipped``."""
    routes: list[Route] = []
    for event_id, event in events.items():
        if event["Type"] == "HttpApi" and "Path" in event["Properties"]:
            method, path = event["Properties"]["Method"].upper(), event["Properties"]["Path"]
            if method == "HEAD" or path.endswith(SLASH):
                continue
            first = next((route.operation_id for route in routes if route.method == method), None)
            event_name = re.sub(r"(?<!^)(?=[A-Z])", "_", event_id).lower()
            routes.append(Route(method, path, f"{name}.{event_name}" if routes else name, first))
    return routes
