"""How often a caller may call: what is counted, when it is checked, and what is said of it."""

import pytest

import letterbucket.dialect
from optout import clock
from optout.access.limit import DEFAULT, Window
from tests.contract.limited import OWN, UNKNOWN, WRONG, assert_throttled, calls, limited, statuses
from tests.support.handlers import examples
from tests.support.handlers.calls import Answer, call, dialect_of, one_per_dialect
from tests.support.handlers.refusals import GUARDED

__all__ = ["calls"]


def test_letterbucket_s_minute_has_sixty_requests_of_all_kinds() -> None:
    credentials = limited("letterbucket")
    assert set(statuses("letterbucket.get", 59, credentials=credentials)) == {200}
    assert call("letterbucket.create", credentials=credentials).status == 201
    for function in ("letterbucket.get", "letterbucket.create", "letterbucket.unsubscribe"):
        assert_throttled(call(function, credentials=credentials))


def test_letterbucket_s_longer_windows_are_limits_too() -> None:
    windows = letterbucket.dialect.limits.windows
    assert [(window.seconds, window.allowed) for window in windows[DEFAULT]] == [(60, 60), (3600, 500), (86400, 3000)]
    assert [(window.seconds, window.allowed) for window in windows["bulk"]] == [(60, 10), (3600, 100), (86400, 500)]
    credentials = limited("letterbucket", {DEFAULT: (Window(60, 9), Window(86_400, 2))})
    assert statuses("letterbucket.get", 2, credentials=credentials) == [200, 200]
    assert_throttled(call("letterbucket.get", credentials=credentials), 86_400)


def test_the_bulk_route_has_windows_of_its_own() -> None:
    credentials = limited("letterbucket")
    people = [[{"email": f"reader{at}@reader.example"}] for at in range(11)]
    answers = [call("letterbucket.bulk", json_body=person, credentials=credentials) for person in people]
    assert [answer.status for answer in answers] == [201] * 10 + [429]
    assert_throttled(answers[-1])
    assert call("letterbucket.create", credentials=credentials).status == 201


def test_keys_are_counted_apart_and_a_key_may_have_limits_of_its_own() -> None:
    credentials = limited("letterbucket", {DEFAULT: (Window(60, 1),)})
    assert statuses("letterbucket.get", 2, credentials=credentials) == [200, 429]
    assert statuses("letterbucket.get", 2) == [200, 200]


def test_who_is_not_known_or_not_allowed_is_told_that_first() -> None:
    credentials = limited("letterbucket", {DEFAULT: (Window(60, 1),)})
    assert statuses("letterbucket.get", 2, credentials=credentials) == [200, 429]
    assert call("letterbucket.get", credentials=WRONG).status == 401
    assert call("letterbucket.get", credentials=examples.NOT_FOR_API).status == 403


def test_who_is_not_allowed_spends_nothing(calls: list[str]) -> None:
    assert call("letterbucket.get", credentials=examples.NOT_FOR_API).status == 403
    assert not calls


@pytest.mark.parametrize("raw", ["{", "[]", "", '{"email":"plain"}', "x" * 2_000_000])
def test_who_is_throttled_is_told_that_before_the_body_is_read(raw: str) -> None:
    credentials = limited("letterbucket", {DEFAULT: (Window(60, 1),)})
    call("letterbucket.get", credentials=credentials)
    assert_throttled(call("letterbucket.create", raw=raw, credentials=credentials))


def test_a_bad_request_spends_like_a_good_one() -> None:
    credentials = limited("letterbucket", {DEFAULT: (Window(60, 2),)})
    assert statuses("letterbucket.create", 3, json_body=UNKNOWN, credentials=credentials) == [422, 422, 429]


def test_letterbucket_tells_its_limits_only_to_whom_they_stop() -> None:
    credentials = limited("letterbucket", {DEFAULT: (Window(60, 1),)})
    told = call("letterbucket.get", credentials=credentials).headers
    assert not [name for name in told if "ratelimit" in name or name == "retry-after"]
    told = call("letterbucket.get", credentials=credentials).headers
    assert "retry-after" in told
    assert not [name for name in told if "ratelimit" in name]


def rate_limit(answer: Answer) -> tuple[str, str]:
    assert 0 < int(answer.headers["x-ratelimit-reset"]) - clock.now() <= 60_000
    return answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]


def test_rocketchat_s_routes_answer_ten_times_a_minute_each() -> None:
    credentials = limited("rocketchat")
    answers = [call("rocketchat.send", credentials=credentials) for _ in range(11)]
    assert [answer.status for answer in answers] == [200] * 10 + [429]
    assert [rate_limit(answer) for answer in answers] == [("10", str(left)) for left in [*range(9, -1, -1), 0]]
    assert call("rocketchat.unsubscribe", credentials=credentials).status == 200


def test_rocketchat_says_how_long_to_wait() -> None:
    credentials = limited("rocketchat", {"mailer": (Window(60, 1),)})
    call("rocketchat.send", credentials=credentials)
    answer = call("rocketchat.send", credentials=credentials)
    wait = answer.headers["retry-after"]
    text = (
        f"Error, too many requests. Please slow down. You must wait {wait} seconds before trying this endpoint again. "
        "[error-too-many-requests]"
    )
    assert (answer.status, answer.json) == (429, {"success": False, "error": text})
    assert 30 < int(wait) <= 60


def test_rocketchat_tells_its_limits_with_every_answer_to_a_caller_it_knows() -> None:
    credentials = limited("rocketchat")
    assert rate_limit(call("rocketchat.send", raw="{", credentials=credentials)) == ("10", "9")
    nobody = call("rocketchat.send", credentials={}).headers
    assert not [name for name in nobody if "ratelimit" in name]


def test_rocketchat_unsubscribes_ten_times_a_minute_unless_that_is_switched_off(calls: list[str]) -> None:
    credentials = limited("rocketchat")
    assert statuses("rocketchat.unsubscribe", 11, credentials=credentials) == [200] * 10 + [429]
    calls.clear()
    off = {"x-auth-token": "example-rocketchat-token-without-limit", "x-user-id": "eF3dE5gH7jK9mN2pQ"}
    examples.add_credential("rocketchat", off, limits={"mailer.unsubscribe": ()})
    answers = [call("rocketchat.unsubscribe", credentials=off) for _ in range(11)]
    assert {answer.status for answer in answers} == {200}
    assert "x-ratelimit-limit" not in answers[0].headers
    assert not calls


def test_a_user_s_other_tokens_do_not_help() -> None:
    credentials = limited("rocketchat", {"mailer": (Window(60, 1),)})
    other = credentials | {"x-auth-token": "example-rocketchat-token-of-a-new-login"}
    examples.add_credential("rocketchat", other, limits={"mailer": (Window(60, 1),)})
    assert call("rocketchat.send", credentials=credentials).status == 200
    assert call("rocketchat.send", credentials=other).status == 429


@pytest.mark.parametrize(
    "function", ["letterbucket.get", "letterbucket.unsubscribe", "rocketchat.send", "rocketchat.unsubscribe"]
)
def test_a_request_that_is_let_through_is_one_write(function: str, calls: list[str]) -> None:
    call(function)
    calls.clear()
    assert call(function).status == 200
    assert calls == ["UpdateItem"]


@pytest.mark.parametrize("function", [one for one in one_per_dialect(GUARDED) if dialect_of(one) not in OWN])
def test_a_dialect_without_limits_counts_nothing(function: str, calls: list[str]) -> None:
    call(function)
    call(function, raw="{")
    call(function, credentials={})
    assert not calls
