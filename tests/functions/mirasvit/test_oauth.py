"""Mirasvit: requests signed by OAuth 1.0a, with another implementation of it on the client's side."""

import os
import subprocess
import sys
import time
from typing import Any
from urllib.parse import quote

import pytest
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256, SIGNATURE_PLAINTEXT, Client  # type: ignore[import-untyped]

from mirasvit import oauth
from optout.wiring.clients import keyed_hash as wired_keyed_hash
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import call, load
from tests.support.handlers.refusals import UNAUTHENTICATED, UNAVAILABLE
from tests.support.wiring import forget

TOKEN = examples.MIRASVIT["authorization"].removeprefix("Bearer ")
QUERY = "searchCriteria%5BfilterGroups%5D%5B0%5D%5Bfilters%5D%5B0%5D%5Bfield%5D=email&fields=items%5Bid%2Cemail%5D"
QUERY += "&searchCriteria%5BfilterGroups%5D%5B0%5D%5Bfilters%5D%5B0%5D%5Bvalue%5D=a%2Bb%25%20c"


class Altered(Client):  # type: ignore[misc]
    """A client that says something else in its header, and signs that."""

    def __init__(self, *words: Any, altered: dict[str, str | None], **options: Any) -> None:
        super().__init__(*words, **options)
        self.altered = altered

    def get_oauth_params(self, request: Any) -> list[tuple[str, str]]:
        given = {**dict(super().get_oauth_params(request)), **self.altered}
        return [(name, value) for name, value in given.items() if value is not None]


def signed(function: str, query: str = "", **options: Any) -> dict[str, Any]:
    """The event of a function, with an OAuth header in place of its credentials."""
    event = load(function)
    event["requestContext"]["http"]["method"] = options.pop("method", event["requestContext"]["http"]["method"])
    event["rawPath"] += options.pop("end", "")
    keyed_hash = wired_keyed_hash()
    consumer, token = options.pop("consumer", examples.CONSUMER), options.pop("token", TOKEN)
    client = Altered(
        consumer,
        client_secret=options.pop("client_secret", oauth.consumer_secret(keyed_hash, consumer)),
        resource_owner_key=token,
        resource_owner_secret=options.pop("token_secret", oauth.token_secret(keyed_hash, token)),
        **{"signature_method": SIGNATURE_HMAC_SHA256, "altered": {}, **options},
    )
    url = f"https://{event['headers']['host']}{event['rawPath']}"
    method = event["requestContext"]["http"]["method"]
    _, headers, _ = client.sign(f"{url}?{query}" if query else url, http_method=method)
    event["rawQueryString"] = query
    event["headers"]["authorization"] = headers["Authorization"]
    return event


def refused(event: dict[str, Any], function: str = "mirasvit.list") -> bool:
    answer = call(function, event)
    return (answer.status, answer.json) == UNAUTHENTICATED["mirasvit"]


def edited(old: str, new: str) -> dict[str, Any]:
    event = signed("mirasvit.list")
    header = event["headers"]["authorization"]
    assert old in header
    event["headers"]["authorization"] = header.replace(old, new)
    return event


@pytest.mark.parametrize("method", [SIGNATURE_HMAC_SHA256, SIGNATURE_HMAC_SHA1])
@pytest.mark.parametrize(
    "function", ["mirasvit.list", "mirasvit.get", "mirasvit.create", "mirasvit.delete", "mirasvit.websites"]
)
def test_a_signed_request_is_let_in(function: str, method: str) -> None:
    assert call(function, signed(function, signature_method=method)).status == 200


@pytest.mark.parametrize("changes", [{"method": "HEAD"}, {"end": "/"}])
def test_method_and_path_are_signed_as_the_client_wrote_them(changes: dict[str, str]) -> None:
    assert call("mirasvit.list", signed("mirasvit.list", **changes)).status == 200


@pytest.mark.parametrize("query", [QUERY, "searchCriteria=", "a=&a=2&a=1", "x=%E2%82%AC+%7E~"])
def test_the_query_is_signed_with_its_brackets_commas_and_escapes(query: str) -> None:
    assert call("mirasvit.list", signed("mirasvit.list", query)).status == 200


def test_brackets_may_be_sent_raw() -> None:
    event = signed("mirasvit.list", QUERY)
    event["rawQueryString"] = QUERY.replace("%5B", "[").replace("%5D", "]").replace("%2C", ",")
    assert call("mirasvit.list", event).status == 200


def test_the_answer_is_that_of_the_token_s_workspace() -> None:
    other = examples.OTHER_MIRASVIT["authorization"].removeprefix("Bearer ")
    answer = call("mirasvit.list", signed("mirasvit.list", token=other))
    assert [row["email"] for row in answer.json["items"]] == ["far@reader.example"]


@pytest.mark.parametrize(
    "options",
    [
        {"token": "exampleOfATokenThatNobodyGaveOut"},
        {"consumer": "exampleOfAConsumerThatIsNotOurs0"},
        {"client_secret": "wrong"}, {"token_secret": "wrong"}, {"token_secret": ""},
        {"signature_method": SIGNATURE_PLAINTEXT},
        {"timestamp": str(int(time.time()) - 1200)}, {"timestamp": str(int(time.time()) + 1200)},
    ],
)  # fmt: skip
@pytest.mark.usefixtures("nothing_stored")
def test_who_does_not_know_the_secrets_is_refused(options: dict[str, str]) -> None:
    assert refused(signed("mirasvit.list", **options))


def test_the_secrets_of_one_token_open_nothing_with_another() -> None:
    other = examples.OTHER_MIRASVIT["authorization"].removeprefix("Bearer ")
    assert refused(signed("mirasvit.list", token_secret=oauth.token_secret(wired_keyed_hash(), other)))


@pytest.mark.parametrize("part", ["rawPath", "rawQueryString", "method", "host", "x-forwarded-proto"])
def test_a_request_that_was_changed_on_its_way_is_refused(part: str) -> None:
    event = signed("mirasvit.list", "searchCriteria%5BpageSize%5D=1")
    if part == "method":
        event["requestContext"]["http"]["method"] = "POST"
    elif part in event["headers"]:
        event["headers"][part] = {"host": "elsewhere.example", "x-forwarded-proto": "http"}[part]
    else:
        event[part] = {"rawPath": "/rest/V1/mst-email/unsubscriptions/", "rawQueryString": ""}[part]
    assert refused(event)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("oauth_nonce=", "nonce="), ("oauth_timestamp=", "timestamp="), ("oauth_signature=", "signature="),
        ("oauth_token=", "token="), ("oauth_consumer_key=", "consumer_key="), ("oauth_signature_method=", "method="),
        ('oauth_version="1.0"', 'oauth_version="2.0"'), ('"HMAC-SHA256"', '"HMAC-SHA512"'),
        ('"HMAC-SHA256"', '"RSA-SHA1"'),
        ("OAuth ", 'OAuth oauth_token="x", '), ("OAuth ", 'OAuth oauth_nonce="1", oauth_nonce="1", '),
        ('oauth_timestamp="', 'oauth_timestamp="x'), ('oauth_timestamp="', f'oauth_timestamp="{"9" * 5000}'),
        ('oauth_signature="', 'oauth_signature="A'), ("OAuth ", "OAuth ,"), ("OAuth ", "OAuth \ud800, "),
        ('oauth_signature="', 'oauth_signature="%FF'), ('oauth_nonce="', 'extra="1", oauth_nonce="'),
    ],
)  # fmt: skip
def test_a_header_that_lacks_or_repeats_or_changes_something_is_refused(old: str, new: str) -> None:
    assert refused(edited(old, new))


@pytest.mark.parametrize(
    "altered",
    [
        {"oauth_version": "2.0"}, {"oauth_version": "1.0a"}, {"oauth_nonce": None}, {"oauth_nonce": ""},
        {"oauth_timestamp": "0"}, {"oauth_timestamp": "-1"}, {"oauth_timestamp": "x"}, {"oauth_timestamp": "٣"},
    ],
)  # fmt: skip
def test_a_good_signature_is_not_enough(altered: dict[str, str | None]) -> None:
    assert refused(signed("mirasvit.list", altered=altered))


@pytest.mark.parametrize("altered", [{"oauth_version": None}, {"oauth_nonce": "ü+ %"}, {"oauth_verifier": "x, y"}])
def test_what_may_be_left_out_or_added_does_not_matter(altered: dict[str, str | None]) -> None:
    assert call("mirasvit.list", signed("mirasvit.list", altered=altered)).status == 200


@pytest.mark.parametrize(("old", "new"), [("OAuth ", "oauth "), ("OAuth ", 'OAuth realm="https://x.example/, a", ')])
def test_the_realm_and_the_letter_case_of_the_scheme_do_not_matter(old: str, new: str) -> None:
    assert call("mirasvit.list", edited(old, new)).status == 200


def test_parameters_of_the_protocol_belong_into_the_header_alone() -> None:
    assert refused(signed("mirasvit.list", "oauth_callback=x"))


@pytest.mark.parametrize(
    "header", ["OAuth", "OAuth ", "OAuth x", 'OAuth a="', "OAuth " + "=" * 5000, "OAuth " + 'a="",' * 5000]
)
def test_a_header_that_is_none_is_refused(header: str) -> None:
    event = load("mirasvit.list")
    event["headers"]["authorization"] = header
    assert refused(event)


def test_a_token_of_a_login_belongs_to_no_consumer() -> None:
    token = call("mirasvit.token").json
    assert refused(signed("mirasvit.list", token=token, consumer=""))
    assert refused(signed("mirasvit.list", token=token))


def test_without_the_stack_s_secret_nobody_can_be_told_from_anybody(aws: AWS) -> None:
    event = signed("mirasvit.list")
    aws.lose("AddressPepper")
    forget()
    answer = call("mirasvit.list", event)
    assert (answer.status, answer.json) == (503, UNAVAILABLE["mirasvit"])


def test_who_does_not_sign_does_not_wait_for_the_library() -> None:
    endpoints = ", ".join(f"mirasvit.{name}" for name in ("create", "get", "list", "delete", "token", "websites"))
    program = f"import sys, {endpoints}; sys.exit('oauthlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": os.pathsep.join(sys.path)}, check=True)


def test_the_secrets_are_32_characters_and_differ() -> None:
    secrets = {oauth.consumer_secret(wired_keyed_hash(), "x"), oauth.token_secret(wired_keyed_hash(), "x")}
    assert {len(secret) for secret in secrets} == {32}
    assert len(secrets) == 2
    assert quote("".join(secrets)) == "".join(secrets)
