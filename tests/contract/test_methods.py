"""HEAD is GET without a body (RFC 9110 9.3.2), and a slash at the end changes nothing."""

import base64
from typing import Any

import pytest

from tests.support.handlers.calls import ENDPOINTS, Event, call, dialect_of, invoke, load, moved
from tests.support.template import functions, in_template, module_of

READING = [
    module_of(function["Handler"])
    for function in functions().values()
    if any(method == "GET" for method, _ in in_template(function))
]
SLASHED = [function for function in ENDPOINTS if dialect_of(function) in {"repzo", "rocketchat", "mirasvit"}]


def head(event: Event) -> Event:
    event["requestContext"]["http"]["method"] = "HEAD"
    return event


def size(response: dict[str, Any]) -> int:
    body: bytes = response["body"].encode()
    return len(base64.b64decode(body) if response["isBase64Encoded"] else body)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("function", READING)
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x", "api-key": "x"}], ids=["let in", "kept out"])
def test_head_is_answered_with_the_status_and_headers_of_get_and_no_body(
    function: str, headers: dict[str, str]
) -> None:
    event = load(function)
    event["headers"] |= headers
    got, asked = invoke(function, event), invoke(function, head(event))
    assert (asked["statusCode"], asked["body"]) == (got["statusCode"], "")
    assert asked["headers"].keys() == {*got["headers"], "Content-Length"}
    assert asked["headers"]["Content-Type"] == got["headers"]["Content-Type"]


@pytest.mark.parametrize(
    ("function", "encodings"), [("gateway.docs", "gzip"), ("gateway.docs", "identity"), ("native.campaigns.list", "")]
)
def test_head_tells_the_length_that_the_body_of_get_has(function: str, encodings: str) -> None:
    event = load(function)
    event["headers"]["accept-encoding"] = encodings
    got = invoke(function, event)
    assert got["isBase64Encoded"] is (encodings == "gzip")
    assert invoke(function, head(event))["headers"]["Content-Length"] == str(size(got)) != "0"


def test_head_of_an_unknown_path_has_no_body() -> None:
    for path in ("/subscribers/1/2", "/nobody"):
        answer = call("gateway.not_found", head(moved(load("gateway.not_found"), path)))
        assert (answer.status, answer.text) == (404, "")


@pytest.mark.parametrize("function", SLASHED)
def test_a_slash_at_the_end_changes_nothing(function: str) -> None:
    event = load(function)
    answer = call(function, moved(event, event["rawPath"] + "/"))
    assert answer.status == ENDPOINTS[function]


def test_a_method_that_a_route_lacks_is_not_read_as_get() -> None:
    event = load("repzo.get")
    event["requestContext"]["http"]["method"] = "PATCH"
    assert call("repzo.get", event).status == 404
