"""Mirasvit: a name and a password for a token, and what a client asks for to see whether it works."""

import time
from typing import Any

import pytest

from optout.wiring.access import credentials as wired_credentials
from tests.functions.mirasvit.searches import PREFIXES
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Answer, call, load, moved
from tests.support.handlers.refusals import MIRASVIT_DECODING, UNAUTHENTICATED, mirasvit_required, mirasvit_type

BAD_LOGIN = {
    "message": "The account sign-in was incorrect or your account is disabled temporarily. "
    "Please wait and try again later."
}
HEADLINE = "One or more input exceptions have occurred."
BOTH = {"message": HEADLINE, "errors": [mirasvit_required(field)[1] for field in ("username", "password")]}


def sign_in(**body: Any) -> Answer:
    return call("mirasvit.token", json_body={"username": examples.USERNAME, "password": examples.PASSWORD} | body)


def test_a_token_is_a_bare_json_string_of_32_characters() -> None:
    answer = call("mirasvit.token")
    assert (answer.status, answer.text) == (200, f'"{answer.json}"')
    assert len(answer.json) == 32
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_a_token_opens_what_a_key_opens_and_each_is_another() -> None:
    tokens = [sign_in().json for _ in range(2)]
    assert tokens[0] != tokens[1]
    for token in tokens:
        for function in ("mirasvit.websites", "mirasvit.get", "mirasvit.list", "mirasvit.create"):
            assert call(function, credentials={"authorization": f"Bearer {token}"}).status == 200


def test_a_token_is_over_after_four_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = {"authorization": f"Bearer {sign_in().json}"}
    now = time.time()
    for later, status in ((4 * 3600 - 60, 200), (4 * 3600 + 1, 401)):
        monkeypatch.setattr(time, "time", lambda later=later: now + later)
        wired_credentials.cache_clear()
        assert call("mirasvit.websites", credentials=credentials).status == status


@pytest.mark.parametrize(
    "wrong", [{"username": "nobody"}, {"password": "wrong"}, {"password": "Example password of acme"}]
)
def test_a_wrong_login_learns_nothing_about_which_was_wrong(wrong: dict[str, str], aws: AWS) -> None:
    before = aws.items("CredentialsTable")
    answer = sign_in(**wrong)
    assert (answer.status, answer.json) == (401, BAD_LOGIN)
    assert aws.items("CredentialsTable") == before


def test_a_login_without_a_password_is_no_wrong_password() -> None:
    assert {sign_in(password="").status for _ in range(21)} == {400}
    assert sign_in().status == 200


def test_who_tries_passwords_has_to_wait() -> None:
    statuses = [sign_in(password=f"guess {n}").status for n in range(21)]
    assert statuses == [401] * 20 + [429]
    assert sign_in().status == 429


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("field", ["username", "password"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_field_that_is_missing_or_empty_is_named(field: str, value: str | None) -> None:
    body = {"username": examples.USERNAME, "password": examples.PASSWORD, field: value}
    answer = call("mirasvit.token", json_body={name: text for name, text in body.items() if text is not None})
    assert (answer.status, answer.json) == mirasvit_required(field)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "raw", ["{}", "", "[]", "null", "7", '"text"', '{"user": "x"}', '{"username": "", "password": ""}']
)
def test_two_missing_fields_are_listed(raw: str) -> None:
    answer = call("mirasvit.token", raw=raw)
    assert (answer.status, answer.json) == (400, BOTH)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("value", [7, None, True, [], {}, ["x"], 1.5])
@pytest.mark.parametrize("field", ["username", "password"])
def test_a_field_that_is_no_text_is_of_the_wrong_type(field: str, value: object) -> None:
    answer = sign_in(**{field: value})
    assert (answer.status, answer.json) == mirasvit_type(field, "string")


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("raw", ["{", "username=a&password=b", '{"username": "\\ud800", "password": "x"}'])
def test_what_is_not_json_is_a_decoding_error(raw: str) -> None:
    answer = call("mirasvit.token", raw=raw)
    assert (answer.status, answer.json) == MIRASVIT_DECODING


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_works_with_and_without_a_trailing_slash(prefix: str, slash: str) -> None:
    assert (
        call("mirasvit.token", moved(load("mirasvit.token"), f"{prefix}/integration/admin/token{slash}")).status == 200
    )
    assert call("mirasvit.websites", moved(load("mirasvit.websites"), f"{prefix}/store/websites{slash}")).status == 200


def test_there_is_one_website_and_no_stranger_sees_it() -> None:
    website = {"id": 1, "code": "base", "name": "Main Website", "default_group_id": 1}
    assert call("mirasvit.websites").json == [website]
    answer = call("mirasvit.websites", credentials={"authorization": "Bearer wrong"})
    assert (answer.status, answer.json) == UNAUTHENTICATED["mirasvit"]
