"""Derive the plain-text part of an email from its HTML.

What HTML keeps apart stays apart: blocks stand on lines of their own, table cells two spaces from each other. A link is
followed by its URL unless its words are that URL, an image is its alternative text. What a reader of the HTML does not
see is left out: a preheader, a hidden element, a spacer.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping

from optout.messages.lines import Lines
from optout.messages.markup import Event, is_hidden, seen

# Elements that the HTML standard renders as blocks (15.3); those in _SPACED have a blank line around them.
_SPACED = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote", "figure"})
BLOCKS = _SPACED | frozenset(
    {"address", "article", "aside", "body", "br", "caption", "center", "dd", "details", "dialog", "dir", "div", "dt"}
    | {"fieldset", "figcaption", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li", "listing", "main"}
    | {"menu", "nav", "optgroup", "option", "p", "plaintext", "search", "section", "summary", "table", "tbody", "td"}
    | {"textarea", "tfoot", "th", "thead", "tr", "xmp"}
)
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_VERBATIM = frozenset({"pre", "textarea", "listing", "plaintext", "xmp"})
_SPACES = re.compile(r"[ \t\n\f\r]+")
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_SCHEME = re.compile(r"^(?:https?://|mailto:|tel:)", re.IGNORECASE)
_RULE = "-" * 40
_NO_PAGE = ("#", "javascript:", "data:")


def plain_text(
    events: Collection[Event],
    url: Callable[[str], str] = str,
    spelled: Callable[[str], str] = str,
    *,
    keep_newlines: bool = False,
) -> str:
    """The text of a parsed HTML body. ``url`` maps each URL before it is written; ``spelled`` maps words and URLs
    before they are compared."""
    named: set[str] = set()
    reader = _Reader(url, spelled, keep_newlines, named)
    reader.take(events)
    if reader.has_nameless:  # a picture's link is left out if a later link with words has its URL
        reader = _Reader(url, spelled, keep_newlines, named)
        reader.take(events)
    return reader.lines.text()


class _Reader:
    def __init__(
        self, url: Callable[[str], str], spelled: Callable[[str], str], keep_newlines: bool, named: set[str]
    ) -> None:
        self.lines = Lines()
        self.has_nameless = False
        self._url, self._spelled, self._keep = url, spelled, keep_newlines
        self._named = named  # the URLs of links with words
        self._silent: list[str] = []  # the elements within the outermost that is not seen
        self._verbatim = 0
        self._link = ""
        self._words: list[str] = []  # of the link
        self._is_spacer = False  # a block that holds a no-break space is an empty line
        self._tables = 0
        self._counts: list[int | None] = []  # the next number of each list; None for one with bullets

    def take(self, events: Iterable[Event]) -> None:
        for kind, text, attributes in events:
            if kind == "text":
                self.read(text)
            elif kind == "start":
                self.begin(text, attributes)
            elif kind == "end":
                self.end(text)

    def read(self, text: str) -> None:
        if self._silent:
            return
        if "\xa0" in text and not (text.strip() or self.lines.is_open):
            self._is_spacer = True
        text = seen(text)
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
            self._say(_SPACES.sub(" ", f" {attributes.get('alt', '')} "))
        elif name == "area":
            self.lines.end()
            self._say(_SPACES.sub(" ", attributes.get("alt", "")))
            self._follow(attributes.get("href", ""), attributes.get("alt", ""))
            self.lines.end()
        elif name == "q":
            self._say('"')
        elif name == "a":
            if self._words:  # a parser lets a link stand within another in some places, such as a list of options
                self._follow_link()
            self._link, self._words = attributes.get("href", "").strip(" \t\n\f\r"), []
        elif name == "hr":
            self.lines.end()
            self.lines.write(_RULE)
            self.lines.end()
        elif name in BLOCKS:
            self._begin_block(name, attributes)

    def _begin_block(self, name: str, attributes: Mapping[str, str]) -> None:
        self._is_spacer = False
        match name:
            case "table":
                self.lines.begin_block(spaced=not self._tables)  # one within another is mostly layout
                self._tables += 1
            case "p":
                self.lines.begin_block(spaced=not attributes.get("class", "").startswith("Mso"))  # Word's has no margin
            case "tr":
                self.lines.begin_row()
            case "td" | "th":
                self.lines.begin_cell()
            case _:
                self.lines.end(blank=name in _SPACED and not (name in _LISTS and self._counts))
        if name in _LISTS:
            start = attributes.get("start", "")
            self._counts.append((int(start) if _NUMBER.fullmatch(start) else 1) if name == "ol" else None)
        elif name == "li":
            self._begin_item()
        elif name == "blockquote":
            self.lines.indent("> ")
        elif name == "dd":
            self.lines.indent("  ")
        elif name in _VERBATIM:
            self._verbatim += 1

    def _begin_item(self) -> None:
        count = self._counts[-1] if self._counts else None
        if count is not None:
            self._counts[-1] = count + 1
        self.lines.begin_item("* " if count is None else f"{count}. ")

    def end(self, name: str) -> None:
        if self._silent:
            self._silent.pop()
        elif name == "a":
            self._follow_link()
            self._link = ""
        elif name == "q":
            self._say('"')
        elif name == "tr":
            self.lines.end_row()
        elif name in BLOCKS and name not in ("br", "hr"):
            self.lines.end()
            is_spaced = name in _SPACED and not (name in _LISTS and len(self._counts) > 1)
            self._end_block(name)
            self.lines.end(blank=is_spaced or (name in ("div", "p") and self._is_spacer))
            self._is_spacer = False

    def _end_block(self, name: str) -> None:
        if name in ("table", "p"):
            self._tables -= name == "table"
            self.lines.end_block()
        elif name in _LISTS and self._counts:
            self._counts.pop()
        elif name in ("li", "blockquote", "dd"):
            self.lines.outdent()
        elif name in _VERBATIM:
            self._verbatim -= 1

    def _follow_link(self) -> None:
        self._follow(self._link, " ".join(self._words))

    def _follow(self, href: str, words: str) -> None:
        """A link's URL follows its words, unless they are the URL."""
        if not href or href.lower().startswith(_NO_PAGE):
            return
        is_phone = href.lower().startswith("tel:")
        url, bare = self._url(href), _bare(self._spelled(href), is_phone=is_phone)
        if not words.strip():
            self.has_nameless = True
            if bare not in self._named:
                self._say(f" {url} ")
                self.lines.count_link()
            return
        self._named.add(bare)
        if _bare(self._spelled(words), is_phone=is_phone) != bare:
            self.lines.append(f"({url})")
            self.lines.count_link()


def _bare(url: str, *, is_phone: bool = False) -> str:
    """A URL without what people leave out or add when they write it down."""
    bare = _SCHEME.sub("", _SPACES.sub("", url)).rstrip("/")
    if is_phone:
        return re.sub(r"[().-]", "", bare)
    host, slash, path = bare.partition("/")
    return host.lower() + slash + path
