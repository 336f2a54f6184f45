"""Forty emails in the styles of common editors, and their text parts, which are kept as files in tests/emails.

After a change, `REWRITE_EMAILS=1 ./dev test --quick tests/unit/messages/test_emails.py` writes the text parts again.
Read their diff: each should be pleasant to read for a person.
"""

import os
from pathlib import Path

import pytest

from optout.messages.body import Body
from optout.messages.placeholder import repair
from optout.messages.template import compose, values
from optout.runtime.html import parse_html
from tests.unit.messages.handlebars import ADA, SITE, render

EMAILS = sorted(Path(__file__).parents[2].joinpath("emails").glob("*.html"))


@pytest.mark.parametrize("email", EMAILS, ids=lambda email: email.stem)
def test_the_text_part_reads_as_it_did_when_a_person_read_it(email: Path) -> None:
    body = Body(parse_html, repair(email.read_text()))
    content = compose("", body)
    text = render(content["text"], values(content, ADA, SITE))
    golden = email.with_suffix(".txt")
    if os.environ.get("REWRITE_EMAILS"):
        golden.write_text(text)
    assert text == golden.read_text()
    assert body.shows_link
    assert not body.breaks_link
    assert ADA.unsubscribe_url in text
