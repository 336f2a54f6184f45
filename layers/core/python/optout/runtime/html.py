"""HTML as a browser reads it: the parser of Lexbor, which follows the HTML standard."""

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from selectolax.lexbor import LexborHTMLParser, LexborNode

Event: TypeAlias = tuple[Literal["start", "end", "text", "comment"], str, Mapping[str, str]]


def parse_html(text: str) -> Iterator[Event]:
    """The nodes of the document in order: a kind, then the name of an element or the text, then the attributes."""
    waiting: list[tuple[LexborNode, bool]] = [(node, False) for node in _back_from(LexborHTMLParser(text).root)]
    while waiting:  # no recursion: elements may be nested as deep as the body is long
        node, is_end = waiting.pop()
        if is_end:
            yield "end", node.tag or "", {}
        elif node.is_text_node:
            yield "text", node.text_content or "", {}
        elif node.is_comment_node:
            yield "comment", node.comment_content or "", {}
        elif node.is_element_node:
            yield "start", node.tag or "", {name: value or "" for name, value in node.attributes.items()}
            waiting.append((node, True))
            waiting += [(child, False) for child in _back_from(node.last_child)]


def _back_from(node: LexborNode | None) -> Iterator[LexborNode]:
    """A node and its earlier siblings. Those of the root are comments."""
    while node is not None:
        yield node
        node = node.prev
