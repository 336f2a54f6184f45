"""The forms that the links accept.

Unsubscribe: List-Unsubscribe=One-Click (RFC 8058), or an empty body, because some mail programs send none. The content
type is not read: mail programs send the pair as text, as octets and without a type.
Confirm: only the form of our page, because a confirmation has to come from a person who has seen it.
"""

from collections.abc import Mapping
from email import message_from_string
from typing import Any

from optout.errors import Invalid, Malformed
from optout.web import body

_LARGEST = 4_000
_FORM = "application/x-www-form-urlencoded"
_NAME, _VALUE = "List-Unsubscribe", "One-Click"


def require_one_click(event: Mapping[str, Any]) -> None:
    """Raises `Malformed` for a body that says something else than List-Unsubscribe=One-Click."""
    text = body.text(event, _LARGEST).strip()
    if text and not (_has_part(text) if text.startswith("--") else _has_pair(text)):
        raise Malformed("The form does not say List-Unsubscribe=One-Click.")


def require_confirmation(event: Mapping[str, Any]) -> None:
    """Raises `Invalid` for another content type, `Malformed` for a form without subscription=confirm."""
    text = body.text(event, _LARGEST).strip()
    if not (event.get("headers") or {}).get("content-type", "").lower().startswith(_FORM):
        raise Invalid("body")
    if body.form(text).get("subscription") != "confirm":
        raise Malformed("The form does not say subscription=confirm.")


def _has_pair(text: str) -> bool:
    fields = "&".join(text.split())  # a form sent as text has a field in each line
    return body.form(fields).get(_NAME) == _VALUE


def _has_part(text: str) -> bool:
    """Whether a part of a multipart form says it. The first line is the boundary, whatever the header's quotes are."""
    for part in text.split(text.splitlines()[0].rstrip())[1:]:
        message = message_from_string(part.lstrip())
        named = message.get_param("name", header="content-disposition")
        if named == _NAME and str(message.get_payload()).strip() == _VALUE:
            return True
    return False
