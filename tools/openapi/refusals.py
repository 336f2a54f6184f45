"""The error responses of each package, taken from its dialect module, so that the document cannot differ from it."""

import inspect
import re
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from optout import errors
from optout.errors import OptoutError, Problem
from optout.web.dialect import ErrorFormat, ErrorResponse
from tools.openapi.endpoints import Endpoint

_PROBLEM = Problem("email", "missing", "Field required")
_STRANGER = (errors.Unauthenticated(), errors.Forbidden("api"), errors.Forbidden("subscribers"), errors.Throttled(30))
_MALFORMED = errors.Malformed("Expecting value: line 1 column 1 (char 0)")
_ANY_TIME = (errors.InternalError(), errors.Unavailable(1))
_EXAMPLES: tuple[OptoutError, ...] = (
    *_ANY_TIME,  # first, because dialects report errors that they do not know as an internal error
    *_STRANGER,
    errors.Invalid("body", _PROBLEM),
    _MALFORMED,
    errors.WrongEncoding(),
    errors.Unprocessable("body", _PROBLEM),
    errors.TooLarge(),
    errors.TooBroad(1000),
    errors.TooManyCampaigns(1000),
    errors.BadSender(),
    errors.MissingUnsubscribeLink(),
    errors.NotFound("1"),
    errors.ConflictingState(),
    errors.AlreadySubscribed(),
    errors.WrongState("finished"),
    errors.KeyReused(),
    errors.NotUploaded(),
    errors.NotChecked(),
    errors.FileChanged(),
    errors.AlreadyStarted(),
    errors.Protected(),
)
_RAISES = re.compile(r"\b[Rr]aises\s+([^.;]*)")  # Raises `This`, or `That` if ...
_WORDS = re.compile("[;.\n]")  # the end of a docstring's first clause
_WITH_BODY = {"POST", "PUT", "PATCH"}


def possible(endpoint: Endpoint, method: str, operation: dict[str, Any]) -> set[int]:
    """The error statuses of an operation: from the input that it reads, and from the errors that its file names."""
    app, has_model, parameters = endpoint.app, "requestBody" in operation, operation.get("parameters", ())
    found: list[OptoutError] = [*_ANY_TIME] if app.guard or has_model or parameters else [errors.InternalError()]
    if app.guard:
        found += _STRANGER
    elif has_model:  # the only endpoints with a body and without authentication are the logins
        found += [errors.BadLogin(), errors.Throttled(30)]
    if method in _WITH_BODY:
        found += [errors.TooLarge()] if app.error_format.lenient_json else [errors.TooLarge(), _MALFORMED]
    if method in _WITH_BODY or app.guard:
        found.append(app.invalid("body", _PROBLEM))
    if any(parameter["in"] == "path" for parameter in parameters):
        found.append(errors.NotFound("1"))
    named = _named_errors(endpoint.module) - {"NotFound"}  # depends on the path alone, see above
    found += [error for error in _EXAMPLES if type(error).__name__ in named]
    return {app.error_format.refuse(error).status for error in found}


def _named_errors(module: ModuleType) -> set[str]:
    """All names in a module, and the errors in the "Raises ..." of the functions among them."""
    names = vars(module)
    docstrings = " ".join(inspect.getdoc(value) or "" for value in names.values() if inspect.isfunction(value))
    return {*names, *re.findall(r"`(\w+)`", " ".join(_RAISES.findall(docstrings)))}


def media(content_type: str) -> str:
    """``text/html`` of ``text/html; charset=utf-8``."""
    return content_type.partition(";")[0]


def reference(package: str, status: int) -> str:
    """The reference to a package's error response with this status."""
    return f"#/components/responses/{package}.{status}"


def responses(package: str, error_format: ErrorFormat) -> dict[str, dict[str, Any]]:
    """All error responses of a dialect, by their names in the document."""
    by_status: dict[int, list[OptoutError]] = {}
    for error in _EXAMPLES:
        by_status.setdefault(error_format.refuse(error).status, []).append(error)
    return {
        f"{package}.{status}": _response(package, error_format, found) for status, found in sorted(by_status.items())
    }


def schema(error_format: ErrorFormat) -> dict[str, Any]:
    """The schema of a dialect's error bodies, derived from examples."""
    bodies = [refusal.body for refusal in map(error_format.refuse, _EXAMPLES) if isinstance(refusal.body, dict)]
    fields = dict.fromkeys(name for body in bodies for name in body)
    return {
        "type": "object",
        "description": "An error response.",
        "properties": {name: _type(body[name] for body in bodies if name in body) for name in fields},
        "required": [name for name in fields if all(name in body for body in bodies)],
    }


def _response(package: str, error_format: ErrorFormat, found: list[OptoutError]) -> dict[str, Any]:
    """All errors with one status. The description comes from the docstring of the first error."""
    refused = [error_format.refuse(error) for error in found]
    response: dict[str, Any] = {"description": _WORDS.split(found[0].__doc__ or "", maxsplit=1)[0]}
    if headers := {name: value for refusal in refused for name, value in refusal.headers.items()}:
        response["headers"] = {name: {"schema": _header(value)} for name, value in sorted(headers.items())}
    content: dict[str, Any] = {"schema": {"type": "string"}}  # a page
    if examples := _examples(found, refused):
        content = {"schema": {"$ref": f"#/components/schemas/{package}.Refusal"}, "examples": examples}
    return {**response, "content": {media(refused[0].content_type): content}}


def _examples(found: list[OptoutError], refused: list[ErrorResponse]) -> dict[str, Any]:
    """Each distinct body, by the name of its error."""
    examples: dict[str, Any] = {}
    for error, refusal in zip(found, refused, strict=True):
        example, name = {"value": refusal.body}, type(error).__name__
        if isinstance(refusal.body, dict) and example not in examples.values():
            examples[f"{name} {error}" if name in examples else name] = example
    return examples


def _type(values: Iterable[Any]) -> dict[str, Any]:
    names = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}
    types = sorted({names[type(value)] for value in values})
    return {"type": types[0] if len(types) == 1 else types}


def _header(value: str) -> dict[str, Any]:
    return {"type": "integer", "examples": [int(value)]} if value.isdigit() else {"type": "string"}
