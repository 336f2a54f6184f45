"""Every condition, on every kind of field."""

import time

import pytest

from mirasvit.search.conditions import like, predicate
from mirasvit.search.criteria import Condition
from optout.errors import Invalid
from optout.scope import EVERYTHING, Scope, trigger_scope
from tests.functions.mirasvit.search.rows import NOON, Row, number_at, one

NUMBER = number_at(NOON, 7)
ROW = Row("Ada+News@Reader.example", trigger_scope(7), NOON + 999, NOON + 61_999).at(NUMBER)
FAR = str(2**80)

CASES = [
    # field, condition, those that let the row through, those that do not
    ("id", "eq", [str(NUMBER), f" {NUMBER} ", f"{NUMBER}.0", f"+{NUMBER}"],
     ["1", "", "x", f"{NUMBER}x", FAR, "None", "٣"]),
    ("trigger_id", "eq", ["7", "07"], ["0", "", "abc", "7,8", "-7", "7.5"]),
    ("email", "eq", ["Ada+News@Reader.example", "ada+news@reader.EXAMPLE"],
     ["", "ada@reader.example", "ada"]),
    ("email", "eq", ["ada news@reader.example"], ["ada  news@reader.example"]),
    ("created_at", "eq", ["2026-08-24 12:00:00", "2026-08-24T12:00:00Z", "2026-08-24T14:00:00+02:00",
     "2026-08-24T14:00:00 02:00",
     "2026-08-24T07:00:00.000-0500", "2026-8-24 12:0:0", "2026/08/24 12:00", "26-08-24 12", "20260824120000",
     "20260824T120000Z", " 2026-08-24  12:00:00 "],
     ["2026-08-24", "20260824", "2026-08-24 12:00:01", "0000-00-00 00:00:00", "70-08-24 12:00:00"]),
    ("updated_at", "eq", ["2026-08-24 12:01:01", "2026-08-24 12:01:01.5"], ["2026-08-24 12:00:00"]),
    ("email", "neq", ["x@y.example", "", "None"], ["ADA+news@reader.example"]),
    ("trigger_id", "neq", ["0", "abc"], ["7"]),
    ("created_at", "neq", ["2026-08-24"], ["2026-08-24 12:00:00"]),
    ("trigger_id", "neq", ["None"], []),
    ("email", "like", ["%@reader.example", "ADA%", "%+news%", "ada_news@%", r"ada+news@reader.example", "%", "_%_"],
     ["", "%@reader", "ada", "_da", r"ada\_news@%", r"\%", "%z%"]),
    ("id", "like", [f"{NUMBER}", "8%", "%"], ["9%"]),
    ("created_at", "like", ["2026-08-24%", "%12:00:00"], ["2026-08-25%"]),
    ("email", "nlike", ["%z%", ""], ["%ADA%"]),
    ("email", "in", ["x@y.example,ada+news@reader.example"], ["", ",", "ada"]),
    ("trigger_id", "in", ["0,7", "7", " 7,x"], ["0,8", "", "7 8", "77"]),
    ("id", "in", [f"1,{NUMBER}", f"{NUMBER},"], ["1,2", FAR]),
    ("created_at", "in", ["2026-08-23,2026-08-24 12:00:00"], ["2026-08-24,2026-08-25"]),
    ("trigger_id", "nin", ["0,8", ""], ["0,7"]),
    ("email", "nin", ["x@y.example"], ["x@y.example,ada+news@reader.example"]),
    ("id", "gt", [str(NUMBER - 1), "-1", f"{NUMBER - 1}.5"], [str(NUMBER), FAR, "", "x"]),
    ("id", "lt", [str(NUMBER + 1), f"{NUMBER}.5", FAR], [str(NUMBER), "-5", "None"]),
    ("created_at", "gt", ["2026-08-24 11:59:59", "0000-00-00", "0001-01-01"],
     ["2026-08-24 12:00:00", "9999-12-31"]),
    ("updated_at", "lt", ["2026-08-24 12:01:02"], ["2026-08-24 12:01:01"]),
    ("email", "gt", ["ada", "AAA"], ["b", "adb@x.example"]),
    ("id", "gteq", [str(NUMBER), "0"], [str(NUMBER + 1), "None"]),
    ("created_at", "gteq", ["2026-08-24 12:00:00", "2026-08-24"], ["2026-08-24 12:00:01"]),
    ("trigger_id", "lteq", ["7", "8"], ["6", "x"]),
    ("trigger_id", "moreq", ["7", "6"], ["8"]),
    ("created_at", "from", ["2026-08-24 12:00:00"], ["2026-08-25"]),
    ("created_at", "to", ["2026-08-24 12:00:00", "2026-08-25"], ["2026-08-24"]),
    ("email", "null", [], ["", "1"]),
    ("email", "notnull", ["", "1"], []),
    ("email", "finset", ["ADA+news@reader.example"], ["ada", "", "x,ada+news@reader.example"]),
    ("trigger_id", "finset", ["7"], ["", "07", "77"]),
    ("email", "nfinset", ["ada"], ["ada+news@reader.example"]),
    ("email", "is", ["NOT NULL", "ada+news@reader.example"], ["NULL", "", "x"]),
    ("email", "seq", ["ada+news@reader.example"], ["", "x"]),
    ("email", "sneq", ["", "x"], ["ada+news@reader.example"]),
    ("trigger_id", "ntoa", ["0.0.0.7", "%.7"], ["7", "0.0.0.8"]),
    ("id", "ntoa", [], ["%"]),
    ("email", "ntoa", [], ["%"]),
    ("created_at", "ntoa", [], ["%"]),
    ("email", "fulltext", ["NEWS", "", "a%reader"], ["xyz"]),
]  # fmt: skip
TABLE = [
    (field, condition, value, expected)
    for field, condition, through, not_through in CASES
    for expected, values in ((True, through), (False, not_through))
    for value in values
]


def test_every_condition_is_in_this_table() -> None:
    assert {condition for _, condition, _, _ in CASES} == set(Condition)


@pytest.mark.parametrize(("field", "condition", "value", "expected"), TABLE)
def test_a_condition_says_what_it_says_in_sql(field: str, condition: str, value: str, expected: bool) -> None:
    assert predicate(one(field, condition, value))(ROW) is expected


@pytest.mark.parametrize("condition", ["eq", "neq", "gteq", "lt", "from", "to", "in", "nin"])
@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        *(("created_at", value, "date") for value in ["", "None", "yesterday", "24.08.2026", "2026-02-30", FAR, "1e3"]),
        *(("updated_at", value, "date") for value in ["2026-08-24 25:00", "2026-W35-1", "2026-08-24T12:00:00+99:00"]),
        ("created_at", "2026-08-24T12:00:00x00:00", "date"),
        ("email", " ada+news@reader.example", "email"),
        ("email", "ada+news@reader.example ", "email"),
    ],
)
def test_a_damaged_value_is_refused_because_no_rows_would_mean_that_nobody_left(
    field: str, value: str, kind: str, condition: str
) -> None:
    with pytest.raises(Invalid) as caught:
        predicate(one(field, condition, value))
    assert [problem.kind for problem in caught.value.problems] == [kind]


def test_trigger_0_is_everything_and_a_word_is_no_0() -> None:
    row = Row(scope=EVERYTHING).at(NUMBER)
    assert predicate(one("trigger_id", "eq", "0"))(row)
    assert not predicate(one("trigger_id", "eq", "all"))(row)


@pytest.mark.parametrize("value", ["grüße@exämple.example", "grüße@xn--exmple-cua.example", "GRüßE@exämple.example"])
def test_an_address_beyond_ascii_is_equal_as_everywhere(value: str) -> None:
    row = Row("someone@plain.example", Scope()).at(NUMBER)
    assert not predicate(one("email", "eq", value))(row)
    assert predicate(one("email", "neq", value))(row)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a%b%c", "aXbYbZc", True), ("a%b%c", "aXcYb", False), ("%ab%ab%", "abab", True), ("%ab%ab%", "aba", False),
        ("a_c", "a\nc", True), (r"50\%", "50%", True), (r"50\%", "500", False), (r"a\\b", r"a\b", True),
        ("a\\", "a\\", True), (r"\a", "a", True), ("", "", True), ("", "a", False), ("%%", "", True), ("_", "", False),
        ("[a]", "a", False), ("(a|b)*", "a", False), ("a%a", "a", False), ("%.example", "x.EXAMPLE", True),
    ],
)  # fmt: skip
def test_like_knows_two_wildcards_and_a_backslash(pattern: str, text: str, expected: bool) -> None:
    assert (like(pattern).fullmatch(text) is not None) is expected


@pytest.mark.parametrize(
    "pattern", ["%a" * 60 + "b", "%" * 8000 + "b", "%_" * 60 + "%b", "%" + "a" * 120 + "b%", "%a" * 2000]
)
def test_no_pattern_takes_long(pattern: str) -> None:
    began, compiled = time.process_time(), like(pattern)
    assert not any(compiled.fullmatch("a" * 250) for _ in range(200))
    assert time.process_time() - began < 2
