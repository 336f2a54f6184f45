"""Plain-text tables for a terminal."""

import unicodedata
from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Headings and rows, in columns as wide as their longest cell, indented by two."""
    lines = [head, *rows]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(head))]
    rule = "  " + "  ".join("─" * width for width in widths)
    body = ["  " + "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
            for line in lines]  # fmt: skip
    return "\n".join(line.rstrip() for line in [body[0], rule, *body[1:]])


def _width(text: str) -> int:
    """The width on a terminal: 0 for combining marks, 2 for wide East Asian characters, otherwise 1."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
