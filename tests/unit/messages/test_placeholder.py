"""Placeholders: how editors damage them, and where in a text they stand."""

import pytest

from optout.messages.placeholder import LITERALS, Place, literal, repair, text_template, variable


@pytest.mark.parametrize(
    "damaged",
    [
        "[unsubscribe]",
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
        "&lbrack;unsubscribe&rbrack;",
    ],
)
def test_an_unsubscribe_placeholder_that_an_editor_damaged_is_repaired(damaged: str) -> None:
    assert repair(f'<a href="{damaged}">Leave</a>') == '<a href="[unsubscribe]">Leave</a>'


@pytest.mark.parametrize(
    "text", ["[Unsubscribe]", "%5BUNSUBSCRIBE%5D", "[name]", "http://[name]", "unsubscribe", "[unsubscribe", "x://[y]"]
)
def test_what_is_no_unsubscribe_placeholder_is_not_repaired(text: str) -> None:
    assert repair(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi [name]!", "Hi {{nameT}}!"),
        ("[fname][lname]", "{{fnameT}}{{lnameT}}"),
        ("https://x.example/[name]", "https://x.example/{{nameV}}"),
        ("mailto:[email]", "mailto:{{emailV}}"),
        ("HTTPS://x.example/?a=[name]&b=[email] [name]", "HTTPS://x.example/?a={{nameV}}&b={{emailV}} {{nameT}}"),
        ("(https://x.example/[name])\n[name]", "(https://x.example/{{nameV}})\n{{nameT}}"),
        ("[Site_URL]/[name] [name]", "{{SiteURLT}}/{{nameV}} {{nameT}}"),
        ("[unsubscribe]?n=[name]", "{{unsubscribe}}?n={{nameV}}"),
        ("no://[name] http:/[name]", "no://{{nameT}} http:/{{nameT}}"),
    ],
)
def test_a_value_is_part_of_the_url_in_which_its_placeholder_stands(text: str, expected: str) -> None:
    assert text_template(text) == expected


@pytest.mark.parametrize(
    "unknown", ["[Name]", "[Unsubscribe]", "[phone]", "[ name ]", "[site_name]", "[]", "[[", "name]", "[site_url]"]
)
def test_what_is_no_placeholder_stays(unknown: str) -> None:
    assert text_template(f"a {unknown} b") == f"a {unknown} b"


@pytest.mark.parametrize("place", Place)
def test_the_unsubscribe_link_is_one_variable_wherever_it_stands(place: Place) -> None:
    assert variable("unsubscribe", place) == "{{unsubscribe}}"
    assert variable("name", place) == f"{{{{name{place.upper()}}}}}"


@pytest.mark.parametrize("text", ["{{", "}}", "a{", "}a", "\\", "\\{", "{{{x}}}"])
def test_braces_that_handlebars_could_read_are_variables(text: str) -> None:
    assert "{{" not in literal(text).replace("{{lb}}", "").replace("{{rb}}", "").replace("{{bs}}", "")
    for char, name in LITERALS.items():
        assert literal(text).count(f"{{{{{name}}}}}") in (0, text.count(char))


@pytest.mark.parametrize("text", ["", "a", "p{x}", "a { b } c", r"C:\x"])
def test_other_text_of_a_template_stays(text: str) -> None:
    assert literal(text) == text
