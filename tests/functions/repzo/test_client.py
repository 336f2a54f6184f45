"""The client that Repzo ships (npm `repzo`, on axios 0.26), as it is on the wire, in front of the handlers.

It sends the key as `api-key` to paths without /v1, writes every array and object of a GET's query as JSON text into one
parameter, leaves out null, and throws on any status from 300 on. What it creates or deletes with goes through axios's
own serialisation, which repeats a name with brackets.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import pytest

from optout import number
from tests.support.handlers import examples
from tests.support.handlers.calls import call, load
from tests.support.template import functions, in_template, module_of

NOBODY = number.to_object_id(examples.RECORD + 77)
# What axios takes back after encodeURIComponent.
RAW = {"%3A": ":", "%24": "$", "%2C": ",", "%20": "+", "%5B": "[", "%5D": "]"}
ROUTES = sorted(
    (
        (path, method, module_of(function["Handler"]))
        for function in functions().values()
        for method, path in in_template(function)
        if function["Handler"].startswith("repzo.")
    ),
    key=lambda route: "{" in route[0],  # API Gateway prefers the path without a variable
)


class AxiosError(Exception):
    """What axios throws: `error.response` with status and data."""

    def __init__(self, status: int, data: Any) -> None:
        super().__init__(f"Request failed with status code {status}")
        self.status = status
        self.data = data


class Client:
    """`new Repzo(apiKey, { env: "local", headers })`."""

    def __init__(self, api_key: str, headers: Mapping[str, str] | None = None) -> None:
        own = {"api-key": api_key, "Content-Type": "application/json", "Accept": "application/json"}
        self.headers = {name.lower(): value for name, value in {**own, **(headers or {})}.items()}

    def _fetch(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        kept = {name: value for name, value in (params or {}).items() if value is not None}
        return self._send("GET", path, [(name, stringified(value)) for name, value in kept.items()])

    def _create(self, path: str, body: Any, params: Mapping[str, Any] | None = None) -> Any:
        return self._send("POST", path, bracketed(params or {}), stringified(body))

    def _delete(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return self._send("DELETE", path, bracketed(params or {}))

    def _send(self, method: str, path: str, pairs: Iterable[tuple[str, str]], body: str | None = None) -> Any:
        function, names = route(method, path)
        event = load(function) | {"rawPath": path, "pathParameters": names, "body": body}
        event["requestContext"]["http"]["path"] = path
        event["rawQueryString"] = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in pairs)
        answer = call(function, event, credentials=self.headers)
        if answer.status >= 300:
            raise AxiosError(answer.status, answer.json)
        return answer.json


def stringified(value: Any) -> str:
    """JSON.stringify of an array or an object; any other value as JavaScript prints it."""
    if isinstance(value, (list, dict, bool)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def bracketed(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (f"{name}[]" if isinstance(value, list) else name, stringified(element))
        for name, value in params.items()
        for element in (value if isinstance(value, list) else [value])
    ]


def encoded(text: str) -> str:
    """``encode`` of axios/lib/helpers/buildURL.js."""
    return re.sub("%..", lambda found: RAW.get(found[0], found[0]), quote(text, safe="!'()*-._~"))


def route(method: str, path: str) -> tuple[str, dict[str, str]]:
    """The function behind a path, and the names in it."""
    for template, its_method, function in ROUTES:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        if its_method == method and (found := re.fullmatch(pattern, path)):
            return function, found.groupdict()
    raise AssertionError(f"no route for {method} {path}")


@pytest.fixture
def client() -> Client:
    return Client(examples.REPZO["api-key"])


def test_a_query_is_on_the_wire_as_the_client_s_own() -> None:
    assert encoded(stringified(["ns1", "ns2"])) == "[%22ns1%22,%22ns2%22]"
    assert encoded("Ada Lovelace+news@reader.example") == "Ada+Lovelace%2Bnews%40reader.example"
    assert bracketed({"_id": ["a", "b"], "page": 2}) == [("_id[]", "a"), ("_id[]", "b"), ("page", "2")]


def test_a_record_s_whole_life(client: Client) -> None:
    made = client._create("/mail-unsubscribe", {"email": "Ada+news@reader.example", "company_namespace": ["acme-eu"]})
    path = f"/mail-unsubscribe/{made['data']['_id']}"
    assert client._fetch(path) == made
    found = client._fetch("/mail-unsubscribe", {"email": "ada+news@reader.example", "page": 1, "per_page": 10})
    assert found["data"] == [made["data"]]
    assert found["paging"] == {"total": 1, "page": 1, "per_page": 10, "pages": 1}
    assert client._create("/mail-unsubscribe/check", {"email": "ADA+NEWS@reader.example"})["data"] == {
        "is_unsubscribed": True,
        "unsubscribe_date": made["data"]["createdAt"],
    }
    assert client._delete(path) == {"success": True}
    with pytest.raises(AxiosError) as thrown:
        client._fetch(path)
    assert (thrown.value.status, thrown.value.data) == (404, {"success": False, "error": "Resource not found"})


def test_arrays_and_nulls_in_a_query(client: Client) -> None:
    ids = []
    for name, company in (("eu", "eu"), ("us", "us & co"), ("ap", "ap")):
        body = {"email": f"{name}@reader.example", "company_namespace": [company]}
        ids.append(client._create("/mail-unsubscribe", body)["data"]["_id"])

    def names(**params: Any) -> list[str]:
        found = client._fetch("/mail-unsubscribe", params)["data"]
        return [record["company_namespace"][0] for record in found]

    assert names(company_namespace=["eu", "us & co"], sort="createdAt", email=None) == ["eu", "us & co"]
    assert names(_id=[ids[2], ids[0], NOBODY], sort="-email", page=None) == ["eu", "ap"]
    assert names(_id=ids, company_namespace=["ap"]) == ["ap"]
    assert names(_id=[]) == []


def test_every_page_once_as_the_readme_walks_them(client: Client) -> None:
    made = {client._create("/mail-unsubscribe", {"email": f"p{n}@reader.example"})["data"]["_id"] for n in range(7)}
    accepted, page, pages = [], 1, 1
    while page <= pages:
        found = client._fetch("/mail-unsubscribe", {"page": page, "per_page": 3})
        accepted += [record["_id"] for record in found["data"]]
        page, pages = page + 1, found["paging"]["pages"]
    assert len(accepted) == len(set(accepted)) == 8
    assert made < set(accepted)


def test_many_are_removed_at_once(client: Client) -> None:
    ids = [client._create("/mail-unsubscribe", {"email": f"p{n}@reader.example"})["data"]["_id"] for n in range(3)]
    assert client._create("/mail-unsubscribe/remove", {"ids": [*ids, NOBODY]}) == {"success": True}
    assert client._fetch("/mail-unsubscribe", {"_id": ids})["paging"]["total"] == 0


def test_remove_and_check_are_ids_to_a_get(client: Client) -> None:
    for word in ("remove", "check"):
        with pytest.raises(AxiosError) as thrown:
            client._fetch(f"/mail-unsubscribe/{word}")
        assert thrown.value.status == 400


def test_parameters_of_a_create_or_delete_do_not_disturb(client: Client) -> None:
    params = {"nameSpace": ["acme"], "populate": ["a", "b"]}
    made = client._create("/mail-unsubscribe", {"email": "ada@reader.example"}, params)
    assert client._delete(f"/mail-unsubscribe/{made['data']['_id']}", params) == {"success": True}


@pytest.mark.parametrize("api_key", ["wrong", ""])
def test_a_wrong_key_is_thrown_at_once(api_key: str) -> None:
    with pytest.raises(AxiosError) as thrown:
        Client(api_key)._fetch("/mail-unsubscribe", {"page": 1})
    assert (thrown.value.status, thrown.value.data) == (401, {"success": False, "error": "Authentication required"})


def test_a_bearer_token_among_the_options_headers_is_taken_too() -> None:
    client = Client("", {"Authorization": f"Bearer {examples.REPZO['api-key']}"})
    assert client._fetch("/mail-unsubscribe")["success"] is True


def test_the_documented_prefix_is_the_same_api(client: Client) -> None:
    made = client._create("/v1/mail-unsubscribe", {"email": "ada@reader.example"})
    assert client._fetch("/v1/mail-unsubscribe", {"_id": [made["data"]["_id"]]})["data"] == [made["data"]]
    assert client._delete(f"/v1/mail-unsubscribe/{made['data']['_id']}") == {"success": True}
