"""Templates: every value appears once, whole, and escaped for its context."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.messages.body import Body
from optout.messages.placeholder import Place, variable
from optout.messages.template import Person, compose, values
from optout.runtime.html import parse_html
from tests.unit.messages.handlebars import SITE, mail

URL = "https://o.example/u/T0ken-_"


def person(name: str = "Ada King Lovelace", email: str = "ada@example.com", url: str = URL) -> Person:
    return Person(name, email, url)


def html(body: str, **fields: str) -> str:
    return mail("", body, person(**fields))["html"]


def text(body: str, **fields: str) -> str:
    return mail("", body, person(**fields))["text"]


@pytest.mark.parametrize(
    ("placeholder", "value"),
    [
        ("[name]", "Ada King Lovelace"),
        ("[fname]", "Ada"),
        ("[lname]", "Lovelace"),
        ("[email]", "ada@example.com"),
        ("[unsubscribe]", URL),
        ("[Site_Name]", SITE.name),
        ("[Site_URL]", SITE.url),
    ],
)
def test_every_placeholder_has_its_value_in_subject_html_and_text(placeholder: str, value: str) -> None:
    found = mail(f"Hi {placeholder}!", f"Hi {placeholder}, {placeholder}!")
    assert found == {"subject": f"Hi {value}!", "html": f"Hi {value}, {value}!", "text": f"Hi {value}, {value}!\n"}


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("Ada", "Ada", "Ada"), ("", "", ""), ("A B C", "A", "C"), (" A B ", "A", "B"), ("A  B", "A", "B"), (" ", "", "")],
)
def test_first_and_last_name_are_the_first_and_the_last_word(name: str, first: str, last: str) -> None:
    assert html("[[name]|[fname]|[lname]]", name=name) == f"[{name}|{first}|{last}]"
    assert mail("[fname]|[lname]", "x", person(name=name))["subject"] == f"{first}|{last}"


def test_nobody_is_called_undefined_or_none() -> None:
    for part in mail("Hi [name]", "Hi [name]|[fname]|[lname]|", person(name="")).values():
        assert part.strip() in ("Hi", "Hi |||")


@pytest.mark.parametrize(
    "name", ["[email]", "[unsubscribe]", "{{emailH}}", "{{{x}}}", r"\1 \g<0> $& $1 $`", "%s", "{0}", "ada@b.example"]
)
def test_a_name_is_never_read_as_anything_but_a_name(name: str) -> None:
    found = mail("[name]", "[name]", person(name=name))
    assert found["subject"] == name
    assert found["text"] == name + "\n"
    assert found["html"] == name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_in_html_text_a_value_is_escaped() -> None:
    assert html("<p>[name]</p>", name="<b>\"A\" & 'B'</b>") == (
        "<p>&lt;b&gt;&quot;A&quot; &amp; &#x27;B&#x27;&lt;/b&gt;</p>"
    )


@pytest.mark.parametrize("quote", ['"', "'", ""])
@pytest.mark.parametrize("attribute", ["href", "HREF", "src", "href "])
def test_in_a_link_a_value_is_quoted_for_a_url(quote: str, attribute: str) -> None:
    body = f"<a {attribute}={quote}https://x.example/?q=[name]&e=[email]{quote}>x</a>"
    found = html(body, name="A&B /c'd\"é >x", email="a+b@example.com")
    assert (
        found
        == f"<a {attribute}={quote}https://x.example/?q=A%26B%20%2Fc%27d%22%C3%A9%20%3Ex&e=a%2Bb@example.com{quote}>x</a>"
    )


def test_a_name_cannot_make_a_link_of_another_scheme() -> None:
    assert 'href="javascript:' not in html('<a href="[name]">x</a>', name="javascript:alert(1)")


def test_a_link_of_ours_stays_a_link() -> None:
    url = "https://o.example/u/abc?x=1&y=2"
    body = '<a href="[unsubscribe]">bye</a> <img src="[Site_URL]/i.png">'
    expected = f'<a href="https://o.example/u/abc?x=1&amp;y=2">bye</a> <img src="{SITE.url}/i.png">'
    assert html(body, url=url) == expected


def test_in_plain_text_a_value_is_as_it_is() -> None:
    assert text("<p>[name]</p>", name="<b>A & B</b>") == "<b>A & B</b>\n"


def test_the_subject_is_plain_text() -> None:
    assert mail("For [name] & co", "x", person(name="A & B"))["subject"] == "For A & B & co"


@pytest.mark.parametrize("name", ["A\r\nBcc: eve@example.com", "A\x00B", "A\u2028B", "A\x85B"])
def test_a_value_has_no_line_breaks_or_controls(name: str) -> None:
    for part in mail("[name]", "[name]", person(name=name)).values():
        assert part.strip().isprintable()


def test_every_entry_carries_every_variable_and_no_other() -> None:
    content = compose("[fname] {{", Body(parse_html, 'x [name] <a href="[unsubscribe]">x</a>'))
    used = {"fnameT", "nameH", "unsubscribe", "nameT", "lb"}
    assert set(values(content, person(), SITE)) == used


@given(st.sampled_from(["name", "fname", "lname", "email", "Site_Name", "Site_URL"]), st.sampled_from(Place))
def test_a_variable_has_letters_and_digits_only_because_ses_refuses_others(name: str, place: Place) -> None:
    assert re.fullmatch(r"\{\{[A-Za-z][A-Za-z0-9]*\}\}", variable(name, place))


@pytest.mark.parametrize("old", ["name_h", "Site_Name_t", "Site_URL_u"])
def test_a_campaign_of_an_earlier_version_is_still_filled_in(old: str) -> None:
    content = {"subject": "x", "html": f"{{{{{old}}}}}", "text": "x"}
    name, _, place = old.rpartition("_")
    new = variable(name, Place(place)).strip("{}")
    assert values(content, person(), SITE)[old] == values({**content, "html": f"{{{{{new}}}}}"}, person(), SITE)[new]
