"""A query selects as a naive reading of it would, whatever it is made of."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from optout.runtime.pattern import compile_pattern
from optout.subscribers.selector import parse
from optout.subscribers.subscriber import Status, Subscriber
from tests.support.samples import subscriber
from tests.unit.subscribers import mongo

WORDS = st.text(alphabet="aA \u00e9", max_size=3)
PEOPLE = st.builds(
    lambda at, local, name: replace(subscriber(1, f"{local}@a.aa", "a"), name=name, created=at),
    st.integers(0, 2),
    st.text(alphabet="aA\u00e9", min_size=1, max_size=3),
    st.none() | WORDS,
)
ENDS = ["", "", "$", ".", "[aA]?", "a*$", "(a|A)+", "\\w{1,2}$", "|x"]
DATES = st.builds(
    lambda at: {"$date": at},
    st.integers(0, 3)
    | st.integers(0, 3).map(lambda at: {"$numberLong": str(at)})
    | st.integers(0, 3).map(lambda at: f"1970-01-01T00:00:00.{at:03d}Z"),
)


def asking(field: str, near: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Queries about one field, most of them with values like those that it has."""
    others = {"createdAt": DATES, "active": st.booleans()}.get(field, WORDS)
    values = near | near | near | st.none() | others
    words = near | WORDS if field not in ("createdAt", "active") else WORDS
    patterns = st.builds(lambda *parts: "".join(parts), st.sampled_from(["", "^"]), words, st.sampled_from(ENDS))
    tests = st.recursive(
        st.dictionaries(st.sampled_from(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"]), values, min_size=1, max_size=2)
        | st.dictionaries(st.sampled_from(["$in", "$nin"]), st.lists(values, max_size=3), min_size=1)
        | st.builds(lambda there: {"$exists": there}, st.booleans())
        | (
            st.nothing()
            if field in ("createdAt", "active")
            else st.builds(lambda pattern: {"$regex": pattern}, patterns)
            | st.builds(lambda pattern: {"$regex": pattern, "$options": "i"}, patterns)
        ),
        lambda inner: st.builds(lambda negated: {"$not": negated}, inner),
        max_leaves=3,
    )
    return st.builds(lambda test: {field: test}, tests | values)


# Values in angle brackets are replaced by those of the subscriber under test.
FIELDS = (
    asking("email", st.sampled_from(["<email>", "<EMAIL>", "<local>"]))
    | asking("emails.address", st.sampled_from(["<email>", "<EMAIL>", "<local>"]))
    | asking("username", st.sampled_from(["<local>", "<email>"]))
    | asking("active", st.booleans())
    | asking("name", st.just("<name>") | WORDS)
    | asking("status", st.sampled_from(["active", "unsubscribed", "act"]))
    | asking("createdAt", DATES)
    | asking("newsletter", st.sampled_from(["a", "A", "b"]))
)
QUERIES = FIELDS | st.recursive(
    FIELDS,
    lambda inner: (
        st.dictionaries(st.sampled_from(["$and", "$or", "$nor"]), st.lists(inner, min_size=1, max_size=3), min_size=1)
        | st.builds(lambda one, other: one | other, inner, inner)
    ),
    max_leaves=4,
)


def filled(query: Any, person: Subscriber) -> Any:
    """The query with the subscriber's own values."""
    text = json.dumps(query)
    email = person.address.original
    for name, value in (("email", email), ("EMAIL", email.upper()), ("name", person.name or ""), ("local", email[:2])):
        escaped = value.replace(".", "\\.")
        text = text.replace(f'$regex": "<{name}>', f'$regex": "{json.dumps(escaped)[1:-1]}')
        text = text.replace(f'$regex": "^<{name}>', f'$regex": "^{json.dumps(escaped)[1:-1]}')
        text = text.replace(f"<{name}>", json.dumps(value)[1:-1])
    return json.loads(text)


@settings(max_examples=8 * settings().max_examples)
@given(QUERIES, PEOPLE, st.booleans())
def test_a_query_selects_as_a_naive_reading_of_it_would(template: Any, person: Subscriber, unsubscribed: bool) -> None:
    query = filled(template, person)
    status = Status.UNSUBSCRIBED if unsubscribed else person.status
    assert parse(json.dumps(query), compile_pattern).matches(person, unsubscribed) is mongo.matches(
        query, person, status.value
    )
