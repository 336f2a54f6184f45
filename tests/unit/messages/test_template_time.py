"""However broken a body is, the time it takes to read it grows with its length and not with the square of it."""

import time

import pytest

from optout.messages.body import Body
from optout.messages.template import compose
from optout.runtime.html import parse_html

LENGTH = 50_000
LONGEST = 5.0  # seconds of processor time; reading every tag to the end of the body would take minutes
BROKEN = [
    "<",
    "<a ",
    "<a href=",
    '<a href="',
    '<a b="',
    "<a b='",
    "<a b=c ",
    "<a/",
    "<!",
    "<!--",
    "<![CDATA[",
    "<?",
    "</",
    "</a",
    "<p ",
    "<svg/",
    "<script>",
    "<script",
    "<style><",
    "<title>",
    "&",
    "&#",
    "&#9",
    "&#x9",
    "{",
    "\\",
    "\\{",
    "[name]",
    "[name",
    " href",
    ' href="',
    " href =  ",
    '<a href="x">x',
    "\n",
    "\r",
    "<p>\n",
    " ",
    "\t\n",
]


@pytest.mark.parametrize("before", ["", "<p>"])
@pytest.mark.parametrize("piece", BROKEN)
def test_a_body_of_broken_pieces_is_read_in_time(piece: str, before: str) -> None:
    start = time.process_time()
    compose("x", Body(parse_html, before + piece * (LENGTH // len(piece))))
    assert time.process_time() - start < LONGEST
