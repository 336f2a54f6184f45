"""A query selects as MongoDB would, over the fields of a subscriber."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from optout.runtime.pattern import compile_pattern
from optout.subscribers.selector import parse
from optout.subscribers.subscriber import Status, Subscriber
from tests.support.samples import subscriber

AT = 1_487_221_408_395  # 2017-02-16T05:03:28.395Z
ADA = replace(subscriber(7, "Ada@Example.com", "weekly", name="Ada Lovelace"), created=AT)
NAMELESS = replace(ADA, name=None)


def selects(query: Any, person: Subscriber = ADA, *, unsubscribed: bool = False) -> bool:
    return parse(json.dumps(query), compile_pattern).matches(person, unsubscribed)


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


@pytest.mark.parametrize(
    "query",
    [
        {"emails.address": "ada@example.com"},
        {"emails.address": {"$regex": "@Example\\.com$"}},
        {"emails.address": {"$in": ["x@example.com", "ADA@example.com"]}},
        {"username": "ada"},
        {"username": {"$nin": ["rocket.cat", "admin"]}},
        {"active": True},
        {"active": {"$ne": False}},
    ],
    ids=json.dumps,
)
def test_the_fields_of_a_user_are_those_of_a_subscriber(query: Any) -> None:
    assert selects(query)
    assert not selects({"$nor": [query]})


def test_nobody_is_active_who_is_pending_or_unsubscribed() -> None:
    assert selects({"active": False}, unsubscribed=True)
    assert selects({"active": False}, replace(ADA, status=Status.PENDING))


@pytest.mark.parametrize(
    ("pattern", "options"),
    [
        ("^Ada", ""),
        ("Love", ""),
        ("lace$", ""),
        ("^ada lovelace$", "i"),
        ("^(Ada|Grace) ", ""),
        ("^A.a\\s+L[a-z]+e$", ""),
        ("\\bLovelace\\b", ""),
        ("(?i)LOVELACE", ""),
        ("^.{3} ", "ms"),
        ("Lo+v?e*", "u"),
        ("", ""),
        ("^", ""),
        ("\\ Love", ""),
    ],
)
def test_an_ordinary_pattern_selects(pattern: str, options: str) -> None:
    query = {"name": {"$regex": pattern, "$options": options}}
    assert selects(query)
    assert not selects({"name": {"$not": query["name"]}})


@pytest.mark.parametrize(
    ("pattern", "options"),
    [("^Lovelace", ""), ("ada", ""), ("^Ada$", ""), ("[0-9]", "i"), ("A\\.a", ""), ("\\^Ada", "")],
)
def test_a_pattern_that_is_not_found_leaves_out(pattern: str, options: str) -> None:
    assert not selects({"name": {"$regex": pattern, "$options": options}})


def test_a_pattern_for_an_address_looks_past_letter_case_and_no_further() -> None:
    assert selects({"email": {"$regex": "^ADA@"}})
    assert selects({"email": {"$regex": "^\\D+@"}})
    assert not selects({"email": {"$regex": "^\\d+@"}})


def test_a_pattern_that_backtracks_elsewhere_takes_linear_time() -> None:
    began = time.process_time()
    for pattern in ("^(a+)+$", "^(a|a)*$", "(.*a){12}$", "(?:a?){400}a{400}"):
        assert not selects({"name": {"$regex": pattern}}, replace(ADA, name="a" * 254 + "!"))
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize("query", [None, {"$eq": None}, {"$in": ["x", None]}, {"$gte": None}, {"$lte": None}])
def test_a_missing_name_equals_null(query: Any) -> None:
    assert selects({"name": query}, NAMELESS)
    assert not selects({"name": query}, replace(ADA, name=""))


@pytest.mark.parametrize("query", [{"$ne": None}, {"$gt": None}, {"$lt": "x"}, {"$gte": ""}, {"$regex": ""}, ""])
def test_a_missing_name_is_no_text(query: Any) -> None:
    assert not selects({"name": query}, NAMELESS)


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
    one = parse(' {"status" : "active", "name": {"$ne": "\u00e9"} }', compile_pattern)
    other = parse('{"name":{"$ne":"\\u00e9"},"status":"active"}', compile_pattern)
    assert one.text == other.text == '{"name":{"$ne":"\\u00e9"},"status":"active"}'


def test_the_text_of_a_query_is_the_query_again() -> None:
    selector = parse(
        '{"$or":[{"createdAt":{"$gt":{"$date":1.5}}},{"name":{"$regex":"a","$options":"i"}}]}', compile_pattern
    )
    assert parse(selector.text, compile_pattern) == selector
