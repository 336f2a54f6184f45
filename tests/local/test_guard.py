"""A web page must not reach the engine, because its control plane can run code as the user."""

import httpx
import pytest
from starlette.datastructures import Headers

from local.guard import allowed
from local.stack import Stack

# A simple cross-origin request, which a browser sends without a preflight.
FROM_A_PAGE = {"origin": "https://evil.example", "content-type": "text/plain"}
CREATE_FUNCTION = "/2015-03-31/functions"


def ask(path: str, **headers: str) -> bool:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return allowed(path, Headers({"host": "127.0.0.1:4566", **named}))


def test_a_page_in_a_browser_cannot_reach_the_control_plane(sample: Stack) -> None:
    answer = httpx.post(sample.engine_url + CREATE_FUNCTION, headers=FROM_A_PAGE, content="{}", trust_env=False)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_a_foreign_host_name_cannot_reach_the_engine_or_the_front(sample: Stack) -> None:
    for url in (sample.engine_url, sample.url, f"{sample.url}/_local/mailbox.json"):
        answer = httpx.get(url, headers={"host": "evil.example"}, trust_env=False)
        assert answer.status_code == 403


def test_a_page_of_an_allowed_origin_reaches_the_api_as_the_template_says(http: httpx.Client) -> None:
    preflight = {"origin": "https://shop.example.com", "access-control-request-method": "GET"}
    answer = http.options("/echo/word", headers=preflight)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example.com"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_browser_request_of_another_site_is_refused(site: str) -> None:
    assert not ask(CREATE_FUNCTION, sec_fetch_site=site)


def test_a_tool_and_a_typed_address_are_let_through() -> None:
    assert ask(CREATE_FUNCTION)
    assert ask("/_ministack/health", sec_fetch_site="none")


@pytest.mark.parametrize(
    "path",
    [
        "/_aws/execute-api/",
        "/_aws/execute-api/0012a7ca",
        "/_aws/execute-api//$default/x",
        "/2015-03-31/functions/_aws/execute-api/0012a7ca/$default/",
        "/_aws/execute-apis/0012a7ca/$default/",
    ],
)
def test_a_path_that_only_looks_like_the_data_plane_is_refused_to_a_page(path: str) -> None:
    assert not ask(path, origin="https://evil.example")


def test_a_host_that_only_looks_like_an_api_is_refused_to_a_page() -> None:
    assert not ask(CREATE_FUNCTION, host="nosuchid.execute-api.localhost:4566", origin="https://evil.example")


@pytest.mark.parametrize("host", ["localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1:4566", ""])
def test_only_names_of_this_machine_are_its_names(host: str) -> None:
    assert not ask("/", host=host)
