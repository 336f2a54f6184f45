"""The forms that the links accept.

Unsubscribe: List-Unsubscribe=One-Click (RFC 8058), or an empty body, because some mail programs send none.
Confirm: only the form of our page, because a confirmation has to come from a person who has seen it.
"""

from collections.abc import Mapping
from typing import Any

from optout.errors import Invalid, Malformed
from optout.web import body

_LARGEST = 4_000
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def require_one_click(event: Mapping[str, Any]) -> None:
    """Raises `Invalid` for another content type, `Malformed` for a form without List-Unsubscribe=One-Click."""
    text = body.text(event, _LARGEST).strip()
    if not text:
        return
    content_type = (event.get("headers") or {}).get("content-type", "")
    if not content_type.lower().startswith(_FORMS):
        raise Invalid("body")
    if content_type.lower().startswith(_FORMS[0]):
        is_one_click = body.form(text).get("List-Unsubscribe") == "One-Click"
    else:
        is_one_click = _has_part(text, content_type)
    if not is_one_click:
        raise Malformed("The form does not say List-Unsubscribe=One-Click.")


def require_confirmation(event: Mapping[str, Any]) -> None:
    """Raises `Invalid` for another content type, `Malformed` for a form without subscription=confirm."""
    text = body.text(event, _LARGEST).strip()
    if not (event.get("headers") or {}).get("content-type", "").lower().startswith(_FORMS[0]):
        raise Invalid("body")
    if body.form(text).get("subscription") != "confirm":
        raise Malformed("The form does not say subscription=confirm.")


def _has_part(text: str, content_type: str) -> bool:
    boundary = content_type.partition("boundary=")[2].partition(";")[0].strip().strip('"')
    for part in text.split(f"--{boundary}") if boundary else ():
        head, _, value = part.replace("\r\n", "\n").partition("\n\n")
        if 'name="List-Unsubscribe"' in head.replace("name=List-Unsubscribe", 'name="List-Unsubscribe"'):
            return value.strip() == "One-Click"
    return False
