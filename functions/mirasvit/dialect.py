"""Authentication and error format of Magento: messages with placeholders that the client fills in."""

from collections.abc import Mapping
from typing import Any

from optout.access.credential import Credential, Credentials, require_known
from optout.access.limit import Limits
from optout.errors import (
    BadAddress,
    BadLogin,
    Forbidden,
    Invalid,
    Malformed,
    NoSuchRoute,
    NotFound,
    OptoutError,
    Problem,
    Protected,
    Throttled,
    TooBroad,
    TooLarge,
    Unauthenticated,
    Unavailable,
    WrongEncoding,
)
from optout.web.dialect import ErrorResponse
from optout.web.request import Incoming, bearer

name = "mirasvit"
content_type = "application/json; charset=utf-8"
headers: Mapping[str, str] = {}
reads_json = True
lenient_json = False
limits = Limits()

_RESOURCE = "Mirasvit_Email::email"


def authenticate(incoming: Incoming, credentials: Credentials) -> Credential:
    """``Authorization: Bearer`` with a token, or ``Authorization: OAuth`` with a signature."""
    if incoming.headers.get("authorization", "").lower().startswith("oauth "):
        from mirasvit import oauth  # imported lazily, because few clients sign requests

        return oauth.verified(incoming, credentials, name)
    return require_known(credentials, bearer(incoming.headers), name)


def refuse(error: OptoutError) -> ErrorResponse:
    """``message`` with its ``parameters``; authorization errors are 401, never 403."""
    match error:
        case BadLogin():
            return _refusal(401, _BAD_LOGIN)
        case Unauthenticated() | Forbidden():
            return _refusal(401, "The consumer isn't authorized to access %resources.", {"resources": _RESOURCE})
        case NoSuchRoute():
            return _refusal(404, "Request does not match any route.")
        case NotFound(identifier=identifier):
            return _refusal(404, 'The unsubscription with the "%1" ID doesn\'t exist.', [identifier])
        case TooLarge():
            return _refusal(413, "The request body is too large.")
        case WrongEncoding():
            return _refusal(400, "Decoding error: the body is not UTF-8.")
        case Malformed():
            return _refusal(400, "Decoding error.")
        case Invalid(problems=problems):
            return _invalid([_problem(problem) for problem in problems])
        case TooBroad(bound=bound):
            return _refusal(400, "The search covers more than %1 records. Narrow it by id or created_at.", [str(bound)])
        case BadAddress():
            return _refusal(400, _NOT_AN_ADDRESS, {"fieldName": "email"})
        case Protected():
            return _refusal(400, "A hard bounce or a complaint can't be removed.")
        case Throttled(retry_after=seconds):
            return _refusal(429, "Too many requests. Try again later.", headers={"Retry-After": str(seconds)})
        case Unavailable(retry_after=seconds):
            return _refusal(503, "Service temporarily unavailable.", headers={"Retry-After": str(seconds)})
    return _refusal(500, "Internal Error. Details are available in Magento log file.")


_BAD_LOGIN = (
    "The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later."
)
_NOT_AN_ADDRESS = '"%fieldName" is not a valid email address.'
_REQUIRED = '"%fieldName" is required. Enter and try again.'
_WRONG_TYPE = 'The "%1" value\'s type is invalid. The "%2" type was expected. Verify and try again.'
_TYPES = {
    "unsubscription": "object",
    "username": "string",
    "password": "string",
    "field": "string",
    "value": "string",
    "condition_type": "string",
    "direction": "string",
    "fields": "string",
    "filter_groups": "array",
    "filters": "array",
    "sort_orders": "array",
    "searchCriteria": "array",
}
_OF_THE_QUERY = {
    "unknown_field": 'The "%1" field is unknown to this search.',
    "unknown_condition": 'The "%1" condition type is not supported.',
    "date": 'The "%1" value is not a date. Use a date like 2026-08-24 14:15:22.',
    "unknown_parameter": 'The "%1" parameter is unknown to this search.',
}
_DIRECTION = "The sort order has to be specified as %1 for ascending order or %2 for descending order."


def _problem(problem: Problem) -> dict[str, Any]:
    if problem.kind in _OF_THE_QUERY:
        return {"message": _OF_THE_QUERY[problem.kind], "parameters": [problem.path]}
    if problem.kind == "sort_direction":
        return {"message": _DIRECTION, "parameters": ["ASC", "DESC"]}
    if problem.kind == "too_many":
        return {"message": "The request has too many parameters."}
    field = problem.path.rpartition(".")[2] or "unsubscription"
    if problem.kind in ("missing", "string_too_short"):
        return {"message": _REQUIRED, "parameters": {"fieldName": field}}
    if problem.kind == "email" or field == "email":
        return {"message": _NOT_AN_ADDRESS, "parameters": {"fieldName": field}}
    return {"message": _WRONG_TYPE, "parameters": [field, _TYPES.get(field, "int")]}


def _invalid(errors: list[dict[str, Any]]) -> ErrorResponse:
    """One error is the body; several are listed under a general message."""
    if len(errors) == 1:
        return ErrorResponse(400, errors[0], content_type=content_type)
    body = {"message": "One or more input exceptions have occurred.", "errors": errors}
    return ErrorResponse(400, body, content_type=content_type)


def _refusal(
    status: int, message: str, parameters: Any = None, headers: Mapping[str, str] | None = None
) -> ErrorResponse:
    body = {"message": message} if parameters is None else {"message": message, "parameters": parameters}
    return ErrorResponse(status, body, headers or {}, content_type)
