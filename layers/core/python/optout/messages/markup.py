"""What an HTML5 parser finds in the body of an email: its elements, texts and comments in document order."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypeAlias

# A kind, then the name of an element or the text, then the element's attributes.
Event: TypeAlias = tuple[Literal["start", "end", "text", "comment"], str, Mapping[str, str]]
Parse: TypeAlias = Callable[[str], Iterable[Event]]

NOT_RENDERED = frozenset(
    {"head", "title", "style", "script", "template", "iframe", "noembed", "noframes", "object", "svg", "datalist"}
)
_HIDING = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:[;!]|$))", re.IGNORECASE
)
# Preheaders are often cut off instead. A height of 0 alone hides nothing: what overflows is seen.
_FLAT = re.compile(r"(?:^|;)\s*(?:max-)?height\s*:\s*0(?:px)?\s*(?:[;!]|$)", re.IGNORECASE)
_CUT = re.compile(r"(?:^|;)\s*overflow\s*:\s*hidden\b", re.IGNORECASE)
_DOT = re.compile(r"\s*[01](?:px)?\s*", re.IGNORECASE)
_UNSEEN = str.maketrans({"\xa0": " ", "\xad": "", "\u200b": "", "\u2060": "", "\ufeff": "", "\u034f": ""})
_LONE_JOINERS = re.compile(r"(?<!\S)[\u200c\u200d]+(?!\S)")  # fill a preheader; between letters they belong to a word


def seen(text: str) -> str:
    """The text without characters that a reader does not see."""
    return _LONE_JOINERS.sub("", text.translate(_UNSEEN))


def is_hidden(name: str, attributes: Mapping[str, str]) -> bool:
    """Whether a reader sees neither the element nor anything in it. A tracking pixel or a spacer is not seen."""
    style = attributes.get("style", "")
    return (
        name in NOT_RENDERED
        or "hidden" in attributes
        or (name == "dialog" and "open" not in attributes)
        or bool(_HIDING.search(style) or (_FLAT.search(style) and _CUT.search(style)))
        or (name == "img" and any(_DOT.fullmatch(attributes.get(side, "")) for side in ("width", "height")))
    )
