"""An invalid query is refused, because a wider audience than intended would be worse than none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.errors import Invalid
from optout.runtime.pattern import compile_pattern
from optout.subscribers.selector import CONDITIONS, DEEPEST, LIST, LONGEST, PATTERNS, parse
from tests.support.samples import subscriber


def refusal(query: Any) -> str:
    """Why a query, as JSON or as it is, is refused."""
    with pytest.raises(Invalid) as caught:
        parse(query if isinstance(query, str) else json.dumps(query), compile_pattern)
    (problem,) = caught.value.problems
    assert (caught.value.where, problem.path) == ("selector", "query")
    return problem.text


@pytest.mark.parametrize("text", ["{bad", "", " ", "x", "{'a':1}", '{"name":}', '{"name":"a",}', "{}{}", "undefined"])
def test_what_is_not_json_is_refused_in_the_parsers_words(text: str) -> None:
    assert "line 1 column" in refusal(text)


@pytest.mark.parametrize(
    "text", ["NaN", '{"name":Infinity}', '{"name":1e400}', "[" * 49_000, f'{{"name":{"9" * 9000}}}']
)
def test_what_only_python_would_take_for_json_is_refused(text: str) -> None:
    assert refusal(text) == "a number or the nesting is out of range"


@pytest.mark.parametrize("root", [[], '"x"', 5, None, True, [{}]])
def test_a_query_is_an_object(root: object) -> None:
    assert refusal(root) == "the query must be an object"


@pytest.mark.parametrize(
    "name", ["$where", "$expr", "$text", "$comment", "$jsonSchema", "$not", "$gt", "$function", "$"]
)
def test_an_unknown_operator_of_the_whole_is_named(name: str) -> None:
    assert refusal({name: "sleep(1)"}) == f"unknown operator: {name}"


@pytest.mark.parametrize("name", ["$foo", "$where", "$size", "$elemMatch", "$mod", "$type", "$near", "$GT", "$and"])
def test_an_unknown_operator_of_a_field_is_named(name: str) -> None:
    assert refusal({"name": {name: 1}}) == f"unknown operator: {name}"
    assert refusal({"name": {"$not": {name: 1}}}) == f"unknown operator: {name}"
    assert refusal({"name": {"$gt": "x", "other": 1}}) == "unknown operator: other"


@pytest.mark.parametrize(
    "name", ["", "_id", "emails", "emails.verified", "Email", "customFields", "password", "__proto__"]
)
def test_an_unknown_field_is_named(name: str) -> None:
    assert refusal({name: "x"}) == f"unknown field: {name}"
    assert refusal({"$or": [{"$and": [{name: "x"}]}]}) == f"unknown field: {name}"


@pytest.mark.parametrize("operator", ["$and", "$or", "$nor"])
@pytest.mark.parametrize("parts", [[], {}, None, "x", 1])
def test_what_is_joined_is_a_list_of_something(operator: str, parts: object) -> None:
    assert refusal({operator: parts}) == f"{operator} must be a nonempty array"


@pytest.mark.parametrize("part", [1, "x", None, []])
def test_what_is_joined_are_objects(part: object) -> None:
    assert refusal({"$or": [{}, part]}) == "the query must be an object"


@pytest.mark.parametrize("value", [[], ["a"], {}, {"a": 1}, {"$date": 1, "a": 1}])
def test_a_value_is_a_scalar(value: object) -> None:
    for query in ({"name": value}, {"name": {"$in": [value]}}, {"name": {"$gt": value}}, {"name": {"$ne": value}}):
        assert refusal(query)


@pytest.mark.parametrize("operand", ["x", {}, None, {"a": 1}, 5])
def test_a_choice_is_a_list(operand: object) -> None:
    assert refusal({"name": {"$in": operand}}) == f"$in needs an array of at most {LIST} values"


@pytest.mark.parametrize("operand", ["true", None, [], {}])
def test_existence_is_true_or_false(operand: object) -> None:
    assert refusal({"name": {"$exists": operand}}) == "$exists needs true or false"


@pytest.mark.parametrize("operand", [1, "x", None, [], {}, {"name": 1}, {"$date": 1}])
def test_a_negation_is_of_operators(operand: object) -> None:
    assert refusal({"name": {"$not": operand}}) == "$not needs an object of operators"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(?=a)", "invalid perl operator: (?="),
        ("(a)\\1", "invalid escape sequence: \\1"),
        ("a++", "bad repetition operator: ++"),
        ("[ab", "missing ]: [ab"),
        ("(a", "missing ): "),
        ("\\", "trailing \\"),
        ("*", "no argument for repetition operator: *"),
        ("a{2000}", "invalid repetition size: {2000}"),
        ("x" * 40_000, "pattern too large - compile failed"),
        ("\ud800", "'utf-8' codec can't encode"),
    ],
)
def test_a_pattern_that_cannot_be_run_is_refused_with_the_reason(pattern: str, reason: str) -> None:
    for query in ({"name": {"$regex": pattern}}, {"name": {"$not": {"$regex": pattern, "$options": "i"}}}):
        assert refusal(query).startswith(f"$regex is no pattern that can be run: {reason}")


@pytest.mark.parametrize("query", [{"name": {"$regex": 5}}, {"name": {"$regex": None}}, {"name": {"$regex": {}}}])
def test_a_pattern_is_a_text(query: object) -> None:
    assert refusal(query).startswith("$regex needs a text")


@pytest.mark.parametrize("field", ["createdAt", "active"])
def test_a_pattern_is_for_a_field_of_texts(field: str) -> None:
    assert refusal({field: {"$regex": "2015"}}).startswith("$regex needs a text")


@pytest.mark.parametrize(
    "query",
    [
        {"createdAt": {"$gt": "2015-01-01T00:00:00.000Z"}},
        {"createdAt": {"$lte": 1_487_221_408_395}},
        {"createdAt": {"$in": [None, "2015-01-01"]}},
        {"active": "true"},
        {"active": {"$ne": 0}},
        {"name": {"$lt": 5}},
        {"email": True},
        {"name": {"$nin": [{"$date": 0}]}},
    ],
    ids=json.dumps,
)
def test_a_value_of_a_type_that_the_field_never_has_is_refused(query: object) -> None:
    """MongoDB would select nobody, or everybody."""
    assert "is compared with a" in refusal(query)


@pytest.mark.parametrize("options", ["x", "ix", "I", "g", None, 5, [], {}])
def test_a_pattern_has_the_options_that_are_known(options: object) -> None:
    assert refusal({"name": {"$regex": "a", "$options": options}}) == "$options can only be i, m, s and u"
    assert refusal({"name": {"$options": "i"}}) == "$options needs a $regex"


@pytest.mark.parametrize(
    "at",
    [
        "", "x", "2015", "2015-13-01", "2015-02-30", "0000-01-01", "2015-01-01T25:00:00Z", "2015-01-01 00:00",
        "2015-W01-1", "20150101", "2015-01-01T00:00:00+99:99", "\u0662\u0660\u0661\u0665-01-01", None, True, [], {},
        1e17, -1e17, {"$numberLong": "x"}, {"$numberLong": 5}, {"$numberLong": "9" * 16}, {"$numberLong": "9" * 5000},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_date_is_refused(at: object) -> None:
    assert "date" in refusal({"createdAt": {"$date": at}})


def test_a_query_has_its_limits() -> None:
    nested: Any = {}
    for _ in range(DEEPEST):
        nested = {"$and": [nested]}
    parse(json.dumps(nested), compile_pattern)
    assert "deeper" in refusal({"$or": [nested]})
    parse(json.dumps({"name": {"$in": ["x"] * LIST}}), compile_pattern)
    assert "at most" in refusal({"name": {"$nin": ["x"] * (LIST + 1)}})
    parse(json.dumps({"$or": [{"name": "x"}] * ((CONDITIONS - 1) // 2)}), compile_pattern)
    assert "conditions" in refusal({"$or": [{}] * CONDITIONS})
    parse(json.dumps({"name": "x" * (LONGEST - 12)}), compile_pattern)
    assert "longer" in refusal({"name": "x" * (LONGEST - 11)})
    assert "longer" in refusal(json.dumps({"name": "\u00e9" * (LONGEST // 3)}, ensure_ascii=False))


def test_a_query_has_so_many_patterns() -> None:
    parse(json.dumps({"$or": [{"name": {"$regex": "a"}}] * PATTERNS}), compile_pattern)
    assert "patterns" in refusal({"$or": [{"name": {"$regex": "a"}}] * (PATTERNS + 1)})


def test_negations_count_as_levels() -> None:
    nested: Any = {"$eq": "x"}
    for _ in range(DEEPEST + 1):
        nested = {"$not": nested}
    assert "deeper" in refusal({"name": nested})


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
NAMES = st.sampled_from(["name", "email", "createdAt", "$and", "$or", "$not", "$in", "$regex", "$options", "$date"])
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(NAMES | st.text(), inner), max_leaves=30
)


@given(st.text() | ANYTHING.map(json.dumps))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        selector = parse(text, compile_pattern)
    except Invalid:
        return
    assert parse(selector.text, compile_pattern) == selector
    assert isinstance(selector.matches(subscriber(1, "ada@example.com")), bool)


def test_every_operator_of_a_field_is_a_condition() -> None:
    tests = {"$eq": "a", "$ne": "a", "$gt": "a", "$gte": "a", "$lt": "a", "$lte": "a", "$in": [], "$exists": True}
    assert "conditions" in refusal({"$or": [{"name": tests}] * (CONDITIONS // len(tests))})
