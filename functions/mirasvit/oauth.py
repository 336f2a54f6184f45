"""OAuth 1.0a: requests signed with the secrets of a consumer and of an access token.

Neither secret is stored: both are derived from the key and the token with the stack's own secret. Nonces are not stored
either: an attacker who can replay a request within ten minutes has read the header, and so the access token.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote

from oauthlib.oauth1.rfc5849 import signature  # type: ignore[import-untyped]

from optout.access.credential import Credential, Credentials, hash_key, require_known, same
from optout.errors import Unauthenticated
from optout.web.request import Incoming
from optout.wiring.clients import keyed_hash

TOLERANCE = 600  # seconds between the client's clock and ours
_PARAMETER = re.compile(r'\s*([\w.~%-]+)\s*=\s*"([^"]*)"\s*(?:,|$)', re.ASCII)
_SIGN = {
    "HMAC-SHA256": signature.sign_hmac_sha256_with_client,
    "HMAC-SHA1": signature.sign_hmac_sha1_with_client,
}
_REQUIRED = {"consumer_key", "token", "signature_method", "signature", "timestamp", "nonce"}

KeyedHash: TypeAlias = Callable[[str], str]


def consumer_secret(keyed_hash: KeyedHash, consumer_key: str) -> str:
    """The secret of a consumer, derived from its key."""
    return keyed_hash(f"oauth consumer {consumer_key}")


def token_secret(keyed_hash: KeyedHash, access_token: str) -> str:
    """The secret of an access token, derived from the token."""
    return keyed_hash(f"oauth token {access_token}")


@dataclass(frozen=True, slots=True)
class _Secrets:
    """Both secrets, under the names that oauthlib expects."""

    client_secret: str
    resource_owner_secret: str


def verified(incoming: Incoming, credentials: Credentials, dialect: str) -> Credential:
    """The credential behind the signature of a request; raises `Unauthenticated`."""
    try:
        given = _parameters(incoming.headers["authorization"])
        signed = _base_string(incoming, given)
    except ValueError as error:
        raise Unauthenticated from error
    credential = require_known(credentials, given["oauth_token"], dialect)
    if not same(credential.consumer, hash_key(given["oauth_consumer_key"])):
        raise Unauthenticated
    hashed = keyed_hash()
    secrets = _Secrets(consumer_secret(hashed, given["oauth_consumer_key"]), token_secret(hashed, given["oauth_token"]))
    expected = _SIGN[given["oauth_signature_method"]](signed, secrets)
    if not same(expected, given["oauth_signature"]):
        raise Unauthenticated
    return credential


def _parameters(header: str) -> Mapping[str, str]:
    """The parameters of the header except the realm; raises ValueError if one is missing or invalid."""
    found: dict[str, str] = {}
    at = len("OAuth ")
    while at < len(header):
        match = _PARAMETER.match(header, at)
        if match is None or unquote(match[1]) in found:
            raise ValueError
        found[unquote(match[1])] = unquote(match[2], errors="strict")
        at = match.end()
    found.pop("realm", None)
    if not all(found.get(f"oauth_{name}") for name in _REQUIRED) or found.get("oauth_version", "1.0") != "1.0":
        raise ValueError
    if found["oauth_signature_method"] not in _SIGN or not re.fullmatch("[0-9]{1,12}", found["oauth_timestamp"]):
        raise ValueError
    if abs(int(found["oauth_timestamp"]) - time.time()) > TOLERANCE:
        raise ValueError
    return found


def _base_string(incoming: Incoming, given: Mapping[str, str]) -> str:
    """The signature base string: the method, the URL and every parameter except the signature."""
    address, _, query = incoming.url.partition("?")
    asked = parse_qsl(query, keep_blank_values=True, max_num_fields=1000)
    if any(name.startswith("oauth_") for name, _ in asked):
        raise ValueError
    signed = [*asked, *((name, value) for name, value in given.items() if name != "oauth_signature")]
    uri, parameters = signature.base_string_uri(address), signature.normalize_parameters(signed)
    return str(signature.signature_base_string(incoming.method, uri, parameters))
