"""One mail: a template made once per campaign, and the few values that differ per recipient.

Placeholders become variables of an SES template, one per place they stand in (HTML text, a URL inside HTML, plain
text), so that each value arrives escaped for its place and is never read again for further placeholders. SES does not
escape values itself, and Handlebars gives braces and backslashes a meaning of their own: literal ones that could be
misread go in as values too.
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


_LINK_OUT = "unsubscribe"  # one variable for all places: it is the longest value of all, and the same in each


_PLACEHOLDER = re.compile(r"\[(name|fname|lname|email|unsubscribe|Site_Name|Site_URL)\]")


_VARIABLE = re.compile(r"\{\{(\w+)\}\}")


_LINK = re.compile(r"""(?<=[\s"'])(?:href|src)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)


_MISREAD = re.compile(r"[\\{}]{2,}|\A\}|[\\{]\Z")  # whole runs: a literal left beside a variable would change it


_LITERALS = {"{": "lb", "}": "rb", "\\": "bs"}


_CHARACTERS = {name: char for char, name in _LITERALS.items()}


_BLOCKS = (
    "address|article|aside|blockquote|body|br|center|dd|div|dl|dt|fieldset|figure|footer|form|h[1-6]|header|hr|html|li|"
    "main|nav|ol|p|pre|section|table|tbody|td|th|thead|tr|ul"
)


_BLOCK = re.compile(rf"<(?:{_BLOCKS})(?=[\s/>])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Site:
    """What ``[Site_Name]`` and ``[Site_URL]`` stand for."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a message speaks to. ``unsubscribe_url`` has no character that anything would escape."""

    name: str
    email: str
    unsubscribe_url: str


def compose(subject: str, body: str, text: str | None = None) -> dict[str, str]:
    """Make the SES templates of a mail from its subject and body: subject, html and text. Without a text of its own
    the plain part is made from the body."""
    has_blocks = _BLOCK.search(body) is not None
    markup = body if has_blocks else re.sub(r"\r\n|\n\r|\r|\n", "<br>\n", body)
    plain = plain_text(body, keep_newlines=not has_blocks) if text is None else text
    return {"subject": _template(subject, "t"), "html": _markup(markup), "text": _template(plain, "t")}


def values(content: Mapping[str, str], person: Person, site: Site) -> dict[str, str]:
    """The value of every variable that the templates use: SES drops a mail that misses one."""
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
    """What the templates use: the same for all recipients of a campaign, and found by reading all of it."""
    return tuple(sorted({match[1] for template in templates for match in _VARIABLE.finditer(template)}))


def _escaped(plain: Mapping[str, str], variable: str) -> str:
    if variable == _LINK_OUT:
        return html.escape(plain[variable])
    name, _, place = variable.rpartition("_")
    value = CONTROL.sub(" ", plain[name])
    if place == "t":
        return value
    if place == "u" and name not in ("unsubscribe", "Site_URL"):
        value = quote(value, safe="@")
    return html.escape(value)


def _markup(markup: str) -> str:
    """Inside href and src a value is part of a URL; everywhere else it is text."""
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
    return f"{{{{{name}}}}}" if name == _LINK_OUT else f"{{{{{name}_{place}}}}}"


def _literals(match: re.Match[str]) -> str:
    return "".join(f"{{{{{_LITERALS[char]}}}}}" for char in match[0])
