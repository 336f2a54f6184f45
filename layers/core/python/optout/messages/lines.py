"""Lines of plain text: words, margins, blank lines, and the rows of tables."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

_GAP = "  "  # between the cells of a row
_PARAGRAPH = 60  # characters: a longer line is a paragraph, a shorter one may be one of several rows
_CLOSING = frozenset(
    ".,;:!?)]}\xbb\u201d\u2019\u2026\u3001\u3002\uff0c\uff01\uff1f\uff09\u300d"
)  # without a space before them
_Range: TypeAlias = tuple[int, int]


@dataclass(slots=True)
class _Row:
    blank: str | None  # the margin of the blank line that was asked for before the row
    margin: str
    cells: list[int] = field(default_factory=list)  # the first line of each
    links: int = 0


class Lines:
    """Lines of words. A line begins with its first word, after the blank line that was asked for."""

    def __init__(self) -> None:
        self._margins: list[str] = []
        self._bullets: dict[int, str] = {}  # of the items whose first line has not begun, by the place of their margin
        self._lines: list[tuple[str, str]] = []  # margin and words
        self._line: list[str] = []
        self._margin = ""  # of the line that was begun
        self._blank: str | None = None  # the margin of a blank line before the next line
        self._space = ""
        self._may_close = False  # no space before a full stop
        self._blocks: list[tuple[int, bool]] = []  # the first line of each, and whether it is spaced
        self._rows: list[_Row] = []

    @property
    def is_open(self) -> bool:
        return bool(self._line)

    def indent(self, margin: str) -> None:
        self._margins.append(margin)

    def begin_item(self, bullet: str) -> None:
        self._bullets[len(self._margins)] = bullet
        self._margins.append(" " * len(bullet))

    def outdent(self) -> None:
        self._margins.pop()
        self._bullets.pop(len(self._margins), None)

    @property
    def _indent(self) -> str:
        return "".join(self._margins)

    def write(self, words: str) -> None:
        if not self._line:
            if self._blank is not None and self._lines:
                self._lines.append((self._blank, ""))
            self._margin = "".join(self._bullets.get(place, margin) for place, margin in enumerate(self._margins))
            self._bullets.clear()
            self._space, self._blank = "", None
        self._line += [words] if self._may_close and words[0] in _CLOSING else [self._space, words]
        self._space, self._may_close = "", False

    def space(self) -> None:
        """Keep the next word apart from the last one, if they are on one line."""
        self._space, self._may_close = " " if self._line else "", False

    def append(self, words: str) -> None:
        """Write behind the last word, even if its line has ended."""
        if self._line or not self._lines:
            self.space()
            self.write(words)
            self.space()
            self._may_close = True
        else:
            margin, last = self._lines[-1]
            self._lines[-1] = margin, f"{last} {words}"

    def end(self, *, blank: bool = False) -> None:
        """End the line; with ``blank``, a blank line follows."""
        if self._line:
            self._lines.append((self._margin, "".join(self._line)))
            self._line = []
        if blank and not self._bullets:  # no blank line between the bullet and the words of an item
            self._blank = self._indent if self._blank is None else min(self._blank, self._indent, key=len)

    def skip(self) -> None:
        """A line break: end the line, or leave it empty."""
        self.end(blank=not self._line)

    def begin_block(self, *, spaced: bool) -> None:
        self.end(blank=spaced)
        self._blocks.append((len(self._lines), spaced))

    def end_block(self) -> None:
        """Blank lines stand around a block if it is ``spaced``, has several lines or is a paragraph."""
        self.end()
        self._space_block(*self._blocks.pop())

    def _space_block(self, begin: int, spaced: bool = False) -> None:
        first, end = self._trimmed(begin, len(self._lines))
        if spaced or end - first > 1 or (first < end and len(self._lines[first][1]) > _PARAGRAPH):
            if not spaced and first == begin:
                self._lines.insert(begin, (self._indent, ""))
            self.end(blank=True)

    def begin_row(self) -> None:
        self.end()
        self._rows.append(_Row(self._blank, self._indent))

    def begin_cell(self) -> None:
        self.end()
        if self._rows:
            self._rows[-1].cells.append(len(self._lines))

    def count_link(self) -> None:
        if self._rows:
            self._rows[-1].links += 1

    def end_row(self) -> None:
        """Cells of one row stand on one line, or below each other if they are blocks of text or several links."""
        self.end()
        row = self._rows.pop()
        if self._rows:
            self._rows[-1].links += row.links
        ranges = [self._trimmed(*cell) for cell in pairwise([*row.cells, len(self._lines)])]
        cells = [cell for cell in ranges if cell[0] < cell[1]]
        if len(cells) == 1:
            self._space_block(row.cells[0])
        elif cells and self._fits_on_a_line(row, cells):
            self._join(row, cells)
        elif cells:
            self._stack(row, cells)

    def _fits_on_a_line(self, row: _Row, cells: list[_Range]) -> bool:
        has_blank = any(not self._lines[line][1] for first, end in cells for line in range(first, end))
        return not has_blank and row.links < 2 and sum(end - first > 1 for first, end in cells) < 2

    def _join(self, row: _Row, cells: list[_Range]) -> None:
        first, end = cells[0]
        joined = self._lines[first:end]
        for first, end in cells[1:]:
            (prefix, words), *others = self._lines[first:end]
            margin, last = joined[-1]
            joined[-1] = margin, last + _GAP + prefix[len(row.margin) :] + words
            joined += others
        joined[1:] = [(row.margin + _GAP, prefix[len(row.margin) :] + words) for prefix, words in joined[1:]]
        self._lines[row.cells[0] :] = joined if row.blank is None else [(row.blank, ""), *joined]
        self._blank = None

    def _stack(self, row: _Row, cells: list[_Range]) -> None:
        is_spaced = any(end - first > 1 for first, end in cells)
        stacked = [(row.margin, "")]
        for first, end in cells:
            stacked += self._lines[first:end]
            if is_spaced:
                stacked.append((row.margin, ""))
        self._lines[row.cells[0] :] = stacked[:-1] if is_spaced else stacked
        self.end(blank=True)

    def _trimmed(self, first: int, end: int) -> _Range:
        """The range without its blank lines at both ends."""
        while first < end and not self._lines[first][1]:
            first += 1
        while first < end and not self._lines[end - 1][1]:
            end -= 1
        return first, end

    def text(self) -> str:
        self.end()
        return "\n".join((margin + words).rstrip() for margin, words in self._lines).strip("\n") + "\n"
