"""Signed link tokens: unsubscribe links and confirmation links.

An unsubscribe token has 44 characters of base64url: version, key id, scope, campaign number, recipient number and a
128-bit MAC (HMAC-SHA-256 over all of them and the purpose). It holds no address and never expires: the link in an old
email must still work. Mail programs drop dashes and underscores from the end of a link: no new token ends in one, and
an old token without them is still read. What stands behind a token is ignored. A confirmation token also holds the
newsletter's name, and its length varies with it. Keys are a mapping of key id to secret: the highest id signs, every
key verifies, and a leaked key is removed.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TypeAlias

from optout.errors import BadToken

LENGTH = 44
_VERSION = 1
_ATTEMPTS = range(_VERSION, 256, 16)  # the first byte: the version, and above it the attempt at a good end
_MAC = 16
_MARK = 8  # bytes of an address's keyed hash; the token is signed, so they cannot be chosen
_LONGEST = 180  # characters of any token
_TOKEN = re.compile(r"[A-Za-z0-9_-]+")
_DROPPED = ("-", "_", "--", "-_", "_-", "__")  # from the end of an old link

Keys: TypeAlias = Mapping[int, bytes]


class Purpose(StrEnum):
    """A token made for one purpose is not valid for another."""

    UNSUBSCRIBE = "unsub"
    CONFIRM = "confirm"


class LinkScope(IntEnum):
    """The scope of an unsubscribe link."""

    EVERYTHING = 0
    TOPIC = 1


@dataclass(frozen=True, slots=True)
class Link:
    """The content of an unsubscribe token. ``recipient`` is the subscriber's number, or 0 in a test email to an address
    that is not subscribed."""

    campaign: int
    recipient: int
    scope: LinkScope = LinkScope.EVERYTHING


@dataclass(frozen=True, slots=True)
class ConfirmationLink:
    """The content of a confirmation token: the subscriber, when the confirmation was requested (epoch milliseconds),
    and the first bytes of the address's keyed hash."""

    workspace: str
    newsletter: str
    number: int
    requested_at: int
    mark: str


def mark(hashed: str) -> str:
    """The part of an address's keyed hash that a token holds."""
    return hashed[: 2 * _MARK]


def mint(keys: Keys, purpose: Purpose, link: Link) -> str:
    """Sign a link with the newest key."""
    return _sign(keys, purpose, bytes((link.scope,)) + link.campaign.to_bytes(7) + link.recipient.to_bytes(7))


def read(keys: Keys, purpose: Purpose, text: str) -> Link:
    """Verify a token and return its content, whatever follows it; raises `BadToken` for any other text."""
    body = _verified(keys, purpose, _start(text)[:LENGTH])
    if body[0] not in list(LinkScope):
        raise BadToken
    return Link(int.from_bytes(body[1:8]), int.from_bytes(body[8:15]), LinkScope(body[0]))


def mint_confirmation(keys: Keys, link: ConfirmationLink) -> str:
    """Sign a confirmation link with the newest key."""
    numbers = link.requested_at.to_bytes(7) + link.number.to_bytes(7) + bytes.fromhex(link.mark)
    return _sign(keys, Purpose.CONFIRM, numbers + f"{link.workspace}\0{link.newsletter}".encode())


def read_confirmation(keys: Keys, text: str) -> ConfirmationLink:
    """Verify a token and return its content; raises `BadToken` for any other text."""
    body = _verified(keys, Purpose.CONFIRM, _start(text))
    numbers, names = body[: 14 + _MARK], body[14 + _MARK :]
    workspace, _, newsletter = names.decode().partition("\0")
    requested_at, number = int.from_bytes(numbers[:7]), int.from_bytes(numbers[7:14])
    return ConfirmationLink(workspace, newsletter, number, requested_at, numbers[14:].hex())


def _sign(keys: Keys, purpose: Purpose, body: bytes) -> str:
    kid = max(keys)
    for first in _ATTEMPTS:  # each has another MAC; one in 32 ends in a sign that mail programs drop
        payload = bytes((first, kid)) + body
        token = _encoded(payload + _mac(keys[kid], purpose, payload))
        if token[-1] not in "-_":
            break
    return token


def _start(text: str) -> str:
    """The token at the start of a link's last part: brackets, quotes, escapes and parameters may follow."""
    found = _TOKEN.match(text)
    if found is None or len(found[0]) > _LONGEST:
        raise BadToken
    return found[0]


def _verified(keys: Keys, purpose: Purpose, text: str) -> bytes:
    """The signed body of a token, to whose end a mail program may have done something."""
    for token in (text, text.rstrip("-_"), *(text + end for end in _DROPPED)):
        payload = _payload(keys, purpose, token)
        if payload is not None:
            return payload[2:]
    raise BadToken


def _payload(keys: Keys, purpose: Purpose, token: str) -> bytes | None:
    """The bytes that a token signs; None if it is not genuine."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except binascii.Error:
        return None
    payload, mac = raw[:-_MAC], raw[-_MAC:]
    if len(payload) < 2 or _encoded(raw) != token:  # a token has one spelling
        return None
    # An unknown key id is checked against some key all the same: forged and malformed take the same time.
    key = keys.get(payload[1])
    genuine = hmac.compare_digest(mac, _mac(key or b"no such key", purpose, payload))
    return payload if genuine and key and payload[0] in _ATTEMPTS else None


def _mac(key: bytes, purpose: Purpose, payload: bytes) -> bytes:
    if purpose is not Purpose.UNSUBSCRIBE:  # every purpose has a key of its own; the links out there have the first
        key = hmac.digest(key, f"a key to {purpose}".encode(), "sha256")
    return hmac.digest(key, purpose.encode() + b"\0" + payload, "sha256")[:_MAC]


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
