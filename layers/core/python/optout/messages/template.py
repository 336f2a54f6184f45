"""The templates of a campaign's email, and the values that differ per recipient.

Placeholders become variables of an SES template, one per place (HTML, an attribute, a URL, code, text). Each value
is escaped for its place and never scanned for further placeholders. SES does not escape values, and Handlebars
interprets braces and backslashes, so literal ones that could be misread are values too.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from optout.messages.body import Body
from optout.messages.headers import CONTROL
from optout.messages.placeholder import LITERALS, UNSUBSCRIBE_URL, Place, read_variable, text_template

_VARIABLE = re.compile(r"\{\{(\w+)\}\}")
_CHARACTERS = {name: char for char, name in LITERALS.items()}
_UNSAFE_IN_CODE = re.compile(r"[^\w .@:/?#%+-]")
# In an attribute without quotes, white space would begin another one, and an empty value would take the next one.
_IN_ATTRIBUTE = {char: f"&#{ord(char)};" for char in " \t\n\f\r=`"}


@dataclass(frozen=True, slots=True)
class Site:
    """The values of ``[Site_Name]`` and ``[Site_URL]``."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Person:
    """The recipient of a message. ``unsubscribe_url`` has no character that needs escaping."""

    name: str
    email: str
    unsubscribe_url: str


def compose(subject: str, body: Body, text: str | None = None) -> dict[str, str]:
    """The SES templates of an email, by part: subject, html and text. Without ``text`` the plain-text part is that of
    the body."""
    return {
        "subject": text_template(subject),
        "html": body.html,
        "text": body.text if text is None else text_template(text),
    }


def values(content: Mapping[str, str], person: Person, site: Site) -> dict[str, str]:
    """The value of every variable in the templates. SES drops an email when one is missing."""
    words = person.name.strip()
    plain = {
        "name": person.name,
        "fname": words.partition(" ")[0],
        "lname": words.rpartition(" ")[2],
        "email": person.email,
        "unsubscribe": person.unsubscribe_url,
        "SiteName": site.name,
        "SiteURL": site.url,
    }
    used = _variables(content["subject"], content["html"], content["text"])
    return {variable: _CHARACTERS.get(variable) or _escaped(plain, variable) for variable in used}


@lru_cache(maxsize=4)
def _variables(*templates: str) -> tuple[str, ...]:
    """The variables of the templates. Cached: they are the same for all recipients, and finding them reads it all."""
    return tuple(sorted({match[1] for template in templates for match in _VARIABLE.finditer(template)}))


def _escaped(plain: Mapping[str, str], variable: str) -> str:
    if variable == UNSUBSCRIBE_URL:
        return html.escape(plain[variable])
    name, place = read_variable(variable)
    value = CONTROL.sub(" ", plain[name])
    is_url = name == "SiteURL"
    match place:
        case Place.TEXT:
            return value
        case Place.TEXT_URL:
            return value if is_url else quote(value, safe="@")
        case Place.URL:
            return html.escape(value if is_url else quote(value, safe="@"))
        case Place.ATTRIBUTE:
            return "".join(_IN_ATTRIBUTE.get(char, char) for char in html.escape(value)) or "&#32;"
        case Place.CODE:
            return _UNSAFE_IN_CODE.sub("", value)
        case Place.HTML:
            return html.escape(value)
