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
        ("[name]", "{{nameH}}"),
        ("<b title='[name]'>", "<b title='{{nameA}}'>"),
        ("<b title=[name]>", "<b title={{nameA}}>"),
        ("<a href='/?n=[name]'>", "<a href='/?n={{nameU}}'>"),
        ("<table background=/[name]>", "<table background=/{{nameU}}>"),
        ("https://x.example/?n=[name] [name]", "https://x.example/?n={{nameU}} {{nameH}}"),
        ("<style>b{x:[name]}</style>", "<style>b{x:{{nameS}}{{rb}}</style>"),
        ("<b style='x:[name]'>", "<b style='x:{{nameS}}'>"),
        ("<b onclick='[name]'>", "<b onclick='{{nameS}}'>"),
        ("<script>[name]</script>", "<script>{{nameS}}</script>"),
        ("<title>[name]</title>", "<title>{{nameH}}</title>"),
        ("<!-- [name] -->", "<!-- {{nameH}} -->"),
        ("<a href=/1 href=/[name]>", "<a href=/1 href=/{{nameA}}>"),
        ("<a [name]>", "<a {{nameA}}>"),
        ("</b [name]>", "</b {{nameA}}>"),
        ("<[name]>", "<{{nameH}}>"),
        ("<a href='/'>a</a title='[name]'> [name]", "<a href='/'>a</a title='{{nameA}}'> {{nameH}}"),
        ("[name][name]", "{{nameH}}{{nameH}}"),
    ],
)  # fmt: skip
def test_a_placeholder_is_escaped_for_the_place_where_a_browser_sees_it(source: str, expected: str) -> None:
    assert body(source).html == expected


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("</td><td width=[name]>", "</td><td width={{nameA}}>"),
        ("</td></tr><tr><td style='width:[name]'>", "</td></tr><tr><td style='width:{{nameS}}'>"),
        ("</td><td background='/[name]'>", "</td><td background='/{{nameU}}'>"),
        ("<style>td{x:[name];}</style>", "<style>td{x:{{nameS}};}</style>"),
        ("<style>td{x:[name];}", "<style>td{x:{{nameS}};}"),
        ("<script>x('[name]')</script>", "<script>x('{{nameS}}')</script>"),
        ("<a onclick=\"x('[name]')\">", "<a onclick=\"x('{{nameS}}')\">"),
        ("<v:rect href='/?n=[name]'><b>[name]</b>", "<v:rect href='/?n={{nameU}}'><b>{{nameH}}</b>"),
        ("https://x.example/[name] [name]", "https://x.example/{{nameU}} {{nameH}}"),
        ("[name]", "{{nameH}}"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "comment",
    [
        "<!--[if mso]>~<![endif]-->",
        "<!--[if (gte mso 9)|(IE)]>~<![endif]-->",
        "<!-- [if mso | IE]>\n~\n<![endif]-->",
        "<!--[IF !mso]><!-->~<!--<![ENDIF]-->",
        "<!--[if !mso]>-->~<!-- <![endif]-->",
        "<!--[if mso]><td><![endif]--><!--[if mso]>~<![endif]-->",
    ],
)
def test_a_conditional_comment_is_read_as_part_of_the_document(inside: str, expected: str, comment: str) -> None:
    source = f"<table><tr><td>a{comment}b</td></tr></table>"
    assert body(source.replace("~", inside)).html == source.replace("~", expected)


@pytest.mark.parametrize("tag", ["</td><td width=[name]>", "<td title='[name]'>", "<tr [name]>"])
def test_a_tag_in_a_conditional_comment_that_fits_nowhere_is_a_tag(tag: str) -> None:
    source = f"<!--[if mso]>{tag}<![endif]-->"
    assert body(source).html == source.replace("[name]", "{{nameA}}")


def test_a_comment_that_only_looks_conditional_is_a_comment() -> None:
    assert body("<!-- [if you ask me, [name]] --> <b>x</b>").html == "<!-- [if you ask me, {{nameH}}] --> <b>x</b>"


def test_the_link_in_a_conditional_comment_is_not_broken_either() -> None:
    assert body("<!--[if mso]><v:rect href='https://editor.example/[unsubscribe]'><![endif]-->").breaks_link


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


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\n\r"])
def test_without_block_html_every_newline_becomes_a_break(newline: str) -> None:
    source = f"one{newline}two <b>three</b>{newline}"
    assert html(source) == "one<br>\ntwo <b>three</b><br>\n"
    assert text(source) == "one\ntwo three\n"


@pytest.mark.parametrize(
    "block", ["<p>x</p>", "<DIV>x</DIV>", "<table>", "x<br>", "<br/>", "<h1>x</h1>", "<pre>", "<hr>"]
)
def test_with_block_html_newlines_stay(block: str) -> None:
    assert html(f"one\n{block}\ntwo") == f"one\n{block}\ntwo"


def test_a_tag_that_only_begins_like_a_block_is_none() -> None:
    assert html("<person>a\nb</person>") == "<person>a<br>\nb</person>"


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
        "<div style='font-size:0;line-height:0;opacity:0.9;height:0'>[unsubscribe]</div>",
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
        "<a href='[unsubscribe]'>&nbsp;&zwnj;&#8203;&shy;</a>",
        "<dialog>[unsubscribe]</dialog>",
        "<a href='[unsubscribe]'> <b></b></a> Leave",
        "<p hidden>[unsubscribe]</p>",
        "<div style='color:red; display: none'><p><a href='[unsubscribe]'>Leave</a></p></div>",
        "<img alt='[unsubscribe]'>",
        "<a href='[unsubscribe]'><img width=1 height=1 src=x></a>",
        "<div style='max-height:0;overflow:hidden'>[unsubscribe]</div>",
        "<div style='opacity: 0'>[unsubscribe]</div>",
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
    ("words", "is_broken"),
    [
        ("Leave: [unsubscribe]", False),
        ("https://shop.example [unsubscribe]", False),
        ("https://shop.example<br>[unsubscribe]", False),
        ("https://track.example/?to=[unsubscribe]", False),
        ("https://editor.example/[unsubscribe]", True),
        ("[Site_URL]/[unsubscribe]", True),
    ],
)
def test_nothing_stands_before_the_link_in_a_url_of_the_text(words: str, is_broken: bool) -> None:
    assert body(f"<p>{words}</p>").breaks_link is is_broken


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<a href='https://x.example/?n=[name]'>[name]</a>", "A & B (https://x.example/?n=A%20%26%20B)\n"),
        ("<a href='[Site_URL]/?e=[email]'>x</a>", "x (https://site.example/?e=a%2Bb@x.example)\n"),
        ("see https://x.example/[name] [name]", "see https://x.example/A%20%26%20B A & B\n"),
        ("<a href='https://x.example/[name]'>x.example/[name]</a>", "x.example/A & B\n"),
        ("<a href='mailto:[email]'>[email]</a>", "a+b@x.example\n"),
        ("<a href='/[name]'>x.example/[email]</a>", "x.example/a+b@x.example (/A%20%26%20B)\n"),
        ("<a href='https://x.example/\n a b\u3000c '>x</a>", "x (https://x.example/%20a%20b%E3%80%80c)\n"),
        ("<img alt='a\nb'><br>c", "a b\nc\n"),
        ('<a href="[unsubscribe]">bye</a>', f"bye ({URL})\n"),
        ('<a href="[unsubscribe]"><img src="bye.png"></a>', f"{URL}\n"),
        ('<a href="[unsubscribe]">bye', f"bye ({URL})\n"),
    ],
)
def test_a_value_in_a_url_of_the_text_part_is_part_of_the_url(source: str, expected: str) -> None:
    assert text(source, "A & B") == expected


def test_a_body_may_be_nested_deeply() -> None:
    assert body("<div>" * 5_000 + "[unsubscribe]").shows_link


def test_a_body_that_looks_like_our_marks_is_read_as_any_other() -> None:
    source = "[q0-0.name] \f [name] q1- [q0-1.name]"
    assert html(source) == "[q0-0.name] \f Ada q1- [q0-1.name]"
