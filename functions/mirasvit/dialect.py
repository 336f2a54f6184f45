"""How Magento's clients are spoken to: messages with placeholders that the client fills in."""

from collections.abc import Mapping
from typing import Any

from optout.credential import Credential, Credentials, require_known
from optout.errors import (
    BadAddress,
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
)
from optout.http import Incoming, Refusal, bearer

name = "mirasvit"
content_type = "application/json; charset=utf-8"
headers: Mapping[str, str] = {}
reads_json = True
forgives_bad_json = False

_RESOURCE = "Mirasvit_Email::email"


def authenticate(incoming: Incoming, credentials: Credentials) -> Credential:
    """``Authorization: Bearer`` with an access token."""
    return require_known(credentials, bearer(incoming.headers), name)


def refuse(error: OptoutError) -> Refusal:
    """``message`` with its ``parameters``; authorization failures are 401 here, never 403."""
    match error:
        case Unauthenticated() | Forbidden():
            return _refusal(401, "The consumer isn't authorized to access %resources.", {"resources": _RESOURCE})
        case NoSuchRoute():
            return _refusal(404, "Request does not match any route.")
        case NotFound(identifier=identifier):
            return _refusal(404, 'The unsubscription with the "%1" ID doesn\'t exist.', [identifier])
        case TooLarge():
            return _refusal(413, "The request body is too large.")
        case Malformed():
            return _refusal(400, "Decoding error.")
        case Invalid(problems=problems):
            return _invalid([_problem(problem) for problem in problems])
        case TooBroad(bound=bound):
            return _refusal(
                400, "The search concerns more than %1 records. Narrow it by id or created_at.", [str(bound)]
            )
        case BadAddress():
            return _refusal(400, _NOT_AN_ADDRESS, {"fieldName": "email"})
        case Protected():
            return _refusal(400, "A hard bounce or a complaint can't be lifted.")
        case Throttled(retry_after=seconds):
            return _refusal(429, "Too many requests. Try again later.", headers={"Retry-After": str(seconds)})
        case Unavailable(retry_after=seconds):
            return _refusal(503, "Service temporarily unavailable.", headers={"Retry-After": str(seconds)})
    return _refusal(500, "Internal Error. Details are available in Magento log file.")


_NOT_AN_ADDRESS = '"%fieldName" is not a valid email address.'
_REQUIRED = '"%fieldName" is required. Enter and try again.'


def _problem(problem: Problem) -> dict[str, Any]:
    field = problem.path.rpartition(".")[2] or "unsubscription"
    if problem.kind == "missing":
        return {"message": _REQUIRED, "parameters": {"fieldName": field}}
    if problem.kind == "email" or field == "email":
        return {"message": _NOT_AN_ADDRESS, "parameters": {"fieldName": field}}
    return {
        "message": 'The "%1" value\'s type is invalid. The "%2" type was expected. Verify and try again.',
        "parameters": [field, "object" if field == "unsubscription" else "int"],
    }


def _invalid(errors: list[dict[str, Any]]) -> Refusal:
    """One error stands at the top; several are listed below a headline."""
    if len(errors) == 1:
        return Refusal(400, errors[0], content_type=content_type)
    body = {"message": "One or more input exceptions have occurred.", "errors": errors}
    return Refusal(400, body, content_type=content_type)


def _refusal(status: int, message: str, parameters: Any = None, headers: Mapping[str, str] | None = None) -> Refusal:
    body = {"message": message} if parameters is None else {"message": message, "parameters": parameters}
    return Refusal(status, body, headers or {}, content_type)
