"""Error format for routes that belong to no dialect: ``success`` and ``error``."""

from collections.abc import Mapping

from optout.errors import NotFound, OptoutError
from optout.web.dialect import ErrorResponse

name = "gateway"
content_type = "application/json"
headers: Mapping[str, str] = {"Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
reads_json = False
lenient_json = False


def refuse(error: OptoutError) -> ErrorResponse:
    """These routes take no input, so there are only two errors."""
    if isinstance(error, NotFound):
        return ErrorResponse(404, {"success": False, "error": "No such route."})
    return ErrorResponse(500, {"success": False, "error": "Internal server error."})
