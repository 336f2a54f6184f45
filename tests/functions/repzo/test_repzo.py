"""Repzo: records, their types and namespaces, and the check."""

from typing import Any

import pytest

from optout import number
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Answer, call, load, moved
from tests.support.handlers.refusals import REPZO_400, REPZO_422

ADA = {"email": "ada@reader.example"}
NAMES = ("unsubscribe_types", "company_namespace")


def create(**body: Any) -> Answer:
    return call("repzo.create", json_body=ADA | body)


def check(**body: Any) -> Any:
    return call("repzo.check", json_body=ADA | body).json["data"]


def test_a_record_has_exactly_the_documented_keys() -> None:
    answer = call("repzo.create")
    record = answer.json["data"]
    assert answer.json == {
        "success": True,
        "data": {
            "_id": record["_id"],
            "email": "Grace.Hopper@reader.example",
            "reason": "Too many mails",
            "unsubscribe_types": ["marketing"],
            "company_namespace": ["acme-eu"],
            "user_agent": "axios/0.26.1",
            "ip_address": "203.0.113.24",
            "createdAt": record["createdAt"],
            "modifiedAt": record["createdAt"],
            "SVClient": 0,
            "__v": 0,
        },
    }
    assert number.from_object_id(record["_id"])


def test_get_shows_what_create_answered() -> None:
    created = create(reason="why").json
    assert call("repzo.get", path_id=created["data"]["_id"]).json == created


def test_the_example_record_shows_the_time_it_was_made() -> None:
    record = call("repzo.get").json["data"]
    assert (record["createdAt"], record["_id"][:8]) == ("2026-08-24T14:15:22.000Z", f"{examples.AT // 1000:08x}")


def test_without_types_a_record_is_about_all_of_them() -> None:
    assert create().json["data"]["unsubscribe_types"] == ["all"]
    assert create(unsubscribe_types=[]).json["data"]["unsubscribe_types"] == ["all"]
    assert create(unsubscribe_types=["marketing", "all"]).json["data"]["unsubscribe_types"] == ["all"]


def test_the_same_again_is_the_same_record_with_one_more_revision() -> None:
    first, second = create().json["data"], create(email="ADA@Reader.Example").json["data"]
    assert first["_id"] == second["_id"]
    assert (first["__v"], second["__v"]) == (0, 1)
    assert second["modifiedAt"] >= first["modifiedAt"] == first["createdAt"] == second["createdAt"]
    assert second["email"] == "ada@reader.example"


def test_another_set_of_types_or_namespaces_is_a_record_of_its_own() -> None:
    sets: list[dict[str, list[str]]] = [
        {},
        {"unsubscribe_types": ["a"]},
        {"unsubscribe_types": ["a", "b"]},
        {"company_namespace": ["n"]},
    ]
    assert len({create(**names).json["data"]["_id"] for names in sets}) == len(sets)


def test_the_order_of_types_makes_no_other_record() -> None:
    one, other = create(unsubscribe_types=["b", "a"]), create(unsubscribe_types=["a", "b", "a"])
    assert one.json["data"]["_id"] == other.json["data"]["_id"]


def test_the_request_s_agent_and_address_are_taken_unless_the_body_gives_some() -> None:
    record = create(user_agent="Safari", ip_address="2001:db8::1").json["data"]
    assert (record["user_agent"], record["ip_address"]) == ("Safari", "2001:db8::1")
    record = create(unsubscribe_types=["a"], user_agent="", ip_address="").json["data"]
    assert (record["user_agent"], record["ip_address"]) == ("", "")


def test_unknown_fields_are_passed_over() -> None:
    assert create(_id="x", SVClient=7, color="red").status == 201


def test_both_prefixes_answer() -> None:
    for function, path in (
        ("repzo.create", "/mail-unsubscribe"),
        ("repzo.check", "/mail-unsubscribe/check"),
        ("repzo.get", f"/mail-unsubscribe/{number.to_object_id(examples.RECORD)}"),
    ):
        assert call(function, moved(load(function), path)).status in (200, 201)


def test_check_says_since_when() -> None:
    answer = call("repzo.check")
    data = {"is_unsubscribed": True, "unsubscribe_date": "2026-08-24T14:15:22.000Z"}
    assert answer.json == {"success": True, "data": data}


def test_check_of_somebody_never_seen_says_no_without_a_date() -> None:
    assert call("repzo.check", json_body=ADA).json == {"success": True, "data": {"is_unsubscribed": False}}


def test_check_does_not_mind_letter_case() -> None:
    assert call("repzo.check", json_body={"email": "LEFT@READER.example"}).json["data"]["is_unsubscribed"]


@pytest.mark.parametrize("other", ["le.ft@reader.example", "left+tag@reader.example", "left@sub.reader.example"])
def test_check_takes_another_address_for_another_person(other: str) -> None:
    assert not call("repzo.check", json_body={"email": other}).json["data"]["is_unsubscribed"]


def test_check_without_types_means_any_record() -> None:
    create(unsubscribe_types=["marketing"], company_namespace=["acme-eu"])
    assert check()["is_unsubscribed"]


def test_types_and_namespaces_narrow_a_check() -> None:
    create(unsubscribe_types=["marketing"], company_namespace=["acme-eu"])
    assert check(unsubscribe_types=["marketing"], company_namespace=["acme-eu"])["is_unsubscribed"]
    assert not check(unsubscribe_types=["marketing"], company_namespace=["acme-us"])["is_unsubscribed"]
    assert not check(unsubscribe_types=["news"], company_namespace=["acme-eu"])["is_unsubscribed"]


def test_check_shows_the_earliest_covering_record() -> None:
    first = create(unsubscribe_types=["a"]).json["data"]
    create(unsubscribe_types=["b"])
    assert check()["unsubscribe_date"] == first["createdAt"]


BAD_ADDRESSES: list[Any] = [
    *(None, 7, [], {}),
    *("", " ", "plain", "a@b@c.example", "a b@c.example", "@c.example", "a@", "a@b", "a@-b.example", "a@b..example"),
    *(f"{'a' * 65}@b.example", f"a@{'b' * 250}.example", "a@b.example\r\nBcc: x@y.example", "a@[127.0.0.1]"),
]
BAD_LISTS: list[Any] = [None, "all", 7, {}, [7], [None], [""], ["x" * 101], ["x"] * 51]
BAD_FIELDS: list[dict[str, Any]] = [
    *({"email": value} for value in BAD_ADDRESSES),
    *({name: value} for name in NAMES for value in BAD_LISTS),
]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("bad", BAD_FIELDS, ids=str)
def test_a_bad_field_fails_validation_on_create_and_is_a_bad_parameter_of_check(bad: dict[str, Any]) -> None:
    created, checked = create(**bad), call("repzo.check", json_body=ADA | bad)
    assert (created.status, created.json) == REPZO_422
    assert (checked.status, checked.json) == REPZO_400


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("bad", [{"reason": 7}, {"reason": "x" * 1_001}, {"user_agent": []}, {"ip_address": "x" * 101}])
def test_a_bad_description_fails_validation_on_create(bad: dict[str, Any]) -> None:
    answer = create(**bad)
    assert (answer.status, answer.json) == REPZO_422


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("function", "refusal"), [("repzo.create", REPZO_422), ("repzo.check", REPZO_400)])
def test_the_address_must_be_there(function: str, refusal: object) -> None:
    answer = call(function, json_body={"reason": "none"})
    assert (answer.status, answer.json) == refusal


def test_texts_beyond_ascii_come_back_as_they_were() -> None:
    text = "Zu viele Mails 🙈 ﷽ \u202e"
    created = create(reason=text, unsubscribe_types=["Größe", "*"]).json["data"]
    assert (created["reason"], created["unsubscribe_types"]) == (text, ["*", "Größe"])
    assert call("repzo.get", path_id=created["_id"]).json["data"] == created


def test_no_key_of_the_table_holds_an_address_in_clear(aws: AWS) -> None:
    create()
    for item in aws.items("SuppressionsTable"):
        keys = [item["pk"]["S"], item["sk"]["S"], item.get("email_key", {"S": ""})["S"]]
        assert not any("reader.example" in key for key in keys)
