"""LetterBucket's bulk: up to a hundred, all of them or none."""

import json
import uuid
from typing import Any

import pytest

from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Answer, call, load, moved
from tests.support.handlers.refusals import LETTERBUCKET_400, TOO_LARGE, UNREADABLE, UNREADABLE_BODIES, letterbucket_422

EMAIL = "Enter a valid email address."
VALUE = "Enter a valid value."
REQUIRED = "This field is required."


def bulk(items: Any) -> Answer:
    return call("letterbucket.bulk", json_body=items)


def people(count: int) -> list[dict[str, Any]]:
    return [{"email": f"p{at}@reader.example", "name": f"P {at}"} for at in range(count)]


def listed(**query: str) -> Answer:
    event = load("letterbucket.list")
    event["queryStringParameters"] = query
    return call("letterbucket.list", event)


def test_what_was_created_comes_back_in_the_order_in_which_it_was_sent() -> None:
    answer = call("letterbucket.bulk")
    created = answer.json["data"]["created"]
    assert answer.status == 201
    assert answer.json == {
        "success": True,
        "data": {
            "created": [
                {
                    "id": created[0]["id"],
                    "email": "Grace.Hopper@reader.example",
                    "name": "Grace Hopper",
                    "status": "active",
                    "created_at": created[0]["created_at"],
                },
                {
                    "id": created[1]["id"],
                    "email": "alan@reader.example",
                    "name": "",
                    "status": "pending",
                    "created_at": created[1]["created_at"],
                },
            ]
        },
    }


@pytest.mark.parametrize("count", [1, 2, 49, 50, 97, 98, 100])
def test_one_to_a_hundred_are_created_at_once(count: int) -> None:
    created = bulk(people(count)).json["data"]["created"]
    assert [(one["email"], one["name"]) for one in created] == [(one["email"], one["name"]) for one in people(count)]
    assert {uuid.UUID(one["id"]).version for one in created} == {7}
    assert [one["id"] for one in created] == sorted(one["id"] for one in created)
    answer = listed(limit="100")
    assert answer.json["pagination"]["total"] == count + 1
    assert answer.json["data"][:count] == created[::-1][:100]
    for one in created[:: max(1, count // 4)]:
        assert call("letterbucket.get", path_id=one["id"]).json["data"] == one


def test_a_name_is_null_when_null_was_given_and_empty_when_none_was() -> None:
    items = [{"email": "a@reader.example", "name": None}, {"email": "b@reader.example"}]
    assert [one["name"] for one in bulk(items).json["data"]["created"]] == [None, ""]


def test_who_has_left_everything_is_unsubscribed_from_the_start() -> None:
    created = bulk([*people(1), {"email": "left@reader.example"}]).json["data"]["created"]
    assert [one["status"] for one in created] == ["active", "unsubscribed"]


BAD_ITEMS: list[tuple[list[Any], dict[str, str]]] = [
    ([{"email": "plain"}], {"0.email": EMAIL}),
    ([*people(2), {"email": "plain"}], {"2.email": EMAIL}),
    ([{"name": "Ada"}, *people(1)], {"0.email": REQUIRED}),
    ([{"email": "a@b.example", "status": "unsubscribed"}], {"0.status": VALUE}),
    ([{"email": "a@b.example", "name": "x" * 256}], {"0.name": "Ensure this value has at most 255 characters."}),
    ([{"email": None}, {"email": "plain", "name": 7}], {"0.email": VALUE, "1.email": EMAIL, "1.name": VALUE}),
    ([*people(1), 7], {"1": VALUE}),
    ([None], {"0": VALUE}),
    ([people(1)], {"0": VALUE}),
    ([*people(99), {"email": "plain"}], {"99.email": EMAIL}),
]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("items", "errors"), BAD_ITEMS, ids=lambda value: str(value)[-60:])
def test_one_bad_item_is_named_by_its_place_and_nobody_is_created(items: list[Any], errors: dict[str, str]) -> None:
    answer = bulk(items)
    assert (answer.status, answer.json) == letterbucket_422(**errors)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("size", [2, 50, 98, 100])
@pytest.mark.parametrize("double", ["p0@reader.example", "P0@Reader.Example", "ada@reader.example"])
@pytest.mark.parametrize("at", [0, -1])
def test_one_who_is_subscribed_or_there_twice_stops_them_all(size: int, double: str, at: int) -> None:
    items = people(size)
    if at == 0:
        items.reverse()  # the double comes before the one it doubles
    items[at] = {"email": double}
    answer = bulk(items)
    assert (answer.status, answer.json["code"]) == (422, "email_already_subscribed")
    assert answer.json.keys() == {"success", "code", "message"}


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("body", ["{}", '{"email": "a@b.example"}', "[]", "null", "7", '"text"', "true"])
def test_a_root_that_is_no_array_of_somebody_is_refused(body: str) -> None:
    answer = call("letterbucket.bulk", raw=body)
    assert (answer.status, answer.json) == LETTERBUCKET_400


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("items", [people(101), [*people(100), {"email": "plain"}], [7] * 101])
def test_a_hundred_and_one_are_too_many(items: list[Any]) -> None:
    answer = bulk(items)
    assert (answer.status, answer.json) == LETTERBUCKET_400


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("body", UNREADABLE_BODIES.values(), ids=UNREADABLE_BODIES)
def test_a_body_that_cannot_be_read_is_refused(body: str | bytes) -> None:
    answer = call("letterbucket.bulk", raw=body)
    assert (answer.status, answer.json) == UNREADABLE["letterbucket.create"]


@pytest.mark.usefixtures("nothing_stored")
def test_two_megabytes_are_too_large() -> None:
    answer = bulk([{"email": "a@b.example", "x": "x" * 2_000_000}])
    assert (answer.status, answer.json) == TOO_LARGE["letterbucket"]


@pytest.mark.usefixtures("nothing_stored")
def test_no_body_at_all_is_refused() -> None:
    event = load("letterbucket.bulk")
    del event["body"]
    answer = call("letterbucket.bulk", event)
    assert (answer.status, answer.json) == LETTERBUCKET_400


def test_the_longest_of_a_hundred_fit() -> None:
    domain = ".".join(["b" * 60] * 3) + ".example"
    items = [{"email": f"{at:063d}@{domain}", "name": "\U0001f648" * 255} for at in range(100)]
    assert len(json.dumps(items)) < 1_000_000
    created = bulk(items).json["data"]["created"]
    assert [one["name"] for one in created] == ["\U0001f648" * 255] * 100


def test_what_is_created_is_nobody_s_but_this_newsletter_s() -> None:
    assert bulk(people(3)).status == 201
    answer = call("letterbucket.bulk", json_body=people(3), credentials=examples.OTHER_NEWSLETTER)
    assert answer.status == 201


def test_both_prefixes_answer(aws: AWS) -> None:
    assert call("letterbucket.bulk", moved(load("letterbucket.bulk"), "/subscribers/bulk")).status == 201
    assert len([item for item in aws.items("SubscribersTable") if item["sk"]["S"].startswith("@")]) == 5
