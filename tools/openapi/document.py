"""The OpenAPI document. The same code always gives the same text."""

import importlib
import json
import tomllib
from typing import Any

from tools.openapi import models, refusals, security
from tools.openapi.endpoints import Endpoint, endpoints
from tools.openapi.operations import operation
from tools.paths import ROOT

# The file is packaged with the functions, which serve it; docs/openapi.json links to it.
HOME = ROOT / "functions" / "gateway" / "openapi.json"
VERSION = "3.1.0"
_DESCRIPTION = """\
{0}

Each tag is one dialect with its own credentials. If clients of a product use several paths for one operation, every \
path is listed, and `x-spelling-of` names the operation with the main path. `HEAD` is answered wherever `GET` is, with \
the same status and headers. Rocket.Chat, Repzo, Mirasvit and the links in emails ignore a slash at the end of a \
path."""


def build() -> dict[str, Any]:
    """Generate the document from the handlers of all public routes."""
    found = sorted(endpoints(), key=lambda endpoint: endpoint.name)
    called = models.names({endpoint.name: endpoint.schema for endpoint in found})
    paths = _paths(found, called)
    responses = _responses(found, paths)
    schemas = {
        called[endpoint.name][name]: models.renamed(models.without_titles(schema), called[endpoint.name])
        for endpoint in found
        for name, schema in models.schemas(endpoint.schema).items()
    }
    schemas |= {f"{endpoint.package}.Refusal": refusals.schema(endpoint.app.error_format) for endpoint in found}
    guarded = {endpoint.package for endpoint in found if endpoint.app.guard}
    return {
        "openapi": VERSION,
        "info": _info(),
        "servers": [{"url": "/"}],
        "tags": _tags(found, guarded),
        "paths": paths,
        "components": {
            "securitySchemes": security.schemes(guarded),
            "responses": responses,
            "schemas": models.reachable([paths, responses], schemas),
        },
    }


def text() -> str:
    """The content of the file."""
    return json.dumps(build(), ensure_ascii=False, indent=1) + "\n"


def _info() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    description = _DESCRIPTION.format(project["description"])
    return {"title": project["name"], "version": project["version"], "description": description}


def _tags(found: list[Endpoint], guarded: set[str]) -> list[dict[str, str]]:
    """One tag per package, described by its docstring: first the dialects, then the packages without authentication."""
    packages = sorted({endpoint.package for endpoint in found}, key=lambda name: (name not in guarded, name))
    return [{"name": name, "description": importlib.import_module(name).__doc__ or ""} for name in packages]


def _paths(found: list[Endpoint], called: dict[str, dict[str, str]]) -> dict[str, dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in found:
        for route in endpoint.routes:
            made = operation(endpoint, route, called[endpoint.name])
            paths.setdefault(route.path, {})[route.method.lower()] = made
    return {path: dict(sorted(item.items())) for path, item in sorted(paths.items())}


def _responses(found: list[Endpoint], paths: dict[str, Any]) -> dict[str, Any]:
    """The error responses that the operations refer to."""
    possible: dict[str, Any] = {}
    for endpoint in found:
        possible |= refusals.responses(endpoint.package, endpoint.app.error_format)
    used = json.dumps(paths)
    return {name: response for name, response in possible.items() if f'"#/components/responses/{name}"' in used}
