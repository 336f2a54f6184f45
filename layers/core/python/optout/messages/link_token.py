"""Signed link tokens: who may leave what, and who says yes to a newsletter.

A link to leave has 44 characters of base64url: version, key id, scope, campaign number, recipient number and a 128-bit
MAC (HMAC-SHA-256 over all of them and the purpose). No address, no expiry: a link in an old mail must still let its
reader go. A link to confirm names the newsletter too, and is as long as that name makes it. Keys are a mapping of key
id to secret; the highest id signs, every one present verifies, a leaked one is taken out.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TypeAlias

from optout.errors import BadToken

LENGTH = 44
_VERSION = 1
_MAC = 16
_MARK = 8  # bytes of an address's keyed hash: nobody chooses them, for the token is signed
_LONGEST = 180  # characters of any token
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

Keys: TypeAlias = Mapping[int, bytes]


class Purpose(StrEnum):
    """A token made for one purpose is worthless for another."""

    UNSUBSCRIBE = "unsub"
    CONFIRM = "confirm"


class LinkScope(IntEnum):
    """What a click gives up."""

    EVERYTHING = 0
    TOPIC = 1


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says. ``recipient`` is a subscriber's number, 0 for a test mail to nobody in the list."""

    campaign: int
    recipient: int
    scope: LinkScope = LinkScope.EVERYTHING


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link to confirm says: who is asked for which newsletter, when they were (epoch milliseconds), and under
    which address, as the beginning of its keyed hash."""

    workspace: str
    newsletter: str
    number: int
    asked: int
    mark: str


def mark(hashed: str) -> str:
    """What stands in a token for an address, of its keyed hash."""
    return hashed[: 2 * _MARK]


def mint(keys: Keys, purpose: Purpose, link: Link) -> str:
    """Sign a link with the newest key."""
    return _sign(keys, purpose, bytes((link.scope,)) + link.campaign.to_bytes(7) + link.recipient.to_bytes(7))


def read(keys: Keys, purpose: Purpose, text: str) -> Link:
    """Check a token and say what it means; raises `BadToken` for anything that we did not mint."""
    if len(text) != LENGTH:
        raise BadToken
    body = _verified(keys, purpose, text)
    if body[0] not in list(LinkScope):
        raise BadToken
    return Link(int.from_bytes(body[1:8]), int.from_bytes(body[8:15]), LinkScope(body[0]))


def mint_invitation(keys: Keys, invitation: Invitation) -> str:
    """Sign a link to confirm with the newest key."""
    numbers = invitation.asked.to_bytes(7) + invitation.number.to_bytes(7) + bytes.fromhex(invitation.mark)
    return _sign(keys, Purpose.CONFIRM, numbers + f"{invitation.workspace}\0{invitation.newsletter}".encode())


def read_invitation(keys: Keys, text: str) -> Invitation:
    """Check a token and say what it means; raises `BadToken` for anything that we did not mint."""
    body = _verified(keys, Purpose.CONFIRM, text)
    numbers, names = body[: 14 + _MARK], body[14 + _MARK :]
    workspace, _, newsletter = names.decode().partition("\0")
    asked, number = int.from_bytes(numbers[:7]), int.from_bytes(numbers[7:14])
    return Invitation(workspace, newsletter, number, asked, numbers[14:].hex())


def _sign(keys: Keys, purpose: Purpose, body: bytes) -> str:
    kid = max(keys)
    payload = bytes((_VERSION, kid)) + body
    return _encoded(payload + _mac(keys[kid], purpose, payload))


def _verified(keys: Keys, purpose: Purpose, text: str) -> bytes:
    """The signed body of a token."""
    if len(text) > _LONGEST or not set(text) <= _ALPHABET:
        raise BadToken
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise BadToken from error
    payload, mac = raw[:-_MAC], raw[-_MAC:]
    if len(payload) < 2 or _encoded(raw) != text:  # a token has one spelling
        raise BadToken
    # An unknown key id is checked against some key all the same: forged and malformed take the same time.
    key = keys.get(payload[1])
    genuine = hmac.compare_digest(mac, _mac(key or b"no such key", purpose, payload))
    if not (genuine and key) or payload[0] != _VERSION:
        raise BadToken
    return payload[2:]


def _mac(key: bytes, purpose: Purpose, payload: bytes) -> bytes:
    if purpose is not Purpose.UNSUBSCRIBE:  # every purpose has a key of its own; the links out there have the first
        key = hmac.digest(key, f"a key to {purpose}".encode(), "sha256")
    return hmac.digest(key, purpose.encode() + b"\0" + payload, "sha256")[:_MAC]


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
