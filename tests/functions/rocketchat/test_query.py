"""Rocket.Chat: the query of a mailing is stored as it was understood, or refused as the product would."""

import json
from typing import Any

import pytest

from optout.wiring.campaigns import campaigns
from tests.support.handlers.calls import Answer, call

VALID = {"from": "news@example.com", "subject": "New", "body": "To leave: [unsubscribe]"}


def send(query: Any, **more: Any) -> Answer:
    return call("rocketchat.send", json_body=VALID | {"query": query} | more)


def stored(answer: Answer) -> str:
    assert answer.status == 200, answer.text
    campaign = campaigns().get(int(answer.headers["x-campaign-id"]))
    assert campaign
    return campaign.query


def test_the_documented_query_is_stored_with_the_campaign() -> None:
    query = '{"createdAt":{"$gt":{"$date":"2015-01-01T00:00:00.000Z"}}}'
    assert stored(send(query)) == query


@pytest.mark.parametrize(
    "query",
    [
        {"emails.address": {"$regex": "@(b|c)\\.example$"}},
        {"username": {"$regex": "^ada", "$options": "i"}},
        {"name": {"$not": {"$regex": "\\(bot\\)$"}}},
        {"active": True, "createdAt": {"$lt": {"$date": 1_487_221_408_395}}},
    ],
    ids=str,
)
def test_what_users_of_the_original_write_is_a_query(query: Any) -> None:
    assert json.loads(stored(send(json.dumps(query)))) == query


def test_a_query_is_stored_in_one_spelling() -> None:
    assert (
        stored(send(' { "status" : "active" , "email":"A@b.example" } ')) == '{"email":"A@b.example","status":"active"}'
    )


@pytest.mark.parametrize("query", ["", None])
def test_no_query_is_everybody(query: object) -> None:
    assert stored(send(query)) == ""
    assert stored(call("rocketchat.send", json_body=VALID)) == ""


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("dryrun", [False, True])
@pytest.mark.parametrize("query", ["{bad", "x", " ", "{'a': 1}", '{"name": NaN}', "[" * 20_000, "undefined"])
def test_a_query_that_is_no_json_is_refused_in_the_parsers_words(query: str, dryrun: bool) -> None:
    answer = send(query, dryrun=dryrun)
    assert answer.status == 400
    assert answer.json.keys() == {"success", "error"}
    assert answer.json["success"] is False
    assert answer.json["error"]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"name": {"$foo": 1}}, "unknown operator: $foo"),
        ({"$where": "sleep(1000)"}, "unknown operator: $where"),
        ({"emails.verified": True}, "unknown field: emails.verified"),
        ({"name": {"$regex": "(?=a)"}}, "$regex is no pattern that can be run: "),
        ({"name": {"$regex": "[a"}}, "$regex is no pattern that can be run: "),
        ({"createdAt": {"$gt": "2015-01-01"}}, "createdAt is compared with a date or null, not with a text"),
        ({"$or": []}, "$or must be a nonempty array"),
        ([], "the query must be an object"),
        ({"\ud800": 1}, "unknown field: \ud800"),
    ],
    ids=str,
)
def test_a_query_that_is_not_understood_is_refused_and_never_widened(query: Any, error: str) -> None:
    answer = send(json.dumps(query))
    assert answer.status == 400
    assert answer.json.keys() == {"success", "error"}
    assert answer.json["error"].startswith(error)


@pytest.mark.parametrize("scalar", [7, True, 1.5])
def test_a_scalar_is_a_text_that_is_no_query(scalar: object) -> None:
    answer = send(scalar)
    assert (answer.status, answer.json) == (400, {"success": False, "error": "the query must be an object"})


@pytest.mark.usefixtures("nothing_stored")
def test_sender_and_way_out_are_checked_before_the_query() -> None:
    assert send("{bad", **{"from": "x"}).json["errorType"] == "error-invalid-from-address"
    assert send("{bad", body="x").json["errorType"] == "error-missing-unsubscribe-link"
    assert send("{bad", **{"from": "x", "body": "x"}).json["errorType"] == "error-invalid-from-address"
