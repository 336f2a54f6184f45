"""Reading an untrusted CSV file: every row is validated by itself, from any offset."""

import csv
import io
from collections.abc import Callable, Iterator
from itertools import repeat

import pytest

from optout.imports.csv_rows import Row, open_csv, rows
from optout.imports.header import Layout
from optout.imports.lines import LONGEST, Place, lines
from optout.imports.rejection import FileError, RowError, UnreadableFile

HEADER = b"email,name\n"
BIG = b"x" * (LONGEST + 1)


def pieces(content: bytes, piece: int = 7) -> Callable[[int], Iterator[bytes]]:
    """A file that is read some bytes at a time."""
    return lambda offset: (content[at : at + piece] for at in range(offset, len(content), piece))


def read(content: bytes, piece: int = 7) -> list[Row]:
    return list(open_csv(pieces(content, piece)).rows(Place()))


def people(content: bytes) -> list[tuple[str, str]]:
    return [(row.email, row.name) for row in read(content) if not (row.error or row.empty)]


def flaws(content: bytes) -> dict[int, RowError]:
    return {row.line: row.error for row in read(content) if row.error}


def layout_of(header: bytes) -> Layout:
    return open_csv(pieces(header)).layout


@pytest.mark.parametrize(
    ("header", "layout"),
    [
        (b"email", Layout(",", 1, 0)),
        (b"email,name", Layout(",", 2, 0, 1)),
        (b"name;email", Layout(";", 2, 1, 0)),
        (b"\xef\xbb\xbfEmail;Name\r\n", Layout(";", 2, 0, 1)),
        (b' "E-Mail, work" ; EMAIL ;x', Layout(";", 3, 1)),
        (b"id,Email , NAME,since\n", Layout(",", 4, 1, 2)),
        (b"\n\r\nemail\n", Layout(",", 1, 0)),
        ("größe;email".encode(), Layout(";", 2, 1)),
    ],
)
def test_the_columns_are_found_by_their_names(header: bytes, layout: Layout) -> None:
    assert layout_of(header) == layout


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (b"", FileError.NO_HEADER),
        (b"\n \r\n", FileError.NO_HEADER),
        (b"ada@example.com,Ada", FileError.NO_EMAIL_COLUMN),
        (b"address,name", FileError.NO_EMAIL_COLUMN),
        (b"email|name", FileError.NO_EMAIL_COLUMN),
        (b'"email,name', FileError.NO_EMAIL_COLUMN),
        (b'email"x",name,"', FileError.NO_EMAIL_COLUMN),
        (b"name," + BIG + b",email", FileError.NO_EMAIL_COLUMN),
        (b"email,name,Email", FileError.COLUMN_TWICE),
        (b"name,email,name", FileError.COLUMN_TWICE),
        (b"mail,e mail address", FileError.COLUMN_TWICE),
        (b"email,gr\x81\xc3\xb6", FileError.HEADER_NOT_UTF8),
        ("\ufeffemail,".encode() + b"gr\xf6\xdfe", FileError.HEADER_NOT_UTF8),
        ("email,name\n".encode("utf-32"), FileError.HEADER_NOT_UTF8),
    ],
)
def test_a_wrong_header_is_no_header(header: bytes, error: FileError) -> None:
    with pytest.raises(UnreadableFile) as caught:
        layout_of(header)
    assert caught.value.error is error


@pytest.mark.parametrize("piece", [1, 2, 3, 10, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_rows_are_read_in_pieces_of_any_size(piece: int, end: bytes) -> None:
    content = end.join([b"email;name;x", b"a@x.org;A;1", b"", b'"b@x.org";"B ""b"";";2', "c@x.org;Ç".encode()])
    found = read(content, piece)
    assert [(row.line, row.email, row.name) for row in found] == [
        (2, "a@x.org", "A"),
        (3, "", ""),
        (4, "b@x.org", 'B "b";'),
        (5, "c@x.org", "Ç"),
    ]


def test_reading_goes_on_from_behind_any_row() -> None:
    content = HEADER + b'a@x.org,A\n\n"b@x.org,B\nc@x.org,"C\nc"\r\n' + BIG + b"\nd@x.org\n,\n\ne@x.org"
    found = read(content)
    file = open_csv(pieces(content))
    assert [row.line for row in found] == [2, 3, 4, 5, 7, 8, 9, 10, 11]
    for at, row in enumerate(found):
        assert list(file.rows(row.after)) == found[at + 1 :]
    assert found[-1].after.offset == len(content)


@pytest.mark.parametrize("empty", [b"", b"  ", b"\t", b",", b" , ", b'"",""', b"\r"])
def test_a_row_without_anything_in_it_is_empty_and_not_rejected(empty: bytes) -> None:
    content = HEADER + empty + b"\na@x.org,A\n" + empty + b"\n"
    assert [row.empty for row in read(content)] == [True, False, True]
    assert people(content) == [("a@x.org", "A")]
    assert flaws(content) == {}


def test_a_header_is_looked_for_within_a_bounded_number_of_empty_lines() -> None:
    left = repeat(b"\n" * 100, 1000)
    with pytest.raises(UnreadableFile) as caught:
        open_csv(lambda _: left)
    assert caught.value.error is FileError.NO_HEADER
    assert len(list(left)) > 500


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (b",Ada", RowError.NO_EMAIL),
        (b"  ,Ada", RowError.NO_EMAIL),
        (b"a@x.org,A,B", RowError.TOO_MANY_COLUMNS),
        (b"a@x.org,J\xf6 \xc3\xb6", RowError.NOT_UTF8),
        (b"j\x81@x.org,J", RowError.NOT_UTF8),
        (b"a@x.org,A\x00da", RowError.BAD_NAME),
        (b"a@x.org,A\x07da", RowError.BAD_NAME),
        (b"a@x.org,\tAda", RowError.BAD_NAME),
        (b"a@x.org,A\x7fda", RowError.BAD_NAME),
        ("a@x.org,A\u2028da".encode(), RowError.BAD_NAME),
        (b"a@x.org," + b"A" * 256, RowError.LONG_NAME),
        (b"a@x.org,=cmd|'/C calc'!A0", RowError.FORMULA),
        (b"a@x.org,+1", RowError.FORMULA),
        (b"a@x.org,-1", RowError.FORMULA),
        (b"a@x.org,@SUM(A1)", RowError.FORMULA),
        (b'a@x.org," =1+1"', RowError.FORMULA),
        ("a@x.org,\uff1d1".encode(), RowError.FORMULA),
        (b"=1@x.org,Ada", RowError.FORMULA),
        (b'a@x.org,"Ada', RowError.BROKEN_QUOTE),
        (b'"a@x.org,Ada', RowError.BROKEN_QUOTE),
        (b'"a@x.org"x,Ada', RowError.BROKEN_QUOTE),
        (b"a@x.org,A\rda", RowError.BROKEN_QUOTE),
        (b"a@x.org," + BIG, RowError.TOO_LONG),
        (b'"' + BIG, RowError.TOO_LONG),
    ],
)
def test_a_row_that_cannot_be_taken_is_rejected_and_no_other(row: bytes, error: RowError) -> None:
    content = HEADER + b"before@x.org,B\n" + row + b"\n" + b"behind@x.org,B\n" * 3
    assert flaws(content) == {3: error}
    assert people(content) == [("before@x.org", "B")] + [("behind@x.org", "B")] * 3


@pytest.mark.parametrize("row", [b"a@x.org", b"a@x.org,", b"a@x.org,  ", b' "a@x.org"'.strip()])
def test_a_name_may_be_left_out(row: bytes) -> None:
    assert people(HEADER + row) == [("a@x.org", "")]


@pytest.mark.parametrize("email", [b"+a@x.org", b"-a@x.org", b"o'neill@x.org"])
def test_an_address_may_begin_as_addresses_do(email: bytes) -> None:
    assert people(HEADER + email) == [(email.decode(), "")]


@pytest.mark.parametrize("name", ["Jörg", "O'Neill", "Ada = Lovelace", "1 - 2", "李", "\U0001f600", '"Ada, ""A"""'])
def test_a_name_is_taken_as_it_is(name: str) -> None:
    ((_, found),) = people(HEADER + f"a@x.org,{name}".encode())
    assert found == next(csv.reader([name]))[0]


def test_a_quoted_value_may_have_line_breaks_where_it_is_passed_over() -> None:
    content = b'email,name,notes\na@x.org,A,"one\n\nevil@x.org,E,x\r\ntwo"\nb@x.org,B,\n'
    assert people(content) == [("a@x.org", "A"), ("b@x.org", "B")]
    assert [row.line for row in read(content)] == [2, 6]


def test_a_name_with_a_line_break_is_rejected_whole() -> None:
    content = HEADER + b'a@x.org,"A\nevil@x.org,E"\nb@x.org,B\n'
    assert flaws(content) == {2: RowError.BAD_NAME}
    assert people(content) == [("b@x.org", "B")]


def test_a_value_with_line_breaks_is_bounded_as_a_row_is() -> None:
    content = b'email,notes\na@x.org,"' + b"note\n" * (LONGEST // 5) + b'"\nb@x.org,\n'
    found = read(content)
    assert found[0].error is RowError.BROKEN_QUOTE
    assert (found[-1].email, found[-1].error) == ("b@x.org", None)


@pytest.mark.parametrize("quoted", ["A", '"A"', '"A ""a"""'])
@pytest.mark.parametrize("broken", ['x@x.org,"X', '"x@x.org,X', 'x@x.org,"X"x', '"x@x.org"', '"', 'x@x.org,X,"'])
def test_a_broken_quote_spoils_its_own_line_only(broken: str, quoted: str) -> None:
    good = "".join(f'"a{at}@x.org",{quoted}\n' for at in range(500))
    content = f"email,name\n{broken}\n{good}".encode()
    assert len([row for row in read(content) if row.error is None and row.email.startswith("a")]) == 500


def test_what_a_writer_of_csv_writes_is_read_as_it_was_meant() -> None:
    written = io.StringIO(newline="")
    table = [[f"p{at}@x.org", f'N "{at}"; ,', "a\nb", "x,y"] for at in range(200)]
    csv.writer(written).writerows([["email", "name", "notes", "more"], *table])
    assert people(written.getvalue().encode()) == [(row[0], row[1]) for row in table]


def test_a_rejected_row_shows_how_it_begins() -> None:
    (row,) = read(HEADER + b"a@x.org,J\xf6 " + "é".encode() * 4000)
    assert row.error is RowError.NOT_UTF8
    assert row.text == "a@x.org,J� " + "é" * 189


def test_an_endless_line_is_not_kept() -> None:
    chunks = [*[b"x" * 100_000] * 50, b"\na@x.org\n"]
    found = list(rows(lines(chunks, Place(6, 2)), Layout(",", 1, 0)))
    assert [(row.line, row.error, row.email) for row in found] == [(2, RowError.TOO_LONG, ""), (3, None, "a@x.org")]
    assert len(found[0].raw) == LONGEST + 1
    assert found[-1].after == Place(6 + 5_000_001 + 8, 4)


@pytest.mark.parametrize("header", [b'"em"ail,name', b'"email"x,name', b'name,"email'])
def test_a_malformed_quote_in_the_header_names_no_column(header: bytes) -> None:
    with pytest.raises(UnreadableFile) as caught:
        layout_of(header)
    assert caught.value.error is FileError.NO_EMAIL_COLUMN
