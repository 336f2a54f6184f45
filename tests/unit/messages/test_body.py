"""The body of an email: where its placeholders stand, which newlines are text, whether a reader finds the link."""

import pytest

from optout.messages.body import Body
from optout.messages.placeholder import repair
from optout.messages.template import Person, compose, values
from optout.runtime.html import parse_html
from tests.unit.messages.handlebars import SITE, render

URL = "https://o.example/u/T0ken-_"


def body(source: str) -> Body:
    return Body(parse_html, repair(source))


def html(source: str, name: str = "Ada") -> str:
    """The HTML part that a person of this name gets."""
    content = compose("", body(source))
    return render(content["html"], values(content, Person(name, "a+b@x.example", URL), SITE))


def text(source: str, name: str = "Ada") -> str:
    content = compose("", body(source))
    return render(content["text"], values(content, Person(name, "a+b@x.example", URL), SITE))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[name]", "{{name_h}}"),
        ("<b title='[name]'>", "<b title='{{name_a}}'>"),
        ("<b title=[name]>", "<b title={{name_a}}>"),
        ("<a href='/?n=[name]'>", "<a href='/?n={{name_u}}'>"),
        ("<table background=/[name]>", "<table background=/{{name_u}}>"),
        ("https://x.example/?n=[name] [name]", "https://x.example/?n={{name_u}} {{name_h}}"),
        ("<style>b{x:[name]}</style>", "<style>b{x:{{name_s}}{{rb}}</style>"),
        ("<b style='x:[name]'>", "<b style='x:{{name_s}}'>"),
        ("<b onclick='[name]'>", "<b onclick='{{name_s}}'>"),
        ("<script>[name]</script>", "<script>{{name_s}}</script>"),
        ("<title>[name]</title>", "<title>{{name_h}}</title>"),
        ("<!-- [name] -->", "<!-- {{name_h}} -->"),
        (
            "<!--[if mso]><v:r href='/[name]'>[name]<![endif]-->",
            "<!--[if mso]><v:r href='/{{name_u}}'>{{name_h}}<![endif]-->",
        ),
        ("<a href=/1 href=/[name]>", "<a href=/1 href=/{{name_a}}>"),
        ("<a [name]>", "<a {{name_a}}>"),
        ("</b [name]>", "</b {{name_a}}>"),
        ("<[name]>", "<{{name_h}}>"),
        ("<a href='/'>a</a title='[name]'> [name]", "<a href='/'>a</a title='{{name_a}}'> {{name_h}}"),
        ("[name][name]", "{{name_h}}{{name_h}}"),
    ],
)  # fmt: skip
def test_a_placeholder_is_escaped_for_the_place_where_a_browser_sees_it(source: str, expected: str) -> None:
    assert body(source).html == expected


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        ("<img alt=[name] src=x>", "", "<img alt=&#32; src=x>"),
        ("<img alt=[name] src=x>", "A onload=b", "<img alt=A&#32;onload&#61;b src=x>"),
        ("<style>b{x:[name]}</style>", "}*{display:none}</style>", "<style>b{x:display:none/style}</style>"),
        ("<b style='x:[name]'>", "';y:\"z", "<b style='x:y:z'>"),
    ],
)
def test_no_name_leaves_its_place(source: str, name: str, expected: str) -> None:
    assert html(source, name) == expected


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\n\r"])
@pytest.mark.parametrize(
    "source",
    [
        "<a style='x'~href='/'>a</a>",
        "<a href=~'/'>a</a>",
        "<a~href='/'>a</a~>",
        "<a href='/~b'>a</a>",
        "<!-- ~ -->",
        "<!--[if mso]>~<![endif]-->",
        "<style>~b{}~</style>",
        "<script>~</script>",
        "<b>a</b~x='y'>",
    ],
)
def test_a_newline_within_markup_stays(source: str, newline: str) -> None:
    written = source.replace("~", newline)
    assert html(f"one{newline}{written}two") == f"one<br>\n{written}two"


@pytest.mark.parametrize(
    "damaged",
    [
        "http://[unsubscribe]",
        "https://[unsubscribe]",
        "HTTP://[unsubscribe]",
        "//[unsubscribe]",
        "https:[unsubscribe]",
        "%5Bunsubscribe%5D",
        "http://%5bunsubscribe%5d",
        "&#91;unsubscribe&#93;",
        "&#x5B;unsubscribe&#x5d;",
        "&lsqb;unsubscribe&rsqb;",
    ],
)
def test_a_placeholder_that_an_editor_damaged_is_repaired(damaged: str) -> None:
    assert html(f'<a href="{damaged}">Leave</a>') == f'<a href="{URL}">Leave</a>'


@pytest.mark.parametrize(
    "source",
    [
        "[unsubscribe]",
        "<a href=[unsubscribe]>Leave</a>",
        "<a href=' [unsubscribe] '><img src=x></a>",
        "<a href='[unsubscribe]'><b><i>Leave</i></b></a>",
        "<map><area href=[unsubscribe]></map>",
        "<p>Leave: [unsubscribe].</p>",
        "<noscript>[unsubscribe]</noscript>",
    ],
)
def test_a_link_that_a_reader_sees_is_shown(source: str) -> None:
    assert body(source).shows_link


@pytest.mark.parametrize(
    "source",
    [
        "nothing",
        "<!-- [unsubscribe] -->",
        "<!--[if mso]><a href='[unsubscribe]'>Leave</a><![endif]-->",
        "<title>[unsubscribe]</title>",
        "<style>/* [unsubscribe] */</style>",
        "<script>'[unsubscribe]'</script>",
        "<a href='[unsubscribe]'></a>",
        "<a href='[unsubscribe]'> <b></b></a> Leave",
        "<p hidden>[unsubscribe]</p>",
        "<div style='color:red; display: none'><p><a href='[unsubscribe]'>Leave</a></p></div>",
        "<img alt='[unsubscribe]'>",
        "<link href='[unsubscribe]'>Leave",
        "<template>[unsubscribe]</template>",
    ],
)
def test_a_link_that_no_reader_sees_is_not_shown(source: str) -> None:
    assert not body(source).shows_link


@pytest.mark.parametrize(
    ("url", "is_broken"),
    [
        ("[unsubscribe]", False),
        (" [unsubscribe]?x=1", False),
        ("https://track.example/?to=[unsubscribe]", False),
        ("https://editor.example/[unsubscribe]", True),
        ("ftp://[unsubscribe]", True),
        ("[Site_URL]/[unsubscribe]", True),
    ],
)
def test_nothing_stands_before_the_link_in_its_url(url: str, is_broken: bool) -> None:
    assert body(f'<a href="{url}">Leave</a>').breaks_link is is_broken


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<table><tr><td>Tea</td><td>12.00</td></tr><tr><td>Milk</td><td>3</td></tr></table>", "Tea  12.00\nMilk  3\n"),
        ("<table><tr><td>Tea<td>12<tr><td>Milk<td>3</table>", "Tea  12\nMilk  3\n"),
        ("<section>One</section><section>Two</section>", "One\nTwo\n"),
        ("<h5>A</h5>b<h6>C</h6>d", "A\n\nb\n\nC\n\nd\n"),
        ("a<hr>b", "a\n" + "-" * 40 + "\nb\n"),
        ("<dl><dt>Term<dd>Its meaning</dl>", "Term\n  Its meaning\n"),
        ("<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc\n"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>", "* a\n* b\n  * c\n"),
        ("<ol start=9><li>a<li>b</ol>", "9. a\n10. b\n"),
        ("<ul><li>a<br>b</ul>", "* a\n  b\n"),
        ("a<blockquote>b<p>c</blockquote>d", "a\n\n> b\n>\n> c\n\nd\n"),
        ("a <img alt='a cat' src=x> b<img src=y>", "a a cat b\n"),
        ("<map><area href=/x alt='Home'></map>", "Home (/x)\n"),
        ("<a href='mailto:a@x.example'>a@x.example</a>", "a@x.example\n"),
        ("<a href='https://x.example'>x.example</a>", "x.example\n"),
        ("<a href='#top'>Up</a> <a href='javascript:x()'>Do</a>", "Up Do\n"),
        ("<a href='https://x.example/\n a b'>x</a>", "x (https://x.example/%20a%20b)\n"),
        ("<a href='/?a=1&currency=EUR&copy;=2&region'>x</a>", "x (/?a=1&currency=EUR\u00a9=2&region)\n"),
        ("a&currency b&copy b", "a\u00a4cy b\u00a9 b\n"),
        ("a<style>b<!-- c</style>d", "ad\n"),
        ("a<p style='display:none'>preheader</p>b", "ab\n"),
        ("fu\u00adss\u200bball&nbsp;&zwnj;x", "fussball \u200cx\n"),
        ("<select><option>a<option>b</select>", "a\nb\n"),
        ("one\ntwo\n\nthree", "one\ntwo\n\nthree\n"),
        ("<a href='https://x.example/?n=[name]'>[name]</a>", "A & B (https://x.example/?n=A%20%26%20B)\n"),
        ("<a href='[Site_URL]/?e=[email]'>x</a>", "x (https://site.example/?e=a%2Bb@x.example)\n"),
        ("see https://x.example/[name] [name]", "see https://x.example/A%20%26%20B A & B\n"),
    ],
)
def test_the_text_part_keeps_what_html_keeps(source: str, expected: str) -> None:
    assert text(source, "A & B") == expected


def test_a_body_may_be_nested_deeply() -> None:
    assert body("<div>" * 5_000 + "[unsubscribe]").shows_link


def test_a_body_that_looks_like_our_marks_is_read_as_any_other() -> None:
    source = "[q0-0.name] \f [name] q1- [q0-1.name]"
    assert html(source) == "[q0-0.name] \f Ada q1- [q0-1.name]"
