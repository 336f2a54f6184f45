"""The document's operation for one route."""

import re
from http import HTTPStatus
from typing import Any

from optout.errors import InternalError
from tools.openapi import models, refusals, security
from tools.openapi.endpoints import Endpoint, Route

# Powertools adds these models; each dialect has its own error format instead.
_NOT_OURS = ("HTTPValidationError", "ResponseValidationError")
_TEXT = {"application/json": {"schema": {"type": "string"}}}


def operation(endpoint: Endpoint, route: Route, called: dict[str, str]) -> dict[str, Any]:
    """The operation; ``called`` maps models to their names in the document."""
    raw = endpoint.schema["paths"][route.path][route.method.lower()]
    raw = models.renamed(models.without_titles(raw), called)
    question, text = endpoint.words
    made = {
        "tags": [endpoint.package],
        "summary": question,
        "description": "\n\n".join(filter(None, (text, _spelling(endpoint, route)))),
        "operationId": route.operation_id,
        "x-spelling-of": route.spelling_of,
        "parameters": _parameters(route, raw),
        "requestBody": raw.get("requestBody"),
        "responses": dict(sorted((_refusals(endpoint, route, raw) | _successes(endpoint, route, raw)).items())),
    }
    filled = {key: value for key, value in made.items() if value}
    return {**filled, "security": security.requirement(endpoint)}


def _spelling(endpoint: Endpoint, route: Route) -> str:
    if route.spelling_of:
        return f"Alternative path of `{route.spelling_of}`."
    others = [f"`{other.path}`" for other in endpoint.routes if other.spelling_of == route.operation_id]
    return f"Also available at {', '.join(others)}." if others else ""


def _parameters(route: Route, raw: dict[str, Any]) -> list[dict[str, Any]]:
    """First all parameters of the path in its order, then the others in the order of the signature."""
    declared = {(found["in"], found["name"]): found for found in raw.get("parameters", ())}
    order = [("path", name) for name in re.findall(r"\{([^}]+)\}", route.path)]
    order += [key for key in declared if key not in order]
    return [
        {"name": name, "in": where, "required": where == "path", "schema": {"type": "string"}}
        | declared.get((where, name), {})
        for where, name in order
    ]


def _successes(endpoint: Endpoint, route: Route, raw: dict[str, Any]) -> dict[str, Any]:
    """The success responses in the handler's signature or decorator."""
    found = {}
    for status, response in sorted(raw["responses"].items()):
        if not any(name in str(response) for name in _NOT_OURS):
            if response["description"] == "Successful Response":
                response = {**response, "description": HTTPStatus(int(status)).phrase}
            if response.get("content") == _TEXT:  # plain text has the media type of the dialect's errors, such as HTML
                kind = refusals.media(endpoint.app.error_format.refuse(InternalError()).content_type)
                response = {**response, "content": {kind: {"schema": {"type": "string"}}}}
            found[status] = response
    return found


def _refusals(endpoint: Endpoint, route: Route, raw: dict[str, Any]) -> dict[str, Any]:
    statuses = refusals.possible(endpoint, route.method, raw)
    return {str(status): {"$ref": refusals.reference(endpoint.package, status)} for status in sorted(statuses)}
