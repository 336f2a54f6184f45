"""CSV over the dialects of the csv module: what a writer writes, in any encoding, is read as it was meant."""

import csv
import io
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from optout.imports.csv_rows import open_csv
from optout.imports.lines import Place

# Letters that in Windows-1252 form nothing that is UTF-8.
NAMES = st.text(st.sampled_from("aZ0") | st.characters(min_codepoint=0xC0, max_codepoint=0xFF), max_size=5)
NOTES = st.text(st.sampled_from("a,;\t|\"' \n\r=é"), max_size=8)
ROWS = st.lists(st.tuples(NAMES, NOTES), max_size=6)


@settings(max_examples=min(5000, 13 * settings().max_examples))
@given(
    ROWS,
    st.sampled_from(["email", "E-Mail", "Email Address"]),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]),
    st.booleans(),
    st.integers(1, 50),
)
def test_what_a_writer_of_csv_writes_is_read_as_it_was_meant(
    table: list[tuple[str, str]],
    email: str,
    delimiter: str,
    end: str,
    quoting: Literal[0, 1, 2],
    encoding: str,
    told: bool,
    piece: int,
) -> None:
    written = io.StringIO(newline="")
    if told or delimiter == "|":
        written.write(f"sep={delimiter}{end}")
    writer = csv.writer(written, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(["note", email, "name"])
    people = [(f"p{at}@example.com", name) for at, (name, _) in enumerate(table)]
    writer.writerows((note, *person) for person, (_, note) in zip(people, table, strict=True))
    content = written.getvalue().encode(encoding)

    file = open_csv(lambda offset: (content[at : at + piece] for at in range(offset, len(content), piece)))
    found = list(file.rows(Place()))
    assert [(row.email, row.name, row.error) for row in found] == [(*person, None) for person in people]
    assert (found[-1].after if found else file.body).offset == len(content)
    for at, row in enumerate(found):
        assert list(file.rows(row.after)) == found[at + 1 :]
