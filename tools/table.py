"""Tables for people: columns as wide as what is in them."""

import unicodedata
from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under their headings, indented by two."""
    lines = [head, *rows]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(head))]
    rule = "  " + "  ".join("─" * width for width in widths)
    body = ["  " + "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
            for line in lines]  # fmt: skip
    return "\n".join(line.rstrip() for line in [body[0], rule, *body[1:]])


def _width(text: str) -> int:
    """Columns on a terminal: combining marks take none, East Asian wide characters two."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
