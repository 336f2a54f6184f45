"""Rocket.Chat: a name and a password for a token, and the end of a token."""

import time
from collections.abc import Mapping
from typing import Any

import pytest

from optout.access.credential import hash_key
from optout.wiring.access import credentials as wired_credentials
from optout.wiring.campaigns import campaigns
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Answer, call, load
from tests.support.handlers.refusals import UNAUTHENTICATED, UNAVAILABLE
from tests.support.wiring import forget

USER, PASSWORD = examples.USERNAME, examples.PASSWORD
NINETY_DAYS = 90 * 24 * 3600
FORM = {"content-type": "application/x-www-form-urlencoded"}
UNAUTHORIZED = {"success": False, "status": "error", "error": "Unauthorized", "message": "Unauthorized"}


def log_in(**body: Any) -> Answer:
    return call("rocketchat.login", json_body=body)


def headers_of(answer: Answer) -> dict[str, str]:
    """What every later request carries."""
    assert answer.status == 200, answer.text
    return {"x-auth-token": answer.json["data"]["authToken"], "x-user-id": answer.json["data"]["userId"]}


def unsubscribe(credentials: Mapping[str, str]) -> Answer:
    return call("rocketchat.unsubscribe", json_body={"_id": "x", "createdAt": "1"}, credentials=credentials)


def test_a_login_says_who_it_is_and_gives_a_token() -> None:
    answer = log_in(user=USER, password=PASSWORD)
    token = answer.json["data"]["authToken"]
    assert answer.json == {
        "status": "success",
        "data": {
            "userId": "rYNQ7mvHv2hPpLDyy",
            "authToken": token,
            "me": {
                "_id": "rYNQ7mvHv2hPpLDyy",
                "name": USER,
                "username": USER,
                "emails": [{"address": "news@example.com", "verified": True}],
                "roles": ["admin"],
                "active": True,
            },
        },
        "success": True,
    }
    assert (len(token), token.isalnum()) == (43, True)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["cache-control"] == "no-store"


def test_the_token_opens_what_its_login_may_do() -> None:
    credentials = headers_of(log_in(user=USER, password=PASSWORD))
    answer = call("rocketchat.send", credentials=credentials)
    assert answer.status == 200
    campaign = campaigns().get(int(answer.headers["x-campaign-id"]))
    assert campaign
    assert (campaign.workspace, campaign.topic) == ("acme", "newsletter:weekly")
    assert unsubscribe(credentials).status == 200


@pytest.mark.parametrize(
    "named",
    [
        {"user": USER},
        {"username": USER},
        {"email": USER},
        {"user": {"username": USER}},
        {"user": {"email": USER}},
        {"user": "", "username": USER},
        {"user": USER, "username": "somebody else"},
        {"user": USER, "code": "123456", "resume": None},
    ],
    ids=str,
)
def test_a_name_is_said_in_any_of_its_places(named: dict[str, Any]) -> None:
    assert log_in(**named, password=PASSWORD).status == 200


def test_a_form_logs_in_too() -> None:
    raw = f"user={USER}&password={PASSWORD.replace(' ', '+')}"
    assert call("rocketchat.login", raw=raw, headers=FORM).status == 200


def test_a_token_is_good_for_ninety_days(monkeypatch: pytest.MonkeyPatch) -> None:
    before = int(time.time())
    credentials = headers_of(log_in(user=USER, password=PASSWORD))
    stored = wired_credentials().find(credentials["x-auth-token"])
    assert stored
    assert before + NINETY_DAYS <= stored.expires <= time.time() + NINETY_DAYS
    monkeypatch.setattr(time, "time", lambda: float(stored.expires))
    assert (unsubscribe(credentials).status, unsubscribe(credentials).json) == UNAUTHENTICATED["rocketchat"]


def test_every_login_makes_another_token_and_neither_it_nor_the_password_is_stored(aws: AWS) -> None:
    tokens = {headers_of(log_in(user=USER, password=PASSWORD))["x-auth-token"] for _ in range(3)}
    assert len(tokens) == 3
    stored = str(aws.items("CredentialsTable"))
    assert not any(secret in stored for secret in (*tokens, PASSWORD))


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "body",
    [
        {"user": USER, "password": "wrong"},
        {"user": USER, "password": PASSWORD.upper()},
        {"user": USER, "password": ""},
        {"user": USER, "password": None},
        {"user": USER, "password": 5},
        {"user": USER, "password": [PASSWORD]},
        {"user": USER, "password": {"digest": "0" * 64, "algorithm": "sha-256"}},
        {"user": USER, "password": {"$ne": ""}},
        {"user": "nobody", "password": PASSWORD},
        {"user": USER.upper(), "password": PASSWORD},
        {"user": f" {USER}", "password": PASSWORD},
        {"user": {"username": {"$gt": ""}}, "password": PASSWORD},
        {"user": {"$gt": ""}, "password": PASSWORD},
        {"user": [USER], "password": PASSWORD},
        {"user": None, "username": 5, "email": True, "password": PASSWORD},
        {"user": USER},
        {"password": PASSWORD},
        {"username": "x" * 100_000, "password": "x" * 100_000},
        {"resume": "example-rocketchat-token-of-acme"},
        {},
    ],
    ids=lambda body: str(body)[:80],
)
def test_nobody_else_gets_a_token_and_all_are_told_the_same(body: dict[str, Any]) -> None:
    answer = log_in(**body)
    assert (answer.status, answer.json) == (401, UNAUTHORIZED)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("raw", ["", "{", "x=1"])
def test_what_cannot_be_read_says_no_name(raw: str) -> None:
    answer = call("rocketchat.login", raw=raw)
    assert (answer.status, answer.json) == (401, UNAUTHORIZED)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("raw", ["[]", '"text"', "null", '[{"user": "acme-admin"}]'])
def test_a_login_that_is_no_object_is_refused(raw: str) -> None:
    answer = call("rocketchat.login", raw=raw)
    assert (answer.status, answer.json["error"]) == (400, "must be object")


def test_a_login_of_another_dialect_opens_nothing_here(aws: AWS) -> None:
    for item in aws.items("CredentialsTable"):
        if item["pk"]["S"].startswith("login#rocketchat#"):
            aws.dynamodb.delete_item(TableName="CredentialsTable", Key={"pk": item["pk"], "sk": item["sk"]})
    assert log_in(user=USER, password=PASSWORD).status == 401


def test_a_login_that_was_revoked_gets_no_token(aws: AWS) -> None:
    for item in aws.items("CredentialsTable"):
        if item["sk"] == {"S": "login"}:
            aws.dynamodb.put_item(TableName="CredentialsTable", Item={**item, "revoked": {"N": "1"}})
    assert log_in(user=USER, password=PASSWORD).status == 401


def test_a_store_that_does_not_answer_is_no_wrong_password(aws: AWS) -> None:
    aws.lose("CredentialsTable")
    answer = log_in(user=USER, password=PASSWORD)
    assert (answer.status, answer.json) == (503, UNAVAILABLE["rocketchat"])


def test_who_tries_too_many_passwords_has_to_wait_with_the_right_one_too() -> None:
    tried = [log_in(user="nobody", password="x").status for _ in range(51)]
    assert tried == [401] * 50 + [429]
    answer = log_in(user=USER, password=PASSWORD)
    assert answer.status == 429
    assert answer.json["error"].endswith("[error-too-many-requests]")
    assert int(answer.headers["retry-after"]) > 0


def test_a_token_goes_with_its_own_user_only() -> None:
    credentials = headers_of(log_in(user=USER, password=PASSWORD))
    assert unsubscribe(credentials | {"x-user-id": "aB3dE5gH7jK9mN2pQ"}).status == 401
    assert unsubscribe({"x-auth-token": credentials["x-auth-token"]}).status == 401


def test_a_logout_ends_its_token_at_once_and_no_other() -> None:
    one, other = (headers_of(log_in(user=USER, password=PASSWORD)) for _ in range(2))
    assert unsubscribe(one).status == 200
    answer = call("rocketchat.logout", credentials=one)
    assert (answer.status, answer.json) == (
        200,
        {"status": "success", "data": {"message": "You've been logged out!"}, "success": True},
    )
    for function in ("rocketchat.send", "rocketchat.unsubscribe", "rocketchat.logout"):
        again = call(function, credentials=one)
        assert (again.status, again.json) == UNAUTHENTICATED["rocketchat"]
    assert unsubscribe(other).status == 200
    assert log_in(user=USER, password=PASSWORD).status == 200


def test_a_token_that_has_ended_stays_so_in_a_fresh_container() -> None:
    credentials = headers_of(log_in(user=USER, password=PASSWORD))
    call("rocketchat.logout", credentials=credentials)
    forget()
    assert unsubscribe(credentials).status == 401


def test_a_key_that_was_not_logged_in_for_can_be_given_back_too() -> None:
    assert call("rocketchat.logout", credentials=examples.ROCKETCHAT).status == 200
    assert unsubscribe(examples.ROCKETCHAT).status == 401


@pytest.mark.parametrize("raw", ["", "{}", '{"any": 1}', "{", "x=1"])
def test_a_logout_needs_no_body_and_takes_any(raw: str) -> None:
    assert call("rocketchat.logout", load("rocketchat.logout"), raw=raw).status == 200


def test_who_has_left_cannot_be_seen_by_the_hash_of_a_token() -> None:
    credentials = headers_of(log_in(user=USER, password=PASSWORD))
    hashed = credentials | {"x-auth-token": hash_key(credentials["x-auth-token"])}
    assert unsubscribe(hashed).status == 401
