"""Derive the plain-text part of an email from its HTML.

What HTML keeps apart stays apart: blocks stand on lines of their own, table cells two spaces from each other. A link is
followed by its URL, an image is its alternative text. What a reader of the HTML does not see is left out.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from optout.messages.markup import Event, is_hidden

# Elements that the HTML standard renders as blocks (15.3); those in _SPACED have a blank line around them.
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote", "table", "figure"})
BLOCKS = _SPACED | frozenset(
    {"address", "article", "aside", "body", "br", "caption", "center", "dd", "details", "dialog", "div", "dt"}
    | {"fieldset", "figcaption", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li", "listing", "main"}
    | {"menu", "nav", "option", "optgroup", "plaintext", "search", "section", "summary", "tbody", "td", "tfoot", "th"}
    | {"thead", "tr", "xmp", "dir", "textarea"}
)
_CELLS = frozenset({"td", "th"})
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_VERBATIM = frozenset({"pre", "textarea", "listing", "plaintext", "xmp"})
_SPACES = re.compile(r"[ \t\n\f\r]+")
_UNSEEN = str.maketrans({"\xa0": " ", "\xad": "", "\u200b": "", "\u2060": "", "\ufeff": "", "\u034f": ""})
_RULE = "-" * 40
_NO_PAGE = ("#", "javascript:", "data:")


def plain_text(events: Iterable[Event], url: Callable[[str], str] = str, *, keep_newlines: bool = False) -> str:
    """The text of a parsed HTML body. ``url`` maps each URL before it is written."""
    reader = _Reader(url, keep_newlines)
    for kind, text, attributes in events:
        if kind == "text":
            reader.read(text)
        elif kind == "start":
            reader.begin(text, attributes)
        elif kind == "end":
            reader.end(text)
    return reader.lines.text()


class _Lines:
    """Lines of words. A line begins with its first word, after the blank lines that were asked for."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._blank: str | None = None  # the margin of a blank line before the next line
        self._space = ""
        self.margins: list[str] = []
        self.bullet = ""

    def write(self, words: str) -> None:
        if not self._line:
            margin = "".join(self.margins)
            if self._blank is not None and self._lines:
                self._lines.append(self._blank.rstrip())
            first = margin[: len(margin) - len(self.bullet)] + self.bullet if self.bullet else margin
            self._line, self._space, self._blank, self.bullet = [first], "", None, ""
        self._line += [self._space, words]
        self._space = ""

    def space(self, spaces: str = " ") -> None:
        """Keep the next word apart from the last one, if they are on one line."""
        if self._line and len(spaces) > len(self._space):
            self._space = spaces

    def end(self, *, blank: bool = False) -> None:
        """End the line; with ``blank``, a blank line follows."""
        if self._line:
            self._lines.append("".join(self._line).rstrip())
            self._line, self._space = [], ""
        if blank:
            margin = "".join(self.margins)
            self._blank = margin if self._blank is None else min(self._blank, margin, key=len)

    def skip(self) -> None:
        """A line break: end the line, or leave it empty."""
        self.end(blank=not self._line)

    def text(self) -> str:
        self.end()
        return "\n".join(self._lines).strip("\n") + "\n"


class _Reader:
    def __init__(self, url: Callable[[str], str], keep_newlines: bool) -> None:
        self.lines = _Lines()
        self._url, self._keep = url, keep_newlines
        self._silent: list[str] = []  # the elements within the outermost that is not seen
        self._verbatim = 0
        self._link = ""
        self._words: list[str] = []  # of the link
        self._counts: list[int | None] = []  # the next number of each list; None for one with bullets

    def read(self, text: str) -> None:
        if self._silent:
            return
        text = text.translate(_UNSEEN)
        if self._verbatim or self._keep:
            first, *others = re.split(r"\r\n?|\n|\f[ \t]*\f", text)
            self._say(first)
            for line in others:
                self.lines.skip()
                self._say(line)
            return
        self._say(_SPACES.sub(" ", text))

    def _say(self, text: str) -> None:
        if self._verbatim:
            words = text.rstrip()
        else:
            if text[:1].isspace():
                self.lines.space()
            words = text.strip()
        if words:
            self.lines.write(words)
            self._words.append(words)
            if text[-1:].isspace():
                self.lines.space()

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._silent or is_hidden(name, attributes):
            self._silent.append(name)
        elif name == "br":
            self.lines.skip()
        elif name == "img":
            self._say(f" {attributes.get('alt', '').strip()} ")
        elif name == "area":
            self._say(f" {attributes.get('alt', '')} ")
            self._follow(attributes.get("href", ""), attributes.get("alt", ""))
        elif name == "a":
            self._link, self._words = attributes.get("href", "").strip(), []
        elif name == "hr":
            self.lines.end()
            self.lines.write(_RULE)
            self.lines.end()
        elif name in BLOCKS:
            self._begin_block(name, attributes)

    def _begin_block(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _CELLS:
            self.lines.space("  ")
            return
        self.lines.end(blank=name in _SPACED and not (name in _LISTS and self._counts))
        if name in _LISTS:
            start = attributes.get("start", "")
            self._counts.append((int(start) if start.isdecimal() else 1) if name == "ol" else None)
        elif name == "li":
            self._begin_item()
        elif name == "blockquote":
            self.lines.margins.append("> ")
        elif name == "dd":
            self.lines.margins.append("  ")
        elif name in _VERBATIM:
            self._verbatim += 1

    def _begin_item(self) -> None:
        count = self._counts[-1] if self._counts else None
        if count is not None:
            self._counts[-1] = count + 1
        self.lines.bullet = "* " if count is None else f"{count}. "
        self.lines.margins.append(" " * len(self.lines.bullet))

    def end(self, name: str) -> None:
        if self._silent:
            self._silent.pop()
        elif name == "a":
            self._follow(self._link, " ".join(self._words))
            self._link = ""
        elif name in _CELLS:
            self.lines.space("  ")
        elif name in BLOCKS and name not in ("br", "hr"):
            self.lines.end()
            is_spaced = name in _SPACED and not (name in _LISTS and len(self._counts) > 1)
            self._end_block(name)
            self.lines.end(blank=is_spaced)

    def _end_block(self, name: str) -> None:
        if name in _LISTS and self._counts:
            self._counts.pop()
        elif name in ("li", "blockquote", "dd") and self.lines.margins:
            self.lines.margins.pop()
            self.lines.bullet = ""
        elif name in _VERBATIM:
            self._verbatim -= 1

    def _follow(self, href: str, words: str) -> None:
        """A link's URL follows its text, unless the text is the URL."""
        if not href or href.lower().startswith(_NO_PAGE):
            return
        href = self._url(href)
        shown = href.removeprefix("mailto:").removeprefix("tel:")
        if words.strip() in (href, shown, shown.removeprefix("https://"), shown.removeprefix("http://")):
            return
        self.lines.space()
        self.lines.write(f"({href})" if words.strip() else href)
        self.lines.space()
