"""The text part keeps apart what HTML keeps apart, and every link with its URL."""

import pytest

from optout.messages.plain_text import plain_text
from optout.runtime.html import parse_html


def text(source: str) -> str:
    return plain_text(list(parse_html(source)))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo\n"),
        ("<p>one\n  two</p>", "one two\n"),
        ("<p>a</p>\n\n\n<p>b</p>", "a\n\nb\n"),
        ("one<br>two<br/>three", "one\ntwo\nthree\n"),
        ("one<br><br><br>two", "one\n\ntwo\n"),
        ("<section>One</section><section>Two</section>", "One\nTwo\n"),
        ("<article>a</article><header>b</header><footer>c</footer><center>d</center>", "a\nb\nc\nd\n"),
        ("<h1>A</h1><h5>B</h5>c<h6>D</h6>e", "A\n\nB\n\nc\n\nD\n\ne\n"),
        ("a<hr>b", "a\n" + "-" * 40 + "\nb\n"),
        ("<dl><dt>Term<dd>Its meaning</dl>", "Term\n  Its meaning\n"),
        ("<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc\n"),
        ("a<blockquote>b<p>c</blockquote>d", "a\n\n> b\n>\n> c\n\nd\n"),
        ("<select><option>a<option>b</select>", "a\nb\n"),
        ("<p>say <q>no</q>", 'say "no"\n'),
        ("", "\n"),
    ],
)
def test_blocks_stand_on_lines_of_their_own(source: str, expected: str) -> None:
    assert text(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<h1>A</h1><ul><li>b</li><li>c</li></ul>", "A\n\n* b\n* c\n"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", "* a\n* b\n  * c\n"),
        ("<ol start=9><li>a<li>b</ol>", "9. a\n10. b\n"),
        ("<ol start=-1><li>a</ol><ol start=x><li>b</ol>", "-1. a\n\n1. b\n"),
        (f"<ol start={'9' * 5_000}><li>a</ol>", "1. a\n"),
        ("<ul><li>a<br>b</ul>", "* a\n  b\n"),
        ("<ul><li><p>a</p></li><li><p>b</p><p>c</p></li></ul>", "* a\n\n* b\n\n  c\n"),
        ("<ul><li><blockquote>a</blockquote>b</ul>", "* > a\n\n  b\n"),
        ("a<ul><li></ul><blockquote>b</blockquote>", "a\n\n> b\n"),
        ("<ul><li></li><li><ol><li>a</ol>b</ul>", "* 1. a\n  b\n"),
        ("<ul><li><table><tr><td>a<td>b</table></ul>", "* a  b\n"),
    ],
)
def test_items_have_bullets_or_numbers(source: str, expected: str) -> None:
    assert text(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<table><tr><td>Tea</td><td>12.00</td></tr><tr><td>Milk</td><td>3</td></tr></table>", "Tea  12.00\nMilk  3\n"),
        ("<table><tr><th>Tea<td>12<tr><th>Milk<td>3</table>", "Tea  12\nMilk  3\n"),
        ("<table><tr><td><p>Tea</p><td><p>12</p><tr><td><p>Milk</p><td><p>3</p></table>", "Tea  12\nMilk  3\n"),
        ("<table><tr><td><table><tr><td>Tea</table><td>12</table>", "Tea  12\n"),
        ("<table><tr><td>Tea<td>&nbsp;<td>12</table>", "Tea  12\n"),
        ("a<table><tr><td>Tea<td>12</table>b", "a\n\nTea  12\n\nb\n"),
        ("<blockquote><table><tr><td>Tea<td>12</table></blockquote>", "> Tea  12\n"),
        ("<table><tr></tr><tr><td><tr><td>Tea<td>12</table>", "Tea  12\n"),
    ],
)
def test_cells_of_one_line_stand_on_one_line(source: str, expected: str) -> None:
    assert text(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<td>Tea<br>green<td>12<tr><td>Milk<td>3", "Tea\n  green  12\nMilk  3\n"),
        ("<td>Tea<td>12<br>with tax", "Tea  12\n  with tax\n"),
        ("<td>a<br>b<td>c<br>d<tr><td>e<td>f", "a\nb\n\nc\nd\n\ne  f\n"),
        ("<td>a<p>b</p><td>c", "a\n\nb\n\nc\n"),
        ("<td><table><td><a href=/1>a</a></table><td><table><td><a href=/2>b</a></table>", "a (/1)\nb (/2)\n"),
        ("<td><a href=/1>a</a><td><a href=/2>b</a><tr><td>c<td>d", "a (/1)\nb (/2)\n\nc  d\n"),
    ],
)
def test_cells_that_are_blocks_of_text_stand_below_each_other(source: str, expected: str) -> None:
    assert text(f"<table><tr>{source}</table>") == expected


LONG = "This line is too long for a row of a table, so that it is a paragraph."


@pytest.mark.parametrize("role", ["", " role=presentation"])
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<table><tr><td>a</table><table><tr><td>b</table>", "a\nb\n"),
        ("a<table><tr><td><table><tr><td>b</table></table>c", "a\nb\nc\n"),
        ("<table><tr><td>a<br>b</table><table><tr><td>c</table>", "a\nb\n\nc\n"),
        (f"<table><tr><td>{LONG}</table><table><tr><td>c</table>", f"{LONG}\n\nc\n"),
        (f"<table><tr><td>a<tr><td>{LONG}<tr><td>c</table>", f"a\n\n{LONG}\n\nc\n"),
    ],
)
def test_a_nested_table_has_blank_lines_around_it_only_if_it_is_a_block_of_text(
    source: str, expected: str, role: str
) -> None:
    page = f"<table><tr><td>{source}</td></tr></table>".replace("<table", f"<table{role}")
    assert text(page) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p class=MsoNormal>a<o:p></o:p></p><p class=MsoNormal>b</p>", "a\nb\n"),
        ("<p class=MsoNormal>a</p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>b</p>", "a\n\nb\n"),
        (f"<p class=MsoNormal>{LONG}</p><p class=MsoNormal>b</p>", f"{LONG}\n\nb\n"),
        ("<div>a</div><div>&nbsp;</div><div>b</div>", "a\n\nb\n"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb\n"),
        ("<div>a</div><div>b&nbsp;</div><div>c</div>", "a\nb\nc\n"),
    ],
)
def test_a_blank_line_is_where_the_writer_made_one(source: str, expected: str) -> None:
    assert text(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<a href=https://x.example>here</a>", "here (https://x.example)\n"),
        ("<a href=/one>one<a href=/two>two</a>", "one (/one) two (/two)\n"),
        ("<a name=x>bye</a>", "bye\n"),
        ("<a data-href=/one title='href=/two'>x</a>", "x\n"),
        ("<a title='a > b' href=/1>here</a>", "here (/1)\n"),
        ("<a href='#top'>Up</a> <a href='javascript:x()'>Do</a>", "Up Do\n"),
        ("Go <a href=/1>here</a>, <a href=/2>there</a>.", "Go here (/1), there (/2).\n"),
        ("Go <a href=/1>here</a>(or not) <a href=/2>x</a> .y", "Go here (/1) (or not) x (/2) .y\n"),
        ("<a href=/1><h2>Title</h2><p>words</p></a>more", "Title\n\nwords (/1)\n\nmore\n"),
        ("<map><area href=/1 alt=Home><area href=/2></map>x", "Home (/1)\n/2\nx\n"),
        ("<a href='/?a=1&currency=EUR&copy;=2&region'>x</a>", "x (/?a=1&currency=EUR\u00a9=2&region)\n"),
        ("<a href='/?a=1&amp;b=2'>x</a>", "x (/?a=1&b=2)\n"),
    ],
)
def test_a_link_is_followed_by_its_url(source: str, expected: str) -> None:
    assert text(source) == expected


@pytest.mark.parametrize(
    ("href", "words"),
    [
        ("https://x.example", "https://x.example"),
        ("https://x.example/", "https://x.example"),
        ("https://x.example", "x.example/"),
        ("http://x.example/a", "https://x.example/a"),
        ("https://x.example/a", "X.example/a"),
        ("https://x.example/a/b", "<b>x.example</b>/<i>a</i><wbr>/b"),
        ("https://x.example/a", "<b>https://</b><span>x.example</span><span>/a</span>"),
        ("mailto:a@x.example", "a@x.example"),
        ("tel:+4930123456", "+49 30 123456"),
        ("tel:+15550100199", "+1 (555) 010-0199"),
    ],
)
def test_a_url_that_the_words_spell_is_not_repeated(href: str, words: str) -> None:
    assert "(http" not in text(f"<a href={href}>{words}</a>") + text(f"<a href=' {href} '> {words} </a>")
    assert "(mailto" not in text(f"<a href={href}>{words}</a>")
    assert "(tel" not in text(f"<a href={href}>{words}</a>")


@pytest.mark.parametrize(
    ("href", "words"),
    [
        ("https://x.example/b", "x.example/a"),
        ("https://evil.example", "https://x.example"),
        ("https://x.example/A", "x.example/a"),
        ("https://10.0.0.1", "100.0.1"),
        ("mailto:a@x.example?subject=Hi", "a@x.example"),
        ("tel:+49301", "+49302"),
        ("https://x.example", "x"),
    ],
)
def test_a_url_that_differs_from_the_words_is_shown(href: str, words: str) -> None:
    assert text(f"<a href={href}>{words}</a>") == f"{words} ({href})\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a <img alt='a cat' src=x> b<img src=y>", "a a cat b\n"),
        ("<a href=/1><img alt=bye></a>", "bye (/1)\n"),
        ("<a href=/1><img src=x></a>", "/1\n"),
        ("<a href=/1><img src=x></a> <a href=/1>Mug</a>", "Mug (/1)\n"),
        ("<a href=/1>Mug</a> <a href=/1><img src=x></a>", "Mug (/1)\n"),
        ("<a href=/1><img src=x></a> <a href=/2>Mug</a>", "/1 Mug (/2)\n"),
        ("a<img alt=spacer width=1 height=20><img alt=pixel height=0><img alt=dot width=' 1px'>b", "ab\n"),
        ("<img alt=logo width=100% height=10>", "logo\n"),
    ],
)
def test_a_picture_is_its_alternative_text(source: str, expected: str) -> None:
    assert text(source) == expected


@pytest.mark.parametrize(
    "hidden",
    [
        "<p style='display:none'>preheader</p>",
        "<div style='color:red;DISPLAY : none !important'>preheader</div>",
        "<div style='visibility:hidden'>preheader</div>",
        "<div style='max-height:0px;overflow:hidden'>preheader</div>",
        "<div style='overflow:hidden; height:0'>preheader</div>",
        "<div style='opacity:0.0;font-size:1px'>preheader</div>",
        "<span hidden>preheader</span>",
        "<style>b<!-- c</style>",
        "<script>x()</script>",
        "<!-- <p>x</p> -->",
        "<!--[if mso]><p>x</p><![endif]-->",
        "<template>x</template>",
    ],
)
def test_what_a_reader_does_not_see_is_left_out(hidden: str) -> None:
    assert text(f"<b>a</b>{hidden}<b>b</b>").replace("\n", "") == "ab"


@pytest.mark.parametrize(
    "style", ["max-height:0", "max-height:10px;overflow:hidden", "opacity:0.5", "line-height:0;overflow:hidden"]
)
def test_what_a_reader_sees_is_kept(style: str) -> None:
    assert text(f"<b style='{style}'>seen</b>") == "seen\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("fu\u00adss\u200bball&nbsp;&zwnj;x", "fussball \u200cx\n"),
        ("a &zwnj; &#847;&zwnj;&nbsp;&zwj; b", "a b\n"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645\n"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469\n"),
        ("fish &amp; chips &lt;3", "fish & chips <3\n"),
        ("a&currency b&copy b", "a\u00a4cy b\u00a9 b\n"),
        ("a &#x41; &#65; &#99999999999;b", "a A A \ufffdb\n"),
        ("&#" + "9" * 5_000 + "x", "\ufffdx\n"),
        ("1 < 2 > 0 & <3", "1 < 2 > 0 & <3\n"),
        ("<head><title>t</title></head><p>seen</p>", "seen\n"),
        ("<p>a</style>b</p>", "ab\n"),
        ("a <!-- b", "a\n"),
        ("<!doctype html><?xml ?>a", "a\n"),
        ("<p", "\n"),
    ],
)
def test_characters_are_those_that_a_reader_sees(source: str, expected: str) -> None:
    assert text(source) == expected
