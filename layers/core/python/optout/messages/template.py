"""The templates of a campaign's email, and the values that differ per recipient.

Placeholders become variables of an SES template, one per context (HTML text, a URL inside HTML, plain text). Each value
is escaped for its context and never scanned for further placeholders. SES does not escape values, and Handlebars
interprets braces and backslashes, so literal ones that could be misread are values too.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from optout.messages.headers import CONTROL
from optout.messages.plain_text import plain_text

UNSUBSCRIBE = "[unsubscribe]"
_UNSUBSCRIBE_URL = "unsubscribe"  # one variable for all contexts: the longest value, and the same everywhere
_PLACEHOLDER = re.compile(r"\[(name|fname|lname|email|unsubscribe|Site_Name|Site_URL)\]")
_VARIABLE = re.compile(r"\{\{(\w+)\}\}")
_LINK = re.compile(r"""(?<=[\s"'])(?:href|src)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_MISREAD = re.compile(r"[\\{}]{2,}|\A\}|[\\{]\Z")  # whole runs: a literal next to a variable would change it
_LITERALS = {"{": "lb", "}": "rb", "\\": "bs"}
_CHARACTERS = {name: char for char, name in _LITERALS.items()}
_BLOCKS = (
    "address|article|aside|blockquote|body|br|center|dd|div|dl|dt|fieldset|figure|footer|form|h[1-6]|header|hr|html|li|"
    "main|nav|ol|p|pre|section|table|tbody|td|th|thead|tr|ul"
)
_BLOCK = re.compile(rf"<(?:{_BLOCKS})(?=[\s/>])", re.IGNORECASE)


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


def compose(subject: str, body: str, text: str | None = None) -> dict[str, str]:
    """The SES templates of an email, by part: subject, html and text. Without ``text`` the plain-text part is derived
    from the body."""
    has_blocks = _BLOCK.search(body) is not None
    markup = body if has_blocks else re.sub(r"\r\n|\n\r|\r|\n", "<br>\n", body)
    plain = plain_text(body, keep_newlines=not has_blocks) if text is None else text
    return {"subject": _template(subject, "t"), "html": _markup(markup), "text": _template(plain, "t")}


def values(content: Mapping[str, str], person: Person, site: Site) -> dict[str, str]:
    """The value of every variable in the templates. SES drops an email when one is missing."""
    words = person.name.strip()
    plain = {
        "name": person.name,
        "fname": words.partition(" ")[0],
        "lname": words.rpartition(" ")[2],
        "email": person.email,
        "unsubscribe": person.unsubscribe_url,
        "Site_Name": site.name,
        "Site_URL": site.url,
    }
    used = _variables(content["subject"], content["html"], content["text"])
    return {variable: _CHARACTERS.get(variable) or _escaped(plain, variable) for variable in used}


@lru_cache(maxsize=4)
def _variables(*templates: str) -> tuple[str, ...]:
    """The variables of the templates. Cached: they are the same for all recipients, and finding them reads it all."""
    return tuple(sorted({match[1] for template in templates for match in _VARIABLE.finditer(template)}))


def _escaped(plain: Mapping[str, str], variable: str) -> str:
    if variable == _UNSUBSCRIBE_URL:
        return html.escape(plain[variable])
    name, _, place = variable.rpartition("_")
    value = CONTROL.sub(" ", plain[name])
    if place == "t":
        return value
    if place == "u" and name not in ("unsubscribe", "Site_URL"):
        value = quote(value, safe="@")
    return html.escape(value)


def _markup(markup: str) -> str:
    """A value inside href or src is part of a URL; elsewhere it is text."""
    parts, end = [], 0
    for link in _LINK.finditer(markup):
        parts += [_template(markup[end : link.start()], "h"), _template(link[0], "u")]
        end = link.end()
    return "".join([*parts, _template(markup[end:], "h")])


def _template(text: str, place: str) -> str:
    pieces: list[str] = _PLACEHOLDER.split(text)
    return "".join(
        _variable(piece, place) if position % 2 else _MISREAD.sub(_literals, piece)
        for position, piece in enumerate(pieces)
    )


def _variable(name: str, place: str) -> str:
    return f"{{{{{name}}}}}" if name == _UNSUBSCRIBE_URL else f"{{{{{name}_{place}}}}}"


def _literals(match: re.Match[str]) -> str:
    return "".join(f"{{{{{_LITERALS[char]}}}}}" for char in match[0])
