"""The forms that the links accept.

Unsubscribe: List-Unsubscribe=One-Click (RFC 8058) in any letter case, or an empty body, because some mail programs send
none. The content type is not read: mail programs send the pair as text, as octets and without a type.
Confirm: only the form of our page, because a confirmation has to come from a person who has seen it.
"""

import re
from collections.abc import Mapping
from email import message_from_string
from typing import Any

from optout.errors import Invalid, Malformed
from optout.web import body

_LARGEST = 4_000
_FORM = "application/x-www-form-urlencoded"
_NAME, _VALUE = "list-unsubscribe", "one-click"
_BOUNDARY = re.compile(r"^--\S.*$", re.MULTILINE)  # of a multipart form, which may begin with other text


def require_one_click(event: Mapping[str, Any]) -> None:
    """Raises `Malformed` for a body that says something else than List-Unsubscribe=One-Click."""
    text = body.text(event, _LARGEST).strip()
    if text and not (_has_pair(text) or _has_part(text)):
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
    return any((name.lower(), value.lower()) == (_NAME, _VALUE) for name, value in body.form(fields).items())


def _has_part(text: str) -> bool:
    """Whether a part of a multipart form says it. The boundary is read from the body, whatever the header's quotes
    are."""
    boundary = _BOUNDARY.search(text)
    for part in text.split(boundary[0].rstrip())[1:] if boundary else ():
        message = message_from_string(part.lstrip())
        name = str(message.get_param("name", header="content-disposition"))
        value = message.get_payload(decode=True)
        if name.lower() == _NAME and isinstance(value, bytes) and value.strip().lower() == _VALUE.encode():
            return True
    return False
