"""The header of a file as spreadsheets and other products write it."""

from collections.abc import Iterator

import pytest

from optout.imports.csv_rows import CsvFile, open_csv
from optout.imports.lines import LONGEST, Place
from optout.imports.rejection import FileError, RowError, UnreadableFile


def opened(content: bytes | str) -> CsvFile:
    raw = content.encode() if isinstance(content, str) else content

    def read(offset: int) -> Iterator[bytes]:
        return (raw[at : at + 7] for at in range(offset, len(raw), 7))

    return open_csv(read)


def people(content: bytes | str) -> list[tuple[str, str]]:
    return [(row.email, row.name) for row in opened(content).rows(Place()) if not (row.error or row.empty)]


def error_of(content: bytes | str) -> FileError:
    with pytest.raises(UnreadableFile) as caught:
        opened(content)
    return caught.value.error


ADA = [("ada@x.org", "Ada")]
TABLE = "email{0}name{0}x\r\nada@x.org{0}Ada{0}1\r\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_a_file_is_read_in_every_encoding_and_with_every_end_of_line(delimiter: str, encoding: str, end: str) -> None:
    table = TABLE.format(delimiter).replace("\r\n", end)
    assert people(table.encode(encoding)) == ADA


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^"])
@pytest.mark.parametrize("line", ["sep={}\r\n", '"sep={}"\r\n', "\ufeffSEP={}\n", "\n\nsep={}\n\n"])
def test_a_line_sep_names_the_delimiter(delimiter: str, line: str) -> None:
    assert people(line.format(delimiter) + TABLE.format(delimiter)) == ADA


def test_a_line_sep_that_is_wrong_does_not_hide_the_columns() -> None:
    assert people("sep=,\n" + TABLE.format(";")) == ADA


@pytest.mark.parametrize("line", ["sep=", "sep=;;", 'sep="', "separator=;"])
def test_a_line_sep_of_no_delimiter_is_a_header(line: str) -> None:
    assert error_of(f"{line}\n" + TABLE.format(";")) is FileError.NO_EMAIL_COLUMN


def test_a_row_that_looks_like_a_line_sep_is_a_row() -> None:
    content = "email,name\nsep=,\nada@x.org,Ada\n"
    assert [row.email for row in opened(content).rows(Place())] == ["sep=", "ada@x.org"]


@pytest.mark.parametrize(
    "name",
    "E-Mail|e mail|EMAIL|Email Address|emailAddress|E-Mail-Adresse|Adresse e-mail|Mail|Courriel|Email 1|e_mail_address|"
    'Correo electrónico|Correo electro\u0301nico|"E-mail:"'.split("|"),
)
def test_the_address_column_may_have_another_name(name: str) -> None:
    assert people(f"{name},name\nada@x.org,Ada\n") == ADA


def test_a_column_named_email_is_taken_before_those_with_another_name() -> None:
    assert people("name;mail;Email Address;email\nAda;eve@x.org;bob@x.org;ada@x.org\n") == ADA


@pytest.mark.parametrize("header", ["mail,e-mail address", "email,E-Mail", "E-Mail-Adresse;Mail"])
def test_of_two_address_columns_none_is_taken(header: str) -> None:
    assert error_of(f"{header}\na@x.org,b@x.org\n") is FileError.COLUMN_TWICE


@pytest.mark.parametrize("header", ["address,name", "email status,name", "sms,name", "alternate_emails,x"])
def test_a_column_about_something_else_is_no_address(header: str) -> None:
    assert error_of(f"{header}\nada@x.org,Ada\n") is FileError.NO_EMAIL_COLUMN


@pytest.mark.parametrize(
    "mark", ["\ufeff", "\u200b", "\u2060", "\xa0", "\xad", "\u200e", "\u200f", " ", "\ufeff\ufeff"]
)
@pytest.mark.parametrize("header", ["{}email,name", "email{},name{}", "email,{}name", "e{}mail,name"])
def test_invisible_characters_around_a_column_name_are_no_part_of_it(mark: str, header: str) -> None:
    assert people(f"{header.format(mark, mark)}\nada@x.org,Ada\n") == ADA


@pytest.mark.parametrize("mark", ["\ufeff", "\u200b\ufeff"])
def test_invisible_characters_before_a_quote_do_not_undo_it(mark: str) -> None:
    assert people(f'{mark}"E-Mail, at work",email,name\nx,ada@x.org,Ada\n') == ADA


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_header_may_have_quoted_line_breaks(end: str) -> None:
    content = f'"E-Mail\n(work, or home)",email,"name","Last\n\nchange"{end}x,ada@x.org,Ada,{end}'
    assert people(content) == ADA
    assert opened(content).body.offset == content.index(f"{end}x,") + len(end)


def test_a_quote_that_the_header_never_closes_ends_the_search_soon() -> None:
    assert error_of('"email,name\n' + "x\n" * LONGEST) is FileError.NO_EMAIL_COLUMN


@pytest.mark.parametrize(
    "content",
    [
        "email;name;\nada@x.org;Ada;\n",
        "email;name;;\nada@x.org;Ada\n",
        "email;name\nada@x.org;Ada;;;\n",
        'email;name\nada@x.org;Ada; ;""\n',
        'email;name;note\nada@x.org;Ada;"a\nb";;\n',
    ],
)
def test_trailing_delimiters_are_no_columns(content: str) -> None:
    assert people(content) == ADA


def test_a_value_behind_the_last_column_rejects_its_row() -> None:
    (row,) = opened("email;name\nada@x.org;Ada;;x\n").rows(Place())
    assert row.error is RowError.TOO_MANY_COLUMNS


def test_a_file_with_a_blank_behind_each_delimiter_has_its_quotes_behind_it() -> None:
    assert people('email, name, status\nada@x.org, "Ada, A", enabled\n') == [("ada@x.org", "Ada, A")]


@pytest.mark.parametrize("name", ["Jörg", "Zoë", "“Ada”", "Ada \u2013 A", "€"])
def test_a_row_that_is_not_utf_8_is_windows_1252(name: str) -> None:
    content = f"E-Mail;name\nada@x.org;{name}\nbob@x.org;Bob\n"
    assert people(content.encode("cp1252")) == people(content) == [("ada@x.org", name), ("bob@x.org", "Bob")]


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfemail,name\na@x.org,J\xf6", b"email,name\na@x.org,J\xf6 \xc3\xb6"])
def test_a_row_is_not_windows_1252_where_something_says_that_it_is_unicode(content: bytes) -> None:
    (row,) = opened(content).rows(Place())
    assert row.error is RowError.NOT_UTF8


@pytest.mark.parametrize("encoding", ["cp1252", "cp1250", "mac_roman"])
def test_an_address_that_is_not_ascii_is_not_guessed(encoding: str) -> None:
    (row,) = opened("email,name\na@münchen.de,Ada\n".encode(encoding)).rows(Place())
    assert row.error is RowError.NOT_UTF8


def test_a_half_pair_in_utf_16_rejects_its_row() -> None:
    content = "\ufeffemail,name\na@x.org,A\ud83d\nada@x.org,Ada\n".encode("utf-16-le", "surrogatepass")
    assert [row.error for row in opened(content).rows(Place())] == [RowError.NOT_UTF8, None]


def test_a_header_names_its_columns_in_windows_1252_too() -> None:
    content = "E-Mail;Gekündigt;name\nada@x.org;nein;Ada\neve@x.org;ja;Eve\n".encode("cp1252")
    assert [row.error for row in opened(content).rows(Place())] == [None, RowError.UNSUBSCRIBED]
