"""The body of an email, read by an HTML5 parser: where each placeholder stands, and which newlines are text.

The body stays as its author wrote it. A copy of it is parsed, in which each placeholder has a number, and each newline
is a run of white space that spells a number. Neither changes how the body is parsed, so where they turn up in the
document is where they stand in the body.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from urllib.parse import quote

from optout.messages.markup import Event, Parse, is_hidden, seen
from optout.messages.placeholder import (
    PLACEHOLDER,
    UNSUBSCRIBE_URL,
    Place,
    breaks_link,
    literal,
    located,
    text_template,
    variable,
)
from optout.messages.plain_text import BLOCKS, plain_text

_NEWLINE = re.compile(r"\r\n|\n\r|\r|\n")
_NUMBERED_NEWLINE = re.compile(r"\f([ \t]+)\f")
_SPELLED, _READ = str.maketrans("01", " \t"), str.maketrans(" \t", "01")
_URLS = frozenset({"href", "src", "srcset", "action", "formaction", "background", "cite", "data", "poster"})
_CODE = frozenset({"style", "script"})
_CONDITION = re.compile(r"<!--\s*\[if\b[^\]<>]*\]\s*>(?:\s*-->)?|(?:<!--\s*)?<!\[endif\]\s*-->", re.IGNORECASE)


class Body:
    """``html`` and ``text`` are templates. ``shows_link``: a reader of the HTML sees the unsubscribe link.
    ``breaks_link``: in some URL something stands before it."""

    def __init__(self, parse: Parse, source: str) -> None:
        self.shows_link = self.breaks_link = False
        lowered = source.lower()
        prefix = next(prefix for n in count() if (prefix := f"q{n}-") not in lowered)
        self._mark = re.compile(rf"\[{prefix}(\d+)\.\w+\]")
        self._pieces: list[str] = PLACEHOLDER.split(source)
        self._names = self._pieces[1::2]
        self._places: dict[int, Place] = {}
        self._breaks: set[int] = set()  # newlines that are text
        copy = "".join(self._copied(prefix))
        events = list(parse(copy))
        has_blocks = any(tag in lowered for tag in ("<html", "<body")) or any(
            kind == "start" and name in BLOCKS - {"html", "body"} for kind, name, _ in events
        )
        # Outlook reads what stands in conditional comments as part of the document, often only a piece of a table.
        outlook = _CONDITION.sub("", copy)
        comments = self._place(events)
        if outlook != copy:
            comments = self._place(parse(outlook))
        self._note("".join(comments), Place.HTML)
        self._look(events)
        self.html = "".join(self._written(keep_newlines=has_blocks))
        derived = plain_text(events, self._url, self._spelled, keep_newlines=not has_blocks)
        self.text = text_template(derived, self._mark, self._name, self._is_url)

    def _copied(self, prefix: str) -> Iterator[str]:
        newlines = count()
        for position, piece in enumerate(self._pieces):
            if position % 2:
                yield f"[{prefix}{position // 2}.{piece}]"
            else:
                yield _NEWLINE.sub(lambda _: f"\f{next(newlines):b}\f".translate(_SPELLED), piece.replace("\f", " "))

    def _written(self, *, keep_newlines: bool) -> Iterator[str]:
        newlines = count()

        def newline(found: re.Match[str]) -> str:
            return "<br>\n" if next(newlines) in self._breaks and not keep_newlines else found[0]

        for position, piece in enumerate(self._pieces):
            if position % 2:
                # What the parser drops, such as an attribute given twice, stands within a tag.
                yield variable(piece, self._places.get(position // 2, Place.ATTRIBUTE))
            else:
                yield literal(_NEWLINE.sub(newline, piece))

    def _place(self, events: Iterable[Event]) -> list[str]:
        """Note where placeholders stand, unless it is known. Returns the comments, which are the last to be asked."""
        comments, is_code = [], False
        for kind, text, attributes in events:
            if kind == "start":
                self._place_in_tag(attributes)
                is_code = text in _CODE
            elif kind == "end":
                is_code = False
            elif kind == "comment":
                comments.append(text)
            elif is_code:
                self._note(text, Place.CODE)
            else:
                self.breaks_link |= breaks_link(text, self._mark, self._name)
                for mark, in_url, _ in located(text, self._mark, self._name):
                    self._places.setdefault(int(mark[1]), Place.URL if in_url else Place.HTML)
        return comments

    def _place_in_tag(self, attributes: Mapping[str, str]) -> None:
        for name, value in attributes.items():
            self._note(name, Place.ATTRIBUTE)
            if name.rpartition(":")[2] in _URLS:
                self._note(value, Place.URL)
                self.breaks_link |= any(
                    self._name(mark[1]) == UNSUBSCRIBE_URL and not _may_precede(value[: mark.start()])
                    for mark in self._mark.finditer(value)
                )
            else:
                self._note(value, Place.CODE if name == "style" or name.startswith("on") else Place.ATTRIBUTE)

    def _look(self, events: list[Event]) -> None:
        """Find the newlines that are text, and the unsubscribe link, where a reader sees them."""
        hidden: list[str] = []
        leads_out = False  # within a link that unsubscribes
        for kind, text, attributes in events:
            if kind == "start":
                if hidden or is_hidden(text, attributes):
                    hidden.append(text)
                if text in ("a", "area"):
                    leads_out = any(name == UNSUBSCRIBE_URL for name in self._named(attributes.get("href", "")))
                self.shows_link |= leads_out and text in ("area", "img") and not hidden
            elif kind == "end":
                if hidden:
                    hidden.pop()
                leads_out = leads_out and text not in ("a", "area")
            elif kind == "text" and not hidden:
                self._breaks.update(int(spelled.translate(_READ), 2) for spelled in _NUMBERED_NEWLINE.findall(text))
                self.shows_link |= (leads_out and bool(seen(text).strip())) or UNSUBSCRIBE_URL in self._named(text)

    def _note(self, text: str, place: Place) -> None:
        for mark in self._mark.finditer(text):
            self._places.setdefault(int(mark[1]), place)

    def _named(self, text: str) -> list[str]:
        return [self._name(mark[1]) for mark in self._mark.finditer(text)]

    def _name(self, number: str) -> str:
        return self._names[int(number)]

    def _is_url(self, number: str) -> bool:
        return self._places.get(int(number)) is Place.URL

    def _url(self, href: str) -> str:
        """A URL as browsers take it from an attribute: without line breaks, its spaces escaped."""
        url = re.sub(r"[\t\r\n]", "", _NUMBERED_NEWLINE.sub("", href)).strip(" \f")
        return re.sub(r"\s", lambda space: quote(space[0]), url)

    def _spelled(self, text: str) -> str:
        """The text with its placeholders as their author wrote them."""
        return self._mark.sub(lambda mark: f"[{self._name(mark[1])}]", text)


def _may_precede(text: str) -> bool:
    """Whether a URL may begin so: nothing but white space, or another URL with a query that the link is part of."""
    return not text.strip() or "?" in text
