"""Any HTML, any name and any URL: the parser that follows the HTML standard decides what an email says."""

import html
import re
from collections.abc import Mapping
from itertools import count
from urllib.parse import unquote

from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from optout.messages.body import Body
from optout.messages.headers import CONTROL
from optout.messages.markup import NOT_RENDERED
from optout.messages.plain_text import plain_text
from optout.messages.template import Person
from optout.runtime.html import parse_html
from tests.support.grammar import GRAMMAR
from tests.unit.messages.handlebars import ADA, mail

NAMES = (
    "a b i span font p div center section h1 h4 pre ul ol li dl dt dd blockquote table caption thead tbody tr td th "
    "col select option button form label q ruby rt address article map textarea title style script noscript o:p v:rect"
).split()
TAGS = st.sampled_from(NAMES).flatmap(lambda name: st.sampled_from([f"<{name}>", f"</{name}>", f"<{name} class=Mso>"]))
OTHERS = st.sampled_from(
    [
        *("<br>", "<hr>", "<img alt='' src=x>", "<a href='/u'>", "<area href='/u'>", "<!-- c -->", "&nbsp;", "&amp;"),
        *("<!--[if mso]>", "<![endif]-->", "<p", "<", "&#0;", "</", "<!", "\n", "\f", " "),
    ]
)
WORD = "\0"


def numbered(source: str) -> str:
    """The source with a word of its own in each place of `WORD`."""
    words = count()
    return re.sub(WORD, lambda _: f"w{next(words)}", source)


def some(parts: st.SearchStrategy[str], largest: int = 3) -> st.SearchStrategy[str]:
    return st.lists(parts, min_size=1, max_size=largest).map("".join)


def tagged(tag: str, inner: st.SearchStrategy[str], closed: st.SearchStrategy[bool]) -> st.SearchStrategy[str]:
    return st.tuples(inner, closed).map(lambda drawn: f"<{tag}>{drawn[0]}" + f"</{tag}>" * drawn[1])


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Blocks whose end tags are left out where the standard allows it."""
    optional, always = st.booleans(), st.just(True)
    cell = st.one_of(tagged("td", inner, optional), tagged("th", inner, optional))
    body = tagged("tbody", some(tagged("tr", some(cell), optional)), optional)
    term = st.tuples(tagged("dt", st.just(WORD), optional), tagged("dd", inner, optional)).map("".join)
    return st.one_of(
        some(inner),
        *(tagged(tag, inner, always) for tag in ("div", "section", "blockquote", "pre", "center", "h5")),
        *(tagged(tag, some(tagged("li", inner, optional)), always) for tag in ("ul", "ol")),
        tagged("dl", some(term), always),
        tagged("table", some(body), always),
    )


SOUP = some(st.one_of(st.just(WORD), TAGS, OTHERS), 30).map(numbered)
BLOCKS = st.recursive(
    st.sampled_from([f"<p>{WORD}", f"<p>{WORD}</p>", f"<div>{WORD}</div>"]), blocks, max_leaves=12
).map(numbered)
NAME = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SUFFIX = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="["), max_size=30)


def first(page: LexborHTMLParser, selector: str) -> tuple[Mapping[str, str], str]:
    """The attributes and the text of the first such element."""
    (node, *_) = page.css(selector)
    return {name: value or "" for name, value in node.attributes.items()}, node.text()


@GRAMMAR
@given(source=SOUP)
def test_the_text_part_has_the_words_that_the_parser_shows(source: str) -> None:
    page = LexborHTMLParser(source)
    page.strip_tags(sorted(NOT_RENDERED - {"head"}))
    shown = page.body.text() if page.body else ""
    assert re.findall(r"w\d+", plain_text(list(parse_html(source)))) == re.findall(r"w\d+", shown)


@GRAMMAR
@given(source=BLOCKS)
def test_words_in_different_blocks_stay_apart_and_in_order(source: str) -> None:
    words = re.findall(r"\bw\d+\b", plain_text(list(parse_html(source))))
    assert words == re.findall(r"w\d+", source)


@example(source="<select><a>", at=0, link="<a href=[unsubscribe]>Leave")  # a link within another
@GRAMMAR
@given(
    source=st.one_of(SOUP, BLOCKS), at=st.integers(0, 400), link=st.sampled_from(["", "<a href=[unsubscribe]>Leave"])
)
def test_a_reader_of_the_text_finds_the_link_if_a_reader_of_the_html_does(source: str, at: int, link: str) -> None:
    body = Body(parse_html, source[:at] + (link or "[unsubscribe]") + source[at:])
    assert not body.shows_link or "{{unsubscribe}}" in body.text


@GRAMMAR
@given(name=NAME)
def test_a_name_is_that_name_in_every_place_of_both_parts(name: str) -> None:
    found = mail(
        "[name]",
        "<p><b title='[name]' class=[name]>[name]</b><a href='https://x.example/?n=[name]&m=1'>x</a></p>"
        "<!--[if mso]></p><p title=[name]><![endif]--><i style='x:[name]'>.</i>",
        Person(name, ADA.email, ADA.unsubscribe_url),
    )
    shown = CONTROL.sub(" ", name)
    url = f"https://x.example/?n={shown}&m=1"
    assert [tag for kind, tag, _ in parse_html(found["html"]) if kind == "start"] == "html head body p b a i".split()
    page = LexborHTMLParser(found["html"])
    assert first(page, "b") == ({"title": shown or " ", "class": shown or " "}, shown)
    assert unquote(first(page, "a")[0]["href"]) == url
    assert set(first(page, "i")[0]["style"]) <= {*shown, *"x:"}
    words, _, link = found["text"].removesuffix("\n\n.\n").rpartition("x (")
    assert (words, unquote(link)) == (shown, f"{url})")
    assert found["subject"] == shown


@GRAMMAR
@given(suffix=SUFFIX)
def test_a_link_with_any_suffix_is_the_same_link_in_both_parts(suffix: str) -> None:
    found = mail("", f'<p><a href="[unsubscribe]{html.escape(suffix)}">Leave</a></p><p>.</p>')
    assert first(LexborHTMLParser(found["html"]), "a")[0]["href"] == ADA.unsubscribe_url + suffix
    url = found["text"].removeprefix("Leave (").removesuffix(")\n\n.\n")
    assert not re.search(r"\s", url)
    assert unquote(url) == unquote((ADA.unsubscribe_url + suffix).strip(" "))
