"""How people and their mail programs are spoken to: small pages that need no login and run no script."""

from collections.abc import Mapping

from links import pages
from optout.errors import BadToken, Invalid, Malformed, NoSuchRoute, NotFound, OptoutError, TooLarge, Unavailable
from optout.web.dialect import Refusal

name = "link"
content_type = "application/json"
headers: Mapping[str, str] = pages.HEADERS
reads_json = False
forgives_bad_json = False
_METHODS = "GET, HEAD, POST, OPTIONS"


def refuse(error: OptoutError) -> Refusal:
    """Unknown, malformed and forged links look the same."""
    match error:
        case NoSuchRoute(method="OPTIONS"):
            return Refusal(204, "", {"Allow": _METHODS}, pages.HTML)
        case NoSuchRoute(method=method) if method and method not in _METHODS.split(", "):
            return Refusal(405, pages.REFUSED, {"Allow": _METHODS}, pages.HTML)
        case BadToken() | NotFound():
            return Refusal(404, pages.UNKNOWN, {}, pages.HTML)
        case TooLarge():
            return Refusal(413, pages.REFUSED, {}, pages.HTML)
        case Malformed():
            return Refusal(400, pages.REFUSED, {}, pages.HTML)
        case Invalid():
            return Refusal(415, pages.REFUSED, {}, pages.HTML)
        case Unavailable(retry_after=seconds):
            return Refusal(503, pages.UNAVAILABLE, {"Retry-After": str(seconds)}, pages.HTML)
    return Refusal(500, pages.UNAVAILABLE, {}, pages.HTML)
