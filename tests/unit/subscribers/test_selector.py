"""A query selects as MongoDB would, over the fields of a subscriber."""

import json
from dataclasses import replace
from typing import Any

import pytest

from optout.subscribers.selector import parse
from optout.subscribers.subscriber import Status, Subscriber
from tests.support.samples import subscriber

AT = 1_487_221_408_395  # 2017-02-16T05:03:28.395Z
ADA = replace(subscriber(7, "Ada@Example.com", "weekly", name="Ada Lovelace"), created=AT)
NAMELESS = replace(ADA, name=None)


def selects(query: Any, person: Subscriber = ADA, *, unsubscribed: bool = False) -> bool:
    return parse(json.dumps(query)).matches(person, unsubscribed)


def date(at: Any) -> dict[str, Any]:
    return {"$date": at}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"email": "ada@example.com"},
        {"name": "Ada Lovelace", "newsletter": "weekly"},
        {"status": "active"},
        {"name": {"$eq": "Ada Lovelace"}},
        {"name": {"$ne": "Grace"}},
        {"newsletter": {"$in": ["daily", "weekly"]}},
        {"newsletter": {"$nin": ["daily"]}},
        {"newsletter": {"$nin": []}},
        {"name": {"$gt": "Ada", "$lt": "Adb"}},
        {"name": {"$gte": "Ada Lovelace", "$lte": "Ada Lovelace"}},
        {"name": {"$exists": True}},
        {"name": {"$exists": 1}},
        {"name": {"$not": {"$in": ["Grace"]}}},
        {"name": {"$not": {"$regex": "^Grace"}}},
        {"$and": [{"status": "active"}, {"newsletter": "weekly"}]},
        {"$or": [{"name": "Grace"}, {"newsletter": "weekly"}]},
        {"$nor": [{"name": "Grace"}, {"newsletter": "daily"}]},
        {"$and": [{"$or": [{}, {"name": "x"}]}], "status": "active"},
    ],
    ids=json.dumps,
)
def test_a_query_that_is_true_of_somebody_selects_them(query: Any) -> None:
    assert selects(query)


@pytest.mark.parametrize(
    "query",
    [
        {"email": "grace@example.com"},
        {"name": "ada lovelace"},
        {"name": "Ada Lovelace", "newsletter": "daily"},
        {"status": "pending"},
        {"name": {"$ne": "Ada Lovelace"}},
        {"newsletter": {"$in": []}},
        {"newsletter": {"$nin": ["weekly", None]}},
        {"name": {"$gt": "Ada Lovelace"}},
        {"name": {"$gt": "A", "$lt": "Ada"}},
        {"name": {"$exists": False}},
        {"name": {"$not": {"$regex": "Love"}}},
        {"$and": [{"status": "active"}, {"newsletter": "daily"}]},
        {"$or": [{"name": "Grace"}, {"newsletter": "daily"}]},
        {"$nor": [{"name": "Grace"}, {"newsletter": "weekly"}]},
    ],
    ids=json.dumps,
)
def test_a_query_that_is_not_true_of_somebody_leaves_them_out(query: Any) -> None:
    assert not selects(query)


@pytest.mark.parametrize("operator", ["$gt", "$gte", "$lt", "$lte"])
@pytest.mark.parametrize("value", [5, True, date(AT)])
def test_values_of_two_types_are_never_ordered(operator: str, value: object) -> None:
    assert not selects({"name": {operator: value}})
    assert not selects({"createdAt": {operator: "2015-01-01T00:00:00.000Z"}})
    assert not selects({"createdAt": {operator: AT}})


@pytest.mark.parametrize("query", [None, {"$eq": None}, {"$in": ["x", None]}, {"$gte": None}, {"$lte": None}])
def test_a_missing_name_equals_null(query: Any) -> None:
    assert selects({"name": query}, NAMELESS)
    assert not selects({"name": query}, replace(ADA, name=""))


@pytest.mark.parametrize("query", [{"$ne": None}, {"$gt": None}, {"$lt": "x"}, {"$gte": ""}, {"$regex": ""}, ""])
def test_a_missing_name_is_no_text(query: Any) -> None:
    assert not selects({"name": query}, NAMELESS)


def test_true_is_not_one() -> None:
    assert parse('{"name":{"$in":[true]}}').tree != parse('{"name":{"$in":[1]}}').tree


@pytest.mark.parametrize(
    "at",
    [
        AT,
        float(AT),
        {"$numberLong": str(AT)},
        "2017-02-16T05:03:28.395Z",
        "2017-02-16T05:03:28.395",
        "2017-02-16T06:03:28.395+01:00",
        "2017-02-16T00:03:28.395-0500",
    ],
)
def test_a_date_is_exact_to_the_millisecond_however_it_is_written(at: object) -> None:
    assert selects({"createdAt": date(at)})
    assert selects({"createdAt": {"$gte": date(at), "$lte": date(at)}})
    for other in (replace(ADA, created=AT + 1), replace(ADA, created=AT - 1)):
        assert not selects({"createdAt": date(at)}, other)
    assert selects({"createdAt": {"$gt": date(at)}}, replace(ADA, created=AT + 1))
    assert selects({"createdAt": {"$lt": date(at)}}, replace(ADA, created=AT - 1))


def test_the_documented_example_selects_whoever_came_later() -> None:
    query = {"createdAt": {"$gt": date("2015-01-01T00:00:00.000Z")}}
    assert selects(query)
    assert not selects(query, replace(ADA, created=1_420_070_400_000))
    assert not selects({"createdAt": {"$lt": date("2015-01-01")}})


@pytest.mark.parametrize("written", ["ADA@example.COM", "ada@EXAMPLE.com"])
def test_addresses_are_compared_without_regard_to_ascii_case(written: str) -> None:
    assert selects({"email": written})
    assert selects({"email": {"$in": [written]}})
    assert selects({"email": {"$regex": "^" + written[:4]}})
    assert not selects({"name": "ADA LOVELACE"})


def test_only_ascii_letters_have_a_case_in_an_address() -> None:
    person = replace(ADA, address=subscriber(1, "\u00c4da@example.com").address)
    assert selects({"email": "\u00c4DA@example.com"}, person)
    assert selects({"email": "A\u0308da@example.com"}, person)
    assert not selects({"email": "\u00e4da@example.com"}, person)


@pytest.mark.parametrize("pattern", ["Love", "^Ada", "^", "", "a L", "^Ada Lovelace", "\\ Love"])
def test_a_pattern_is_found_anywhere_or_at_the_start(pattern: str) -> None:
    assert selects({"name": {"$regex": pattern}})


@pytest.mark.parametrize("pattern", ["love", "^Love", "Ada  L", "\\^Ada"])
def test_a_pattern_that_is_not_found_leaves_out(pattern: str) -> None:
    assert not selects({"name": {"$regex": pattern}})


def test_a_pattern_may_disregard_case() -> None:
    assert selects({"name": {"$regex": "^ADA l", "$options": "i"}})
    assert not selects({"name": {"$regex": "^lOVE", "$options": "i"}})


def test_a_sign_with_a_backslash_means_itself() -> None:
    assert selects({"email": {"$regex": "@example\\.com"}})
    assert not selects({"email": {"$regex": "ada\\.example"}})
    assert selects({"name": {"$regex": "\\(\\^\\$\\\\x"}}, replace(ADA, name="(^$\\x"))


def test_who_has_left_has_the_status_unsubscribed_whatever_is_stored() -> None:
    assert selects({"status": "unsubscribed"}, unsubscribed=True)
    assert not selects({"status": "active"}, unsubscribed=True)
    assert not selects({"status": "unsubscribed"})
    assert selects({"status": "pending"}, replace(ADA, status=Status.PENDING))


def test_two_spellings_of_one_query_are_one_text() -> None:
    one = parse(' {"status" : "active", "name": {"$ne": "\u00e9"} }')
    other = parse('{"name":{"$ne":"\\u00e9"},"status":"active"}')
    assert one.text == other.text == '{"name":{"$ne":"\\u00e9"},"status":"active"}'


def test_the_text_of_a_query_is_the_query_again() -> None:
    selector = parse('{"$or":[{"createdAt":{"$gt":{"$date":1.5}}},{"name":{"$regex":"a","$options":"i"}}]}')
    assert parse(selector.text) == selector
