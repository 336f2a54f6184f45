"""Mirasvit: unsubscriptions by address and trigger."""

from typing import Any

import pytest

from optout.number import LIMIT, from_object_id
from tests.functions.mirasvit.searches import PREFIXES, create
from tests.support.handlers import examples
from tests.support.handlers.calls import call, load, moved
from tests.support.handlers.refusals import MIRASVIT_EMAIL, mirasvit_404, mirasvit_required, mirasvit_type


def test_a_row_has_exactly_five_keys_and_no_envelope() -> None:
    answer = call("mirasvit.create")
    assert answer.status == 200
    assert answer.json == {
        "id": answer.json["id"],
        "email": "Grace.Hopper@reader.example",
        "trigger_id": 7,
        "created_at": answer.json["created_at"],
        "updated_at": answer.json["created_at"],
    }
    assert isinstance(answer.json["id"], int)
    assert 0 < answer.json["id"] < LIMIT


def test_answers_and_errors_are_json_with_their_charset() -> None:
    for answer in (call("mirasvit.get"), call("mirasvit.get", path_id="99"), call("mirasvit.get", credentials={})):
        assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_get_shows_what_create_answered() -> None:
    created = create(trigger_id=3).json
    assert call("mirasvit.get", path_id=str(created["id"])).json == created


def test_dates_are_utc_without_a_zone() -> None:
    row = call("mirasvit.get").json
    assert row == {
        "id": examples.RECORD,
        "email": "left@reader.example",
        "trigger_id": 0,
        "created_at": "2026-08-24 14:15:22",
        "updated_at": "2026-08-24 14:15:22",
    }


def test_a_row_without_a_trigger_is_about_all_of_them() -> None:
    assert create().json["trigger_id"] == 0


@pytest.mark.parametrize(("given", "kept"), [(0, 0), ("0", 0), ("7", 7), (7, 7), ("007", 7), (LIMIT - 1, LIMIT - 1)])
def test_a_trigger_may_be_a_number_or_its_digits(given: object, kept: int) -> None:
    assert create(trigger_id=given).json["trigger_id"] == kept


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("bad", [-1, "-1", 1.5, 1.0, "x", "", "1.0", None, True, [], {}, "٣", "9" * 17, LIMIT, 10**30])
def test_a_trigger_that_is_no_number_of_one_is_of_the_wrong_type(bad: object) -> None:
    answer = create(trigger_id=bad)
    assert (answer.status, answer.json) == mirasvit_type("trigger_id", "int")


def test_the_same_row_again_is_the_row_that_is_there() -> None:
    first, second = create(trigger_id=7).json, create(trigger_id="7", email="ADA@reader.example").json
    del first["updated_at"], second["updated_at"]  # a repeated opt-out is dated anew
    assert first == second


def test_a_row_of_one_trigger_and_the_row_of_all_live_side_by_side() -> None:
    assert len({create(trigger_id=trigger).json["id"] for trigger in (0, 1, 2)}) == 3


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("bad", ["", "plain", "a@b", "a@b@c.example", 7, None, [], {}, "a@b.example\n", "x" * 300])
def test_a_bad_address_is_named(bad: Any) -> None:
    if bad == "a@b.example\n":
        bad = "a@b\n.example"  # space at the ends means nothing
    answer = create(email=bad)
    assert (answer.status, answer.json) == MIRASVIT_EMAIL


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("body", [{}, {"email": "ada@reader.example", "trigger_id": 0}, {"Unsubscription": {}}])
def test_the_wrapper_is_required(body: dict[str, Any]) -> None:
    answer = call("mirasvit.create", json_body=body)
    assert (answer.status, answer.json) == mirasvit_required("unsubscription")


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("inner", [None, 7, "text", [], [{"email": "ada@reader.example"}]])
def test_the_wrapper_holds_an_object(inner: object) -> None:
    answer = call("mirasvit.create", json_body={"unsubscription": inner})
    assert (answer.status, answer.json) == mirasvit_type("unsubscription", "object")


@pytest.mark.usefixtures("nothing_stored")
def test_the_address_is_required() -> None:
    answer = call("mirasvit.create", json_body={"unsubscription": {"trigger_id": 7}})
    assert (answer.status, answer.json) == mirasvit_required("email")


@pytest.mark.usefixtures("nothing_stored")
def test_several_errors_are_listed_below_a_headline() -> None:
    answer = create(email="plain", trigger_id="x")
    errors = [MIRASVIT_EMAIL[1], mirasvit_type("trigger_id", "int")[1]]
    headline = "One or more input exceptions have occurred."
    assert (answer.status, answer.json) == (400, {"message": headline, "errors": errors})


def test_the_parameter_of_a_404_is_a_text() -> None:
    answer = call("mirasvit.get", path_id="99")
    assert (answer.status, answer.json) == mirasvit_404("99")
    assert answer.json["parameters"] == ["99"]


def test_a_record_that_this_dialect_cannot_say_is_hidden() -> None:
    hidden = from_object_id(call("repzo.create").json["data"]["_id"])  # of one type and one namespace
    answer = call("mirasvit.get", path_id=str(hidden))
    assert (answer.status, answer.json) == mirasvit_404(str(hidden))


def test_a_record_of_one_trigger_is_shown_whoever_made_it() -> None:
    record = call("repzo.create", json_body={"email": "ada@reader.example", "unsubscribe_types": ["trigger:7"]})
    number = from_object_id(record.json["data"]["_id"])
    assert call("mirasvit.get", path_id=str(number)).json["trigger_id"] == 7


@pytest.mark.parametrize("name", ["trigger:0", "trigger:007", "trigger:", "trigger:x", "trigger:²", f"trigger:{LIMIT}"])
def test_a_name_that_only_looks_like_a_trigger_is_hidden(name: str) -> None:
    record = call("repzo.create", json_body={"email": "ada@reader.example", "unsubscribe_types": [name]})
    number = from_object_id(record.json["data"]["_id"])
    assert call("mirasvit.get", path_id=str(number)).status == 404


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_answers_with_and_without_a_trailing_slash(prefix: str, slash: str) -> None:
    path = f"{prefix}/mst-email/unsubscriptions"
    assert call("mirasvit.create", moved(load("mirasvit.create"), path + slash)).status == 200
    assert call("mirasvit.get", moved(load("mirasvit.get"), f"{path}/{examples.RECORD}{slash}")).status == 200


def test_creating_says_whether_the_record_was_there() -> None:
    body = {"unsubscription": {"email": "ada@reader.example", "trigger_id": 7}}
    answers = [call("mirasvit.create", json_body=body) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert [answer.headers["x-optout-record"] for answer in answers] == ["created", "existing"]
