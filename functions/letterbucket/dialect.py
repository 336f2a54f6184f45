"""Authentication and error format of LetterBucket: a code, a message, and errors by field."""

from collections.abc import Mapping
from typing import Any

from optout.access.credential import Credential, Credentials, require_known
from optout.access.limit import DEFAULT, Limits, Window
from optout.errors import (
    AlreadySubscribed,
    Forbidden,
    Invalid,
    NotFound,
    OptoutError,
    Problem,
    Protected,
    Throttled,
    TooBroad,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unprocessable,
    WrongEncoding,
)
from optout.web.dialect import ErrorResponse
from optout.web.request import Incoming, bearer

name = "letterbucket"
content_type = "application/json"
headers: Mapping[str, str] = {}
reads_json = True
lenient_json = False
limits = Limits(
    {
        DEFAULT: (Window(60, 60), Window(3_600, 500), Window(86_400, 3_000)),
        "bulk": (Window(60, 10), Window(3_600, 100), Window(86_400, 500)),
    },
    errors=Window(300, 30),
    bad_keys=Window(300, 10),
)

_INVALID = "The request contains invalid data."
_QUERY = {
    "page": "page must be a whole number from 1.",
    "limit": "limit must be a whole number from 1 to 100.",
    "status": "status must be active, pending or unsubscribed.",
}


def authenticate(incoming: Incoming, credentials: Credentials) -> Credential:
    """A bearer key with access to the API and to the subscribers module, checked in this order."""
    credential = require_known(credentials, bearer(incoming.headers), name)
    credential.require("api")
    credential.require("subscribers")
    return credential


def refuse(error: OptoutError) -> ErrorResponse:
    """``success``, ``code``, ``message`` and, if there are any, ``errors``."""
    match error:
        case Unauthenticated():
            return _refusal(401, "unauthorized", "Invalid API key.")
        case Forbidden(permission="api"):
            return _refusal(403, "api_access_disabled", "API access is not enabled for your plan.")
        case Forbidden():
            return _refusal(403, "api_module_access_disabled", "This API module is not enabled for your plan.")
        case NotFound():
            return _refusal(404, "not_found", "Subscriber not found.")
        case AlreadySubscribed():
            return _refusal(422, "email_already_subscribed", "This email address is already subscribed.")
        case Protected():
            return _refusal(422, "email_suppressed", "This email address cannot be subscribed.")
        case TooLarge():
            return _refusal(413, "validation_error", "The request body is too large.")
        case Unprocessable(problems=problems) if all(problem.path for problem in problems):
            return _refusal(422, "validation_error", _INVALID, _by_field(problems))
        case TooBroad(bound=bound):
            text = f"The status filter supports at most {bound} subscribers. List them without the filter."
            return _refusal(400, "validation_error", text)
        case Invalid(where="query", problems=[Problem(path=name, kind="unknown_parameter"), *_]):
            return _refusal(400, "validation_error", f"The list of subscribers cannot be filtered by {name}.")
        case Invalid(where="query", problems=[problem, *_]):
            return _refusal(400, "validation_error", _QUERY.get(problem.path, _INVALID))
        case WrongEncoding():
            return _refusal(400, "validation_error", "The request body is not UTF-8.")
        case Invalid():
            return _refusal(400, "validation_error", _INVALID)
        case Throttled(retry_after=seconds):
            errors = {"retry_after": seconds}
            text = "Too many requests. Please try again later."
            return _refusal(429, "rate_limit_exceeded", text, errors, {"Retry-After": str(seconds)})
        case Unavailable(retry_after=seconds):
            text = "The service is temporarily unavailable."
            return _refusal(503, "service_unavailable", text, headers={"Retry-After": str(seconds)})
    return _refusal(500, "internal_error", "An unexpected error occurred.")


def _by_field(problems: tuple[Problem, ...]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for problem in problems:
        fields.setdefault(problem.path, []).append(_sentence(problem))
    return fields


def _sentence(problem: Problem) -> str:
    match problem.kind:
        case "missing":
            return "This field is required."
        case "email":
            return "Enter a valid email address."
        case "string_too_long":
            return f"Ensure this value has at most {problem.limit} characters."
        case "no_sender":
            return "This newsletter has no sender address for confirmation emails."
    return "Enter a valid value."


def _refusal(
    status: int,
    code: str,
    message: str,
    errors: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ErrorResponse:
    body: dict[str, Any] = {"success": False, "code": code, "message": message}
    if errors is not None:
        body["errors"] = errors
    return ErrorResponse(status, body, headers or {})
