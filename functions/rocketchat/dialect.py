"""Authentication and error format of Rocket.Chat: ``success``, a text, and a code in brackets."""

from collections.abc import Mapping
from typing import Any

from optout.access.credential import Credential, Credentials, require_known, same
from optout.access.limit import DEFAULT, Limits, Spent, Window
from optout.errors import (
    BadLogin,
    BadSender,
    Forbidden,
    Invalid,
    MissingUnsubscribeLink,
    NotFound,
    OptoutError,
    Problem,
    Throttled,
    TooBroad,
    TooLarge,
    TooManyCampaigns,
    Unauthenticated,
    Unavailable,
)
from optout.web.dialect import ErrorResponse
from optout.web.request import Incoming

name = "rocketchat"
content_type = "application/json"
headers: Mapping[str, str] = {"Cache-Control": "no-store", "Pragma": "no-cache"}
reads_json = True
lenient_json = True  # its router reads an unparsable body as an empty object


def _rate_limit(spent: Spent) -> Mapping[str, str]:
    """Headers of every response of a limited route; the reset is in epoch milliseconds."""
    values = {"Limit": spent.limit, "Remaining": spent.remaining, "Reset": spent.reset}
    return {f"X-RateLimit-{name}": str(value) for name, value in values.items()}


limits = Limits(
    {DEFAULT: (Window(60, 10),), "mailer": (Window(60, 10),), "mailer.unsubscribe": (Window(60, 10),)},
    headers=_rate_limit,
)

_LOG_IN = "You must be logged in to do this."
_MAILER = {"function": "Mailer.sendMail"}
_NO_OBJECT = Problem("", "model_type", "The body is not an object.")
# The order of its validator: missing properties, then additional ones, then types.
_ORDER = {"model_type": 0, "model_attributes_type": 0, "missing": 1, "extra_forbidden": 2}


def authenticate(incoming: Incoming, credentials: Credentials) -> Credential:
    """``X-Auth-Token`` and ``X-User-Id``, which must belong together."""
    token, user = incoming.headers.get("x-auth-token", ""), incoming.headers.get("x-user-id", "")
    credential = require_known(credentials, token if user else "", name)
    if not same(credential.user, user):
        raise Unauthenticated
    return credential


def refuse(error: OptoutError) -> ErrorResponse:
    """Error bodies that the clients of every release from 5.4 to 7.x understand."""
    match error:
        case BadLogin():
            body = {"success": False, "status": "error", "error": "Unauthorized", "message": "Unauthorized"}
            return ErrorResponse(401, body)
        case Unauthenticated():
            body = {"success": False, "error": _LOG_IN, "status": "error", "message": _LOG_IN}
            return ErrorResponse(401, body)
        case Forbidden():
            text = "User does not have the permissions required for this action [error-unauthorized]"
            return ErrorResponse(403, {"success": False, "error": text})
        case BadSender():
            return _coded("Invalid from address", "error-invalid-from-address", _MAILER)
        case MissingUnsubscribeLink():
            return _coded("You must provide the [unsubscribe] link.", "error-missing-unsubscribe-link", _MAILER)
        case TooLarge():
            return ErrorResponse(413, {"success": False, "error": "Request entity too large"})
        case TooBroad():
            return ErrorResponse(400, {"success": False, "error": "The query covers too many users"})
        case TooManyCampaigns(bound=bound):
            return _coded(f"There are {bound} emails that have not been sent yet", "error-too-many-campaigns", _MAILER)
        case Invalid(where="selector", problems=problems):
            return ErrorResponse(400, {"success": False, "error": problems[0].text})
        case Invalid(problems=problems):
            first = min(problems, key=lambda problem: _ORDER.get(problem.kind, 3), default=_NO_OBJECT)
            return ErrorResponse(400, {"success": False, "errorType": "invalid-params", "error": _message(first)})
        case NotFound():
            return ErrorResponse(404, {"success": False, "error": "Not Found"})
        case Throttled(retry_after=seconds):
            text = (
                "Error, too many requests. Please slow down. You must wait "
                f"{seconds} seconds before trying this endpoint again. [error-too-many-requests]"
            )
            return ErrorResponse(429, {"success": False, "error": text}, {"Retry-After": str(seconds)})
        case Unavailable(retry_after=seconds):
            return ErrorResponse(503, {"success": False, "error": "Service unavailable"}, {"Retry-After": str(seconds)})
    return ErrorResponse(500, {"success": False, "error": "Internal server error"})


def _coded(reason: str, code: str, details: Mapping[str, Any]) -> ErrorResponse:
    return ErrorResponse(400, {"success": False, "error": f"{reason} [{code}]", "errorType": code, "details": details})


def _message(problem: Problem) -> str:
    match problem.kind:
        case "missing" if problem.path:
            return f"must have required property '{problem.path}'"
        case "missing":
            return "must have required property 'from'"
        case "extra_forbidden":
            return "must NOT have additional properties"
        case "model_type" | "model_attributes_type":
            return "must be object"
        case "string_too_long" | "too_long":
            return f"must NOT have more than {problem.limit} characters"
        case "too_many_bytes":
            return f"must NOT make an email of more than {problem.limit} bytes"
        case "json_invalid":
            return problem.text
    return "must be boolean" if problem.path == "dryrun" else "must be string"
