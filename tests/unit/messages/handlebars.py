"""What a reader gets to see of a template, or a complaint about anything that Handlebars could take otherwise.

Triple braces and a backslash before an opening brace have meanings of their own, and a brace or backslash beside a
variable can make either of them by accident: here every such neighbour is an error, and so is a value that is missing,
for SES then drops the mail.
"""

import re
from collections.abc import Mapping

from optout.messages.body import Body
from optout.messages.template import Person, Site, compose, values
from optout.runtime.html import parse_html

_VARIABLE = re.compile(r"(?<![{\\])\{\{(\w+)\}\}(?!\})")
SITE = Site("The Site", "https://site.example")
ADA = Person("Ada King Lovelace", "ada@example.com", "https://o.example/u/T0ken-_")


class Misread(Exception):
    """Something in a template that does not mean itself."""


def render(template: str, data: Mapping[str, str]) -> str:
    """The text with its variables filled in, in one pass."""
    pieces: list[str] = _VARIABLE.split(template)
    for literal in pieces[::2]:
        if "{{" in literal:
            raise Misread(literal)
    pieces[1::2] = [data[name] for name in pieces[1::2]]
    return "".join(pieces)


def mail(subject: str, body: str, person: Person = ADA) -> Mapping[str, str]:
    """Subject, HTML and text of an email as the reader sees them."""
    content = compose(subject, Body(parse_html, body))
    data = values(content, person, SITE)
    return {part: render(content[part], data) for part in ("subject", "html", "text")}
