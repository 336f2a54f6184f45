"""Derive the plain-text part of an email from its HTML.

Callers write the HTML, so it is read in one pass in linear time, however malformed it is: an unclosed tag is text, and
an unclosed comment reaches to the end.
"""

import html
import re

_TOKEN = re.compile(
    r"""<!--.*?(?:-->|\Z)|<[!?][^>]*(?:>|\Z)|<(?P<end>/?)(?P<name>[a-z][a-z0-9:-]*+)(?P<rest>(?:[^<>"']|"[^"]*"|'[^']*')*+)>""",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""([^\s"'=/]++)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?""")
_NO_CHARACTER = re.compile(r"&#(?:\d{8,}|x[0-9a-f]{8,});?", re.IGNORECASE)
_SILENT = frozenset({"style", "script", "head", "title"})
_BREAKS = frozenset({"p", "div", "tr", "ul", "ol", "li", "table", "blockquote", "h1", "h2", "h3", "h4"})


def plain_text(body: str, *, keep_newlines: bool) -> str:
    """The text of an HTML body, with the URL after each link and each block on its own line."""
    reader = _Reader(keep_newlines)
    end = 0
    for token in _TOKEN.finditer(body):
        reader.read_text(body[end : token.start()])
        if token["name"]:
            reader.read_tag(token["name"].lower(), token["rest"], is_end=bool(token["end"]))
        end = token.end()
    reader.read_text(body[end:])
    return reader.text()


class _Reader:
    def __init__(self, keep_newlines: bool) -> None:
        self._keep = keep_newlines
        self._pieces: list[str] = []
        self._silent = 0
        self._href = ""

    def read_text(self, data: str) -> None:
        if data and not self._silent:
            text = _unescaped(data)
            self._pieces.append(text if self._keep else re.sub(r"\s+", " ", text))

    def read_tag(self, name: str, rest: str, *, is_end: bool) -> None:
        if name in _SILENT:
            self._silent = max(0, self._silent - 1) if is_end else self._silent + 1
        elif name in _BREAKS or (name == "br" and not is_end):
            self._pieces.append("\n")
        elif name == "a":
            self._end_link()
            self._href = "" if is_end else _href(rest)

    def text(self) -> str:
        self._end_link()
        lines = [line.strip() for line in "".join(self._pieces).splitlines()]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"

    def _end_link(self) -> None:
        """A link's URL follows its text, unless they are equal: the unsubscribe URL may occur in a link only."""
        if self._href and (not self._pieces or self._pieces[-1].strip() != self._href):
            self._pieces.append(f" ({self._href})")
        self._href = ""


def _href(attributes: str) -> str:
    for name, *values in _ATTRIBUTE.findall(attributes):
        if name.lower() == "href":
            return _unescaped("".join(values))
    return ""


def _unescaped(text: str) -> str:
    return html.unescape(_NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text))
