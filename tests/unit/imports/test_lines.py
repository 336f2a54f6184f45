"""The lines of a file: its encoding and the ends of its lines are told by how it begins, and offsets stay its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.imports.lines import LONGEST, Form, Line, Place, form_of, head_of, lines

WIDE = ["utf-16-le", "utf-16-be"]


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


def read(content: bytes, size: int = 7, place: Place = Place()) -> list[Line]:  # noqa: B008
    return list(lines(pieces(content[place.offset :], size), place, form_of(head_of(iter(pieces(content, size))))))


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"", Form()),
        (b"email", Form()),
        (b"email\nname\r", Form()),
        (b"email\r\nname\r", Form()),
        (b"email\r\r\nname\r", Form()),
        (b"email\rname\n", Form(end=b"\r")),
        (b'"e\nmail",name\rname\n', Form(end=b"\r")),
        (b'"e\rmail",name\nname\r', Form()),
        (b"\xef\xbb\xbfemail\n", Form(strict=True)),
        ("\ufeffemail\r".encode("utf-16-le"), Form("utf-16-le", b"\r", strict=True)),
        ("\ufeffemail\n".encode("utf-16-be"), Form("utf-16-be", strict=True)),
        ("email\n".encode("utf-16-le"), Form("utf-16-le", strict=True)),
        ("email\r".encode("utf-16-be"), Form("utf-16-be", b"\r", strict=True)),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_the_form_of_a_file_is_told_by_how_it_begins(content: bytes, form: Form, size: int) -> None:
    assert form_of(head_of(iter(pieces(content, size)))) == form


def test_the_form_is_told_within_a_bounded_beginning() -> None:
    endless = iter([b"x" * 1000] * 1000)
    assert form_of(head_of(endless)) == Form()
    assert len(list(endless)) > 900


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\n\r"'), max_size=30).map("é".__add__),
    st.lists(st.text(st.characters(exclude_characters="\n\r"), max_size=9), max_size=9),
    st.sampled_from(["", "utf-16-le", "utf-16-be"]),
    st.sampled_from(["\n", "\r"]),
    st.integers(1, 40),
)
def test_reading_goes_on_behind_any_line_of_any_encoding(
    first: str, others: list[str], wide: str, end: str, size: int
) -> None:
    text = "\ufeff" + end.join([first, *others, ""])
    content = text.encode(wide or "utf-8", "surrogatepass")
    found = read(content, size)
    assert [line.raw.decode("utf-8", "surrogatepass") for line in found] == text.split(end)[:-1]
    assert found[-1].after == Place(len(content), len(others) + 2)
    for at, line in enumerate(found):
        assert read(content, size, line.after) == found[at + 1 :]


@pytest.mark.parametrize("wide", WIDE)
@pytest.mark.parametrize("character", ["x", "é", "李", "\U0001f600"])
def test_an_endless_line_of_utf_16_is_not_kept_and_counts_as_long_as_it_is(wide: str, character: str) -> None:
    content = f"\ufeffemail\n{character * 60_001}\na@x.org\n".encode(wide)
    found = read(content, 1000)
    assert [line.raw[-5:] for line in found[::2]] == [b"email", b"x.org"]
    assert LONGEST < len(found[1].raw) < LONGEST + 2000
    assert found[-1].after == Place(len(content), 4)


@pytest.mark.parametrize("wide", WIDE)
def test_a_half_character_at_the_end_of_utf_16_is_no_line(wide: str) -> None:
    content = "\ufeffemail\na@x.org\n".encode(wide) + b"a"
    assert [line.raw for line in read(content)] == [b"\xef\xbb\xbfemail", b"a@x.org"]
