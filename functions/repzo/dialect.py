"""Authentication and error format of Repzo: two authentication headers, one error body."""

from collections.abc import Mapping

from optout.access.credential import Credential, Credentials, require_known
from optout.access.limit import Limits
from optout.errors import (
    Forbidden,
    Invalid,
    NotFound,
    OptoutError,
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

name = "repzo"
content_type = "application/json"
headers: Mapping[str, str] = {}
reads_json = True
lenient_json = False
limits = Limits()


def authenticate(incoming: Incoming, credentials: Credentials) -> Credential:
    """``Authorization: Bearer`` as documented, or ``api-key`` as the shipped client sends it."""
    return require_known(credentials, bearer(incoming.headers) or incoming.headers.get("api-key", ""), name)


def refuse(error: OptoutError) -> ErrorResponse:
    """The same body for all errors: ``success`` and ``error``."""
    match error:
        case Unauthenticated():
            return _refusal(401, "Authentication required")
        case Forbidden() | Protected():
            return _refusal(403, "Insufficient permissions")
        case NotFound():
            return _refusal(404, "Resource not found")
        case TooLarge():
            return _refusal(413, "Invalid request parameters")
        case Unprocessable():
            return _refusal(422, "Validation failed")
        case WrongEncoding():
            return _refusal(400, "Invalid request parameters: the body is not UTF-8")
        case Invalid() | TooBroad():
            return _refusal(400, "Invalid request parameters")
        case Throttled(retry_after=seconds):
            return _refusal(429, "Too many requests", {"Retry-After": str(seconds)})
        case Unavailable(retry_after=seconds):
            return _refusal(503, "Service unavailable", {"Retry-After": str(seconds)})
    return _refusal(500, "Internal server error")


def _refusal(status: int, text: str, headers: Mapping[str, str] | None = None) -> ErrorResponse:
    return ErrorResponse(status, {"success": False, "error": text}, headers or {})
