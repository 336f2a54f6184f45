"""How each package says no, in the document: asked of its voice, so that the two cannot drift apart."""

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
    *_ANY_TIME,  # first, for what a voice knows nothing of is a bug to it
    *_STRANGER,
    errors.Invalid("body", _PROBLEM),
    _MALFORMED,
    errors.Unprocessable("body", _PROBLEM),
    errors.TooLarge(),
    errors.TooBroad(1000),
    errors.BadSender(),
    errors.MissingUnsubscribeLink(),
    errors.NotFound("1"),
    errors.AtOdds(),
    errors.AlreadySubscribed(),
    errors.WrongState("finished"),
    errors.KeyReused(),
    errors.NotUploaded(),
    errors.NotChecked(),
    errors.FileChanged(),
    errors.AlreadyStarted(),
    errors.Protected(),
)
_RAISES = re.compile(r"\b[Rr]aises ([^.;]*)")  # ... `This`, or `That` where something is so
_WORDS = re.compile("[;.\n]")  # what ends the first words of a docstring
_WITH_BODY = {"POST", "PUT", "PATCH"}


def possible(endpoint: Endpoint, method: str, operation: dict[str, Any]) -> set[int]:
    """The statuses with which an operation may refuse: by what it reads, and by the errors that its file speaks of."""
    app, has_model, parameters = endpoint.app, "requestBody" in operation, operation.get("parameters", ())
    found: list[OptoutError] = [*_ANY_TIME] if app.guard or has_model or parameters else [errors.InternalError()]
    if app.guard:
        found += _STRANGER
    elif has_model:  # a door that is open and reads what somebody says is the one where they log in
        found += [errors.BadLogin(), errors.Throttled(30)]
    if method in _WITH_BODY:
        found += [errors.TooLarge()] if app.error_format.lenient_json else [errors.TooLarge(), _MALFORMED]
    if method in _WITH_BODY or app.guard:
        found.append(app.invalid("body", _PROBLEM))
    if any(parameter["in"] == "path" for parameter in parameters):
        found.append(errors.NotFound("1"))
    spoken_of = _spoken_of(endpoint.module) - {"NotFound"}  # only what a path names can be that
    found += [error for error in _EXAMPLES if type(error).__name__ in spoken_of]
    return {app.error_format.refuse(error).status for error in found}


def _spoken_of(module: ModuleType) -> set[str]:
    """What a file names, and the errors that the functions it names say they raise."""
    named = vars(module)
    said = " ".join(inspect.getdoc(value) or "" for value in named.values() if inspect.isfunction(value))
    return {*named, *re.findall(r"`(\w+)`", " ".join(_RAISES.findall(said)))}


def media(content_type: str) -> str:
    """``text/html`` of ``text/html; charset=utf-8``."""
    return content_type.partition(";")[0]


def reference(package: str, status: int) -> str:
    """Where the document keeps a package's refusals of one status."""
    return f"#/components/responses/{package}.{status}"


def responses(package: str, error_format: ErrorFormat) -> dict[str, dict[str, Any]]:
    """Everything that a voice says no with, by its name among the document's responses."""
    by_status: dict[int, list[OptoutError]] = {}
    for error in _EXAMPLES:
        by_status.setdefault(error_format.refuse(error).status, []).append(error)
    return {
        f"{package}.{status}": _response(package, error_format, found) for status, found in sorted(by_status.items())
    }


def schema(error_format: ErrorFormat) -> dict[str, Any]:
    """The shape of a voice's error bodies, read off them."""
    bodies = [refusal.body for refusal in map(error_format.refuse, _EXAMPLES) if isinstance(refusal.body, dict)]
    fields = dict.fromkeys(name for body in bodies for name in body)
    return {
        "type": "object",
        "description": "What is said in place of an answer.",
        "properties": {name: _type(body[name] for body in bodies if name in body) for name in fields},
        "required": [name for name in fields if all(name in body for body in bodies)],
    }


def _response(package: str, error_format: ErrorFormat, found: list[OptoutError]) -> dict[str, Any]:
    """All refusals of one status; it is called what the first of the errors behind them is."""
    refused = [error_format.refuse(error) for error in found]
    response: dict[str, Any] = {"description": _WORDS.split(found[0].__doc__ or "", maxsplit=1)[0]}
    if headers := {name: value for refusal in refused for name, value in refusal.headers.items()}:
        response["headers"] = {name: {"schema": _header(value)} for name, value in sorted(headers.items())}
    content: dict[str, Any] = {"schema": {"type": "string"}}  # a page
    if examples := _examples(found, refused):
        content = {"schema": {"$ref": f"#/components/schemas/{package}.Refusal"}, "examples": examples}
    return {**response, "content": {media(refused[0].content_type): content}}


def _examples(found: list[OptoutError], refused: list[ErrorResponse]) -> dict[str, Any]:
    """Each body once, under the name of its error."""
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
