"""What is nobody's dialect: the document of the API, its page, and what no endpoint answers."""

import base64
import gzip
import hashlib
import json
import re
from typing import Any

import pytest

from tests.support.handlers.calls import Answer, call, invoke, load
from tools.paths import ROOT

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


def test_the_document_is_served_as_it_is_written() -> None:
    answer = call("gateway.openapi")
    assert answer.headers["content-type"] == "application/json"
    assert answer.text == (ROOT / "docs" / "openapi.json").read_text()


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("function", ["gateway.openapi", "gateway.docs"])
def test_the_document_and_its_page_may_be_kept_for_a_while(function: str) -> None:
    headers = call(function).headers
    assert (headers["cache-control"], headers["vary"]) == ("public, max-age=300", "Accept-Encoding")


@pytest.mark.parametrize("function", ["gateway.openapi", "gateway.docs"])
def test_who_can_unpack_gets_it_packed(function: str) -> None:
    event = load(function)
    plain = call(function, event)
    result = invoke(function, event | {"headers": event["headers"] | {"accept-encoding": "gzip, deflate, br"}})
    assert result["headers"]["Content-Encoding"] == "gzip"
    assert gzip.decompress(base64.b64decode(result["body"])).decode() == plain.text


def test_the_page_fits_into_what_lambda_may_answer() -> None:
    assert len(json.dumps(invoke("gateway.docs", load("gateway.docs")))) < 6_000_000


def test_the_page_allows_its_own_scripts_and_styles_and_no_others() -> None:
    answer = call("gateway.docs")
    policy = answer.headers["content-security-policy"]
    for kind in ("script", "style"):
        inline = re.findall(f"<{kind}>(.*?)</{kind}>", answer.text, re.DOTALL)
        hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline]
        allowed = re.search(f"{kind}-src ([^;]*);", policy)
        assert allowed
        assert allowed[1].split() == [f"'sha256-{value}'" for value in hashes]
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_page_takes_nothing_from_elsewhere() -> None:
    text = re.sub("<(script|style)>.*?</\\1>", "", call("gateway.docs").text, flags=re.DOTALL)
    assert re.findall(r'(?:src|href)="([^"]*)"', text) == ["openapi.json"]
