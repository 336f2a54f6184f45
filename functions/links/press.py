"""What counts as pressing the button. To leave: the pair of RFC 8058 as a form, or nothing at all (some mail programs).
To confirm: our own form and nothing else, for a yes needs somebody who has seen the page."""

from collections.abc import Mapping
from typing import Any

from optout.errors import Invalid, Malformed
from optout.web import body

_LARGEST = 4_000
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def require_press(event: Mapping[str, Any]) -> None:
    """Raises `Invalid` for another content type, `Malformed` for a form that says something else."""
    text = body.text(event, _LARGEST).strip()
    if not text:
        return
    content_type = (event.get("headers") or {}).get("content-type", "")
    if not content_type.lower().startswith(_FORMS):
        raise Invalid("body")
    if content_type.lower().startswith(_FORMS[0]):
        pressed = body.form(text).get("List-Unsubscribe") == "One-Click"
    else:
        pressed = _has_part(text, content_type)
    if not pressed:
        raise Malformed("The form does not say List-Unsubscribe=One-Click.")


def require_yes(event: Mapping[str, Any]) -> None:
    """Raises `Invalid` for another content type, `Malformed` for what is not the form of the page."""
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
