"""$default: what no endpoint answers, each dialect refuses in its own words."""

from typing import Any

import pytest

from tests.functions.calls import Answer, call, load

REPZO = {"success": False, "error": "Resource not found"}
ROCKETCHAT = {"success": False, "error": "Not Found"}
LETTERBUCKET = {"success": False, "code": "not_found", "message": "Subscriber not found."}
MIRASVIT = {"message": "Request does not match any route."}
NOBODY = {"success": False, "error": "No such route."}

WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/v1/mail-unsubscribe/check/all", REPZO),
    ("PATCH", "/mail-unsubscribe", REPZO),
    ("DELETE", "/mail-unsubscribe/check", REPZO),
    ("GET", "/api/v1/mailer", ROCKETCHAT),
    ("POST", "/api/v1/no-such", ROCKETCHAT),
    ("GET", "/api", ROCKETCHAT),
    ("PATCH", "/subscribers/1", LETTERBUCKET),
    ("GET", "/api/v1/subscribers/1/2", LETTERBUCKET),
    ("PUT", "/rest/V1/mst-email/unsubscriptions", MIRASVIT),
    ("GET", "/rest/V1/no-such", MIRASVIT),
    ("GET", "/rest", MIRASVIT),
    ("GET", "/", NOBODY),
    ("GET", "/favicon.ico", NOBODY),
    ("GET", "/api-docs", NOBODY),
    ("GET", "/mail-unsubscribed", NOBODY),
    ("GET", "/restless", NOBODY),
    ("GET", "/subscribersx", NOBODY),
    ("GET", "//etc/passwd", NOBODY),
    ("GET", "/" + "é\x00" * 1_000, NOBODY),
]


def ask(method: str, path: str) -> Answer:
    event = load("gateway.not_found")
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["http"]["method"] = method
    return call("gateway.not_found", event)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("method", "path", "body"), WRONG)
def test_a_wrong_path_or_method_is_refused_by_whom_it_was_meant_for(
    method: str, path: str, body: dict[str, Any]
) -> None:
    answer = ask(method, path)
    assert (answer.status, answer.json) == (404, body)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT"])
def test_a_link_says_which_methods_it_takes(method: str) -> None:
    answer = ask(method, "/u/token")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")


def test_options_of_a_link_is_answered_without_a_word_and_without_cors() -> None:
    answer = ask("OPTIONS", "/u/token")
    assert (answer.status, answer.text, answer.headers["allow"]) == (204, "", "GET, HEAD, POST, OPTIONS")
    assert not any(name.startswith("access-control") for name in answer.headers)


def test_a_get_below_a_link_is_not_found_rather_than_not_allowed() -> None:
    assert ask("GET", "/u/token/more").status == 404
    assert ask("GET", "/u/").status == 404
