"""Our own API's voice where it speaks of imports: what cannot be done yet, or any more, is a conflict."""

from native import dialect
from native.dialect import authenticate, content_type, forgives_bad_json, headers, limits, name, reads_json
from optout.errors import OptoutError
from optout.http import Refusal
from optout.importing import NotReady

__all__ = ["authenticate", "content_type", "forgives_bad_json", "headers", "limits", "name", "reads_json", "refuse"]
_NOT_READY = {
    "not_uploaded": "The file of this import has not been uploaded.",
    "not_checked": "The file has to be checked first, to its end.",
    "changed": "The file is not the one that was checked. Check it again.",
    "started": "The people of this file have been added, or are being added.",
}


def refuse(error: OptoutError) -> Refusal:
    """As everywhere in our own API; `NotReady` is 409, with the reason as its code."""
    if isinstance(error, NotReady):
        body = {"error": {"code": error.why, "message": _NOT_READY[error.why]}}
        return Refusal(409, body, {}, content_type)
    return dialect.refuse(error)
