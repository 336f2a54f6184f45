"""The endpoints of template.yaml, each with its routes and with what its file says of it."""

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

# ``GET /mail-unsubscribe/{id}: what does this record say? More of it.``
_TITLE = re.compile(r"[A-Z, ]+ /\S*:\s+")
_SENTENCE = re.compile(r"(.+?[.?!])(?:\s+|$)(.*)", re.DOTALL)


class _Loader(yaml.SafeLoader):
    """YAML that passes over CloudFormation's tags: what they stand for is known only after a deployment."""


_Loader.add_multi_constructor("!", lambda loader, tag, node: None)


@dataclass(frozen=True)
class Route:
    """One method and path. ``spelling_of`` is the operation that it is another way to write."""

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
        """The question that the endpoint answers, and what else its file says before the first line of code."""
        text = _TITLE.sub("", inspect.cleandoc(self.module.__doc__ or ""), count=1)
        found = _SENTENCE.match(text)
        summary, rest = (found[1], found[2]) if found else (text, "")
        summary = " ".join(summary.split()).removesuffix(".")
        return summary[:1].upper() + summary[1:], rest.strip()

    @cached_property
    def schema(self) -> dict[str, Any]:
        """What Powertools makes of the handler's signatures."""
        made: dict[str, Any] = self.app.get_openapi_schema(title="", version="").model_dump(
            by_alias=True, exclude_none=True, mode="json"
        )
        return made


def endpoints() -> list[Endpoint]:
    """In the template's order; what only takes the leftovers ($default) is none."""
    template = yaml.load(TEMPLATE.read_text(), _Loader)
    found = []
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            handler = resource["Properties"]["Handler"].removesuffix(".handler")
            if routes := tuple(_routes(handler, resource["Properties"]["Events"])):
                found.append(Endpoint(importlib.import_module(handler), routes))
    return found


def _routes(name: str, events: dict[str, Any]) -> list[Route]:
    """The first route has the handler's name, any other its event's besides: ``repzo.check.shipped``."""
    routes: list[Route] = []
    for event_id, event in events.items():
        if event["Type"] == "HttpApi" and "Path" in event["Properties"]:
            method, path = event["Properties"]["Method"].upper(), event["Properties"]["Path"]
            first = next((route.operation_id for route in routes if route.method == method), None)
            event_name = re.sub(r"(?<!^)(?=[A-Z])", "_", event_id).lower()
            routes.append(Route(method, path, f"{name}.{event_name}" if routes else name, first))
    return routes
