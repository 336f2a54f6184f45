"""Signed link tokens: who may leave what, and nothing else.

44 characters of base64url hold version, key id, scope, campaign number, recipient number and a 128-bit MAC
(HMAC-SHA-256 over all of them and the purpose). No address, no expiry: a link in an old mail must still let its reader
go. Keys are a mapping of key id to secret; the highest id signs, every one present verifies, a leaked one is taken out.
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
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

Keys: TypeAlias = Mapping[int, bytes]


class Purpose(StrEnum):
    """A token made for one purpose is worthless for another."""

    UNSUBSCRIBE = "unsub"


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


def _mac(key: bytes, purpose: Purpose, payload: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b"\0" + payload, "sha256")[:_MAC]


def mint(keys: Keys, purpose: Purpose, link: Link) -> str:
    """Sign a link with the newest key."""
    kid = max(keys)
    payload = bytes((_VERSION, kid, link.scope)) + link.campaign.to_bytes(7) + link.recipient.to_bytes(7)
    return base64.urlsafe_b64encode(payload + _mac(keys[kid], purpose, payload)).decode()


def read(keys: Keys, purpose: Purpose, text: str) -> Link:
    """Check a token and say what it means; raises `BadToken` for anything that we did not mint."""
    if len(text) != LENGTH or not set(text) <= _ALPHABET:
        raise BadToken
    try:
        raw = base64.urlsafe_b64decode(text)
    except binascii.Error as error:
        raise BadToken from error
    payload, mac = raw[:-_MAC], raw[-_MAC:]
    # An unknown key id is checked against some key all the same: forged and malformed take the same time.
    key = keys.get(payload[1])
    genuine = hmac.compare_digest(mac, _mac(key or b"no such key", purpose, payload))
    if not (genuine and key) or payload[0] != _VERSION or payload[2] not in list(LinkScope):
        raise BadToken
    return Link(int.from_bytes(payload[3:10]), int.from_bytes(payload[10:17]), LinkScope(payload[2]))
