"""Error format of the links, for people and their mail programs: small pages without login or script."""

from collections.abc import Mapping

from links import pages
from optout.access.limit import Limits, Window
from optout.errors import (
    BadToken,
    Invalid,
    Malformed,
    NoSuchRoute,
    NotFound,
    OptoutError,
    Throttled,
    TooLarge,
    Unavailable,
)
from optout.web.dialect import ErrorResponse

name = "link"
content_type = "application/json"
headers: Mapping[str, str] = pages.HEADERS
reads_json = False
lenient_json = False
limits = Limits(misses=Window(600, 100))
_METHODS = "GET, HEAD, POST, OPTIONS"


def refuse(error: OptoutError) -> ErrorResponse:
    """An error page. Unknown, malformed and forged links get the same one."""
    match error:
        case NoSuchRoute(method="OPTIONS"):
            return ErrorResponse(204, "", {"Allow": _METHODS}, pages.HTML)
        case NoSuchRoute(method=method) if method and method not in _METHODS.split(", "):
            return ErrorResponse(405, pages.REFUSED, {"Allow": _METHODS}, pages.HTML)
        case BadToken() | NotFound():
            return ErrorResponse(404, pages.UNKNOWN, {}, pages.HTML)
        case TooLarge():
            return ErrorResponse(413, pages.REFUSED, {}, pages.HTML)
        case Malformed():
            return ErrorResponse(400, pages.REFUSED, {}, pages.HTML)
        case Invalid():
            return ErrorResponse(415, pages.REFUSED, {}, pages.HTML)
        case Throttled(retry_after=seconds):
            return ErrorResponse(429, pages.TOO_OFTEN, {"Retry-After": str(seconds)}, pages.HTML)
        case Unavailable(retry_after=seconds):
            return ErrorResponse(503, pages.UNAVAILABLE, {"Retry-After": str(seconds)}, pages.HTML)
    return ErrorResponse(500, pages.UNAVAILABLE, {}, pages.HTML)
