"""Placeholders: what authors write in an email for a value that differs per recipient, such as ``[name]``."""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum

UNSUBSCRIBE = "[unsubscribe]"
PLACEHOLDER = re.compile(r"\[(name|fname|lname|email|unsubscribe|Site_Name|Site_URL)\]")
URLS = frozenset({"unsubscribe", "Site_URL"})  # values that are URLs themselves
UNSUBSCRIBE_URL = "unsubscribe"  # one variable for all places: the longest value, and the same everywhere
LITERALS = {"{": "lb", "}": "rb", "\\": "bs"}

# Editors take the placeholder for a relative URL: they put a scheme before it, or escape its brackets.
_OPENING = r"(?:\[|%5b|&#91;|&#x5b;|&lsqb;|&lbrack;)"
_CLOSING = r"(?:\]|%5d|&#93;|&#x5d;|&rsqb;|&rbrack;)"
_DAMAGED = re.compile(rf"(?:https?:(?://)?|//)?{_OPENING}(?-i:unsubscribe){_CLOSING}", re.IGNORECASE)
_URL = re.compile(r"https?://|mailto:", re.IGNORECASE)
_SPACE = re.compile(r"\s")
_MISREAD = re.compile(r"[\\{}]{2,}|\A\}|[\\{]\Z")  # whole runs: a literal next to a variable would change it


class Place(StrEnum):
    """Where a placeholder stands, and hence how its value is escaped."""

    HTML = "h"
    ATTRIBUTE = "a"
    URL = "u"  # within HTML
    CODE = "s"  # CSS or a script
    TEXT = "t"
    TEXT_URL = "v"


def repair(text: str) -> str:
    """The text with every unsubscribe placeholder as its author wrote it, before an editor damaged it."""
    return _DAMAGED.sub(UNSUBSCRIBE, text)


def variable(name: str, place: Place) -> str:
    """The variable of an SES template for a placeholder. It has letters and digits only: SES refuses an inline template
    with an underscore in a variable (aws/aws-sdk-js-v3#6657)."""
    return f"{{{{{name}}}}}" if name == UNSUBSCRIBE_URL else f"{{{{{name.replace('_', '')}{place.upper()}}}}}"


def read_variable(variable: str) -> tuple[str, Place]:
    """The placeholder's name, without underscores, and the place. An earlier version wrote ``Site_Name_h``."""
    return variable[:-1].replace("_", ""), Place(variable[-1].lower())


def literal(text: str) -> str:
    """Text of an SES template that stands for itself: braces and backslashes that could be misread are variables."""
    return _MISREAD.sub(lambda run: "".join(f"{{{{{LITERALS[char]}}}}}" for char in run[0]), text)


def text_template(
    text: str,
    marks: re.Pattern[str] = PLACEHOLDER,
    name_of: Callable[[str], str] = str,
    is_url: Callable[[str], bool] = lambda _: False,
) -> str:
    """The template of plain text. ``marks`` finds placeholders, ``name_of`` maps the first group to the name. A value
    within a URL, or for which ``is_url`` of the first group, becomes part of the URL."""
    parts, end = [], 0
    for mark, in_url, _ in located(text, marks, name_of):
        place = Place.TEXT_URL if in_url or is_url(mark[1]) else Place.TEXT
        parts += [literal(text[end : mark.start()]), variable(name_of(mark[1]), place)]
        end = mark.end()
    return "".join([*parts, literal(text[end:])])


def breaks_link(text: str, marks: re.Pattern[str] = PLACEHOLDER, name_of: Callable[[str], str] = str) -> bool:
    """Whether in some URL of the text something stands before the unsubscribe link, other than a query's name."""
    return any(
        in_url and not in_query and name_of(mark[1]) == UNSUBSCRIBE_URL
        for mark, in_url, in_query in located(text, marks, name_of)
    )


def located(
    text: str, marks: re.Pattern[str] = PLACEHOLDER, name_of: Callable[[str], str] = str
) -> Iterator[tuple[re.Match[str], bool, bool]]:
    """The placeholders in a text, each with whether a URL begins before it, and whether that has a query."""
    end, in_url, in_query = 0, False, False
    for mark in marks.finditer(text):
        before = text[end : mark.start()]
        word = _SPACE.split(before)[-1]
        is_same = word == before
        in_url = (in_url and is_same) or _URL.search(word) is not None
        in_query = in_url and ((in_query and is_same) or "?" in word)
        yield mark, in_url, in_query
        in_url = in_url or name_of(mark[1]) in URLS
        end = mark.end()
