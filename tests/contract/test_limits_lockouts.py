"""Who is locked out, by which mistakes, for how long; and what happens when nothing can be counted."""

import os
from collections.abc import Mapping
from unittest.mock import patch

import pytest

import rocketchat.dialect
from optout.access.credential import Credential
from optout.access.limit import DEFAULT, FAILURES, Limits, Window, Windows
from optout.errors import BadLogin
from optout.web.endpoint import Handler, entrypoint, public_resolver
from optout.wiring.access import credentials as wired_credentials
from optout.wiring.access import limiter
from tests.contract.limited import (
    LETTERBUCKET,
    UNKNOWN,
    WRONG,
    assert_throttled,
    calls,
    from_address,
    limited,
    statuses,
)
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Context, call, load
from tests.support.handlers.refusals import LETTERBUCKET_404
from tests.support.wiring import forget

__all__ = ["calls"]

FORGIVEN: Mapping[str, Windows] = {FAILURES: (Window(300, 3),)}


def locked(headers: Mapping[str, str] = LETTERBUCKET) -> int:
    credential = wired_credentials().find(headers["authorization"].removeprefix("Bearer "))
    assert isinstance(credential, Credential)
    return limiter().locked(f"caller#{credential.holder}", FORGIVEN[FAILURES][0])


def test_thirty_client_errors_lock_a_key_out_of_everything() -> None:
    credentials = limited("letterbucket")
    assert set(statuses("letterbucket.create", 30, json_body=UNKNOWN, credentials=credentials)) == {422}
    for function in ("letterbucket.create", "letterbucket.get", "letterbucket.unsubscribe"):
        assert_throttled(call(function, credentials=credentials), 300)
    assert call("letterbucket.get").status == 200


@pytest.mark.parametrize("raw", ["{", "[]", "", '{"email":"plain"}', "x" * 2_000_000])
def test_every_refusal_of_a_body_counts(raw: str) -> None:
    credentials = limited("letterbucket", FORGIVEN)
    accepted = statuses("letterbucket.create", 4, raw=raw, credentials=credentials)
    assert (len(set(accepted[:3])), accepted[3]) == (1, 429)
    assert 400 <= accepted[0] < 429


def test_an_error_of_a_get_or_a_delete_does_not_count() -> None:
    credentials = limited("letterbucket", FORGIVEN)
    for function in ("letterbucket.get", "letterbucket.unsubscribe"):
        answers = [call(function, path_id="unknown", credentials=credentials) for _ in range(5)]
        assert {(answer.status, answer.json["code"]) for answer in answers} == {(404, LETTERBUCKET_404[1]["code"])}
    assert not locked()


def test_what_was_throttled_does_not_count() -> None:
    credentials = limited("letterbucket", {DEFAULT: (Window(60, 1),), **FORGIVEN})
    assert statuses("letterbucket.create", 6, credentials=credentials) == [201, *[429] * 5]
    assert not locked()


def test_a_refused_plan_does_not_count() -> None:
    examples.add_credential("letterbucket", LETTERBUCKET, permissions={"api"}, limits=FORGIVEN)
    assert set(statuses("letterbucket.create", 5, credentials=LETTERBUCKET)) == {403}
    assert not locked()


def test_success_does_not_count() -> None:
    credentials = limited("letterbucket", FORGIVEN)
    for at in range(5):
        body = {"email": f"reader{at}@reader.example"}
        assert call("letterbucket.create", json_body=body, credentials=credentials).status == 201
    assert not locked()


def test_rocketchat_locks_nobody_out(calls: list[str]) -> None:
    assert set(statuses("rocketchat.send", 40, raw="{")) == {400}
    assert set(statuses("rocketchat.send", 12, credentials={})) == {401}
    assert len(calls) == 40 + 1


@pytest.mark.parametrize("credentials", [WRONG, {}, {"authorization": "Basic YTpi"}, examples.REPZO])
def test_ten_bad_keys_lock_an_address_out(credentials: Mapping[str, str]) -> None:
    answers = [from_address("192.0.2.7", credentials) for _ in range(10)]
    assert {(answer.status, answer.json["code"]) for answer in answers} == {(401, "unauthorized")}
    assert_throttled(from_address("192.0.2.7", credentials), 300)
    assert_throttled(from_address("192.0.2.7", credentials, "letterbucket.create"), 300)


def test_another_address_is_not_locked_out() -> None:
    for _ in range(12):
        from_address("192.0.2.7", WRONG)
    assert from_address("192.0.2.8", WRONG).status == 401


def test_who_changes_the_end_of_a_long_address_is_still_the_same() -> None:
    for at in range(10):
        from_address(f"2001:db8::{at}", WRONG)
    assert from_address("2001:db8::ffff", WRONG).status == 429
    assert from_address("2001:db8:0:1::", WRONG).status == 401


def test_a_known_key_goes_on_working_from_an_address_that_is_locked_out(calls: list[str]) -> None:
    for _ in range(12):
        from_address("192.0.2.7", WRONG)
    call("letterbucket.get")
    calls.clear()
    assert from_address("192.0.2.7", examples.LETTERBUCKET).status == 200
    assert calls == ["UpdateItem"]


def test_a_stack_may_forgive_more_or_fewer_bad_keys() -> None:
    with patch.dict(os.environ, {"BAD_KEYS": "2"}):
        forget()
        assert [from_address("192.0.2.7", WRONG).status for _ in range(3)] == [401, 401, 429]


def door() -> Handler:
    """A login as a dialect may have one."""
    app = public_resolver(rocketchat.dialect, limits=Limits(bad_keys=Window(300, 2)))

    @app.post("/api/v1/mailer")
    def login() -> dict[str, bool]:
        if "right" not in str(app.current_event.body):
            raise BadLogin
        return {"success": True}

    return entrypoint(app)


def try_to_log_in(password: str, ip: str = "192.0.2.7") -> int:
    event = load("rocketchat.send") | {"body": f'{{"password":"{password}"}}'}
    event["requestContext"]["http"]["sourceIp"] = ip
    return int(door()(event, Context())["statusCode"])  # type: ignore[arg-type]


def test_who_tried_too_many_passwords_may_not_try_the_right_one() -> None:
    assert [try_to_log_in(password) for password in ("right", "a", "b", "c", "right")] == [200, 401, 401, 429, 429]
    assert try_to_log_in("right", "192.0.2.8") == 200


@pytest.mark.parametrize("function", ["letterbucket.get", "letterbucket.create", "rocketchat.send"])
def test_when_the_counts_do_not_answer_the_request_goes_on(
    function: str, aws: AWS, caplog: pytest.LogCaptureFixture
) -> None:
    aws.lose("LimitsTable")
    answer = call(function)
    assert answer.status in (200, 201)
    assert "x-ratelimit-limit" not in answer.headers
    assert "nothing was counted" in [record.message for record in caplog.records]


def test_wrong_passwords_of_one_dialect_lock_nobody_out_of_another() -> None:
    for _ in range(3):
        try_to_log_in("wrong")
    with patch.dict(os.environ, {"BAD_KEYS": "2"}):
        forget()
        assert from_address("192.0.2.7", WRONG).status == 401
        assert try_to_log_in("right") == 429


def test_when_the_counts_do_not_answer_nobody_gets_in_who_is_not_known(aws: AWS) -> None:
    aws.lose("LimitsTable")
    assert call("letterbucket.get", credentials=WRONG).status == 401
    assert call("letterbucket.create", json_body=UNKNOWN).status == 422
    assert try_to_log_in("wrong") == 401


def test_an_address_that_has_no_name_is_not_counted(aws: AWS) -> None:
    aws.lose("AddressPepper")
    assert set(statuses("letterbucket.get", 12, credentials=WRONG)) == {401}
    assert not aws.items("LimitsTable")


def test_neither_keys_nor_addresses_stand_in_the_table(aws: AWS) -> None:
    credentials = limited("letterbucket")
    call("letterbucket.create", json_body=UNKNOWN, credentials=credentials)
    from_address("192.0.2.7", WRONG)
    call("rocketchat.send")
    stored = str(aws.items("LimitsTable"))
    assert len(aws.items("LimitsTable")) == 3
    for secret in ("192.0.2.7", examples.ROCKETCHAT["x-user-id"], *credentials.values(), *WRONG.values()):
        assert secret.removeprefix("Bearer ") not in stored


def test_every_count_ends_by_itself(aws: AWS) -> None:
    call("letterbucket.create", json_body=UNKNOWN)
    from_address("192.0.2.7", WRONG)
    assert all("expires" in item for item in aws.items("LimitsTable"))
