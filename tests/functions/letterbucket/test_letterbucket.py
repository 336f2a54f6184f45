"""LetterBucket: subscribers of the key's own newsletter."""

import uuid
from typing import Any

import pytest

from optout.suppressions.suppression import Action
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.calls import Answer, call, load, moved
from tests.support.handlers.refusals import letterbucket_422

REQUIRED = "This field is required."
EMAIL = "Enter a valid email address."
VALUE = "Enter a valid value."
DOMAIN = ".".join(["b" * 60] * 3) + ".example"  # 190 characters


def create(**body: Any) -> Answer:
    return call("letterbucket.create", json_body={"email": "grace@reader.example"} | body)


def test_a_subscriber_has_exactly_five_keys() -> None:
    answer = call("letterbucket.create")
    data = answer.json["data"]
    assert answer.status == 201
    assert answer.json == {
        "success": True,
        "data": {
            "id": data["id"],
            "email": "Grace.Hopper@reader.example",
            "name": "Grace Hopper",
            "status": "active",
            "created_at": data["created_at"],
        },
    }
    assert uuid.UUID(data["id"]).version == 7


def test_get_shows_what_create_answered() -> None:
    created = create(name="Grace").json
    assert call("letterbucket.get", path_id=created["data"]["id"]).json == created


def test_times_are_in_utc_with_their_offset() -> None:
    assert call("letterbucket.get").json["data"]["created_at"] == "2026-08-24T14:15:22+00:00"


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "Ada B C",
        "x" * 255,
        None,
        "",
        "Zoë 🙈",
        "\u06cc\u200c\u0631",
        "Ada\u00a0L",
        "\u200f\u05de",
        "\u5c71\u3000\u592a",
    ],
)
def test_a_name_comes_back_as_it_was(name: str | None) -> None:
    assert create(name=name).json["data"]["name"] == name


def test_a_name_that_was_not_given_comes_back_empty() -> None:
    assert create().json["data"]["name"] == ""


def test_space_around_a_name_means_nothing() -> None:
    assert create(name=" Ada  Lovelace ").json["data"]["name"] == "Ada  Lovelace"


@pytest.mark.parametrize("status", ["active", "pending"])
def test_a_subscriber_starts_active_or_pending(status: str) -> None:
    assert create(status=status).json["data"]["status"] == status


def test_a_valid_address_that_ses_cannot_send_to_is_accepted() -> None:
    assert create(email="m\u00fcller@b\u00fccher.example").json["data"]["email"] == "m\u00fcller@b\u00fccher.example"


def test_an_address_may_have_254_characters() -> None:
    local = "a" * (254 - 1 - len(DOMAIN))
    assert create(email=f"{local}@{DOMAIN}").status == 201


NAME_ERROR = "Ensure this value has at most 255 characters."
BAD_FIELDS: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"email": None}, {"email": VALUE}),
    ({"email": 7}, {"email": VALUE}),
    ({"email": ""}, {"email": EMAIL}),
    ({"email": "plain"}, {"email": EMAIL}),
    ({"email": "a@b"}, {"email": EMAIL}),
    ({"email": "a@b.example\r\nBcc: c@d.example"}, {"email": EMAIL}),
    ({"email": "a\u200b@b.example"}, {"email": EMAIL}),
    ({"email": "a" * 64 + "@" + DOMAIN}, {"email": "Ensure this value has at most 254 characters."}),
    ({"name": "x" * 256}, {"name": NAME_ERROR}),
    ({"name": 7}, {"name": VALUE}),
    ({"name": []}, {"name": VALUE}),
    ({"name": "Ada\r\nBcc: c@d.example"}, {"name": VALUE}),
    ({"name": "Ada\u2028"}, {"name": VALUE}),
    ({"status": "unsubscribed"}, {"status": VALUE}),
    ({"status": None}, {"status": VALUE}),
    ({"status": 1}, {"status": VALUE}),
    ({"email": "plain", "name": "x" * 256}, {"email": EMAIL, "name": NAME_ERROR}),
]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("bad", "errors"), BAD_FIELDS, ids=str)
def test_a_bad_field_is_named(bad: dict[str, Any], errors: dict[str, str]) -> None:
    answer = create(**bad)
    assert (answer.status, answer.json) == letterbucket_422(**errors)


@pytest.mark.usefixtures("nothing_stored")
def test_the_address_is_required() -> None:
    answer = call("letterbucket.create", json_body={"name": "Ada"})
    assert (answer.status, answer.json) == letterbucket_422(email=REQUIRED)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("email", ["ada@reader.example", "ADA@Reader.EXAMPLE"])
def test_who_is_subscribed_cannot_be_subscribed_again(email: str) -> None:
    answer = create(email=email)
    assert (answer.status, answer.json["code"]) == (422, "email_already_subscribed")
    assert answer.json.keys() == {"success", "code", "message"}


def test_who_left_is_not_revived_by_a_post() -> None:
    call("letterbucket.unsubscribe")
    assert create(email="ada@reader.example").json["code"] == "email_already_subscribed"
    assert call("letterbucket.get").json["data"]["status"] == "unsubscribed"


def test_the_same_address_may_be_in_two_newsletters() -> None:
    answer = call(
        "letterbucket.create", json_body={"email": "ada@reader.example"}, credentials=examples.OTHER_NEWSLETTER
    )
    assert answer.status == 201


def test_unsubscribing_keeps_the_record_and_says_so() -> None:
    before = call("letterbucket.get").json["data"]
    after = call("letterbucket.unsubscribe").json
    assert after == {"success": True, "data": before | {"status": "unsubscribed"}}
    assert call("letterbucket.get").json == after


def test_unsubscribing_twice_is_one_record_that_was_stated_twice() -> None:
    first = call("letterbucket.unsubscribe").json
    assert call("letterbucket.unsubscribe").json == first
    assert [change.action for change in suppressions().history("acme", examples.ADA)] == [
        Action.SUPPRESSED,
        Action.REPEATED,
    ]


def test_unsubscribing_from_one_newsletter_leaves_the_other_alone() -> None:
    added = call(
        "letterbucket.create", json_body={"email": "ada@reader.example"}, credentials=examples.OTHER_NEWSLETTER
    )
    call("letterbucket.unsubscribe")
    answer = call("letterbucket.get", path_id=added.json["data"]["id"], credentials=examples.OTHER_NEWSLETTER)
    assert answer.json["data"]["status"] == "active"


def test_somebody_who_left_everything_is_unsubscribed_from_the_start() -> None:
    assert create(email="left@reader.example").json["data"]["status"] == "unsubscribed"


def test_both_prefixes_answer() -> None:
    subscriber = load("letterbucket.get")["pathParameters"]["subscriber_id"]
    assert call("letterbucket.create", moved(load("letterbucket.create"), "/subscribers")).status == 201
    for function in ("letterbucket.get", "letterbucket.unsubscribe"):
        assert call(function, moved(load(function), f"/subscribers/{subscriber}")).status == 200
