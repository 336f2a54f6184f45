"""Braces and backslashes of a body reach its reader as they are, wherever placeholders stand."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.messages.template import Person
from tests.unit.messages.handlebars import Misread, mail, render

PIECES = st.lists(
    st.sampled_from(["{", "}", "\\", "{{", "}}", "[name]", "[email]", "nameH", "a", " ", "&"]), max_size=9
)
NAMES = st.text('{}\\[]ae<"& ', max_size=8)


@given(pieces=PIECES, name=NAMES)
def test_in_the_subject(pieces: list[str], name: str) -> None:
    values = {"[name]": name, "[email]": "ada@example.com"}
    expected = "".join(values.get(piece, piece) for piece in pieces)
    assert mail("".join(pieces), "", Person(name, "ada@example.com", "u"))["subject"] == expected


@given(pieces=PIECES, name=NAMES)
def test_in_the_html(pieces: list[str], name: str) -> None:
    values = {"[name]": html.escape(name), "[email]": "ada@example.com"}
    expected = "".join(values.get(piece, piece) for piece in pieces)
    assert mail("", "".join(pieces), Person(name, "ada@example.com", "u"))["html"] == expected


@pytest.mark.parametrize(
    "literal",
    [
        "{{",
        "}}",
        "{{name}}",
        "{{{name}}}",
        "{{#if x}}{{/if}}",
        "{{> partial}}",
        "{{!-- gone --}}",
        r"\{{x}}",
        r"\\{{x}}",
        "{\\{",
        "{",
        "}",
        "\\",
        "\\\\",
        r"C:\{x}",
        "{{lb}}",
        "@media print{p{color:red}}",
    ],
)
@pytest.mark.parametrize(
    "body", ["{}", "[name]{}", "{}[name]", "[name]{}[name]", '<i class="{}">', "<a href='{}'>{}</a>"]
)
def test_alone_or_beside_placeholders_and_links(literal: str, body: str) -> None:
    written = body.replace("{}", literal)
    assert mail("", written)["html"] == written.replace("[name]", "Ada King Lovelace")


@pytest.mark.parametrize("template", ["{{{x}}}", r"\{{x}}", "{{x}}}", "{{ x }}", "{{x", "{{#x}}{{/x}}"])
def test_the_renderer_refuses_what_handlebars_reads_otherwise(template: str) -> None:
    with pytest.raises(Misread):
        render(template, {"x": "1"})


def test_the_renderer_refuses_a_missing_value() -> None:
    with pytest.raises(KeyError):
        render("{{x}}", {})
