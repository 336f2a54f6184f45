"""Record numbers, and their encodings as the ids of each dialect.

A number is below 2^53 and grows with time: 41 bits of milliseconds since 2020 (enough until 2089), then 12 random
bits for records of the same millisecond. Uniqueness does not depend on the clock: the store never overwrites a number,
and a use case that loses takes another one. Every encoding is reversible, so ids need no index.
"""

import secrets
import uuid
from typing import NamedTuple

from optout import clock

EPOCH = 1_577_836_800_000  # 2020-01-01T00:00:00Z in milliseconds
LIMIT = 1 << 53
_LOW = 12
_MASK = (1 << _LOW) - 1
_METEOR = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"  # Meteor's Random.id alphabet
_METEOR_LENGTH = 17
_OBJECT_ID_TAIL = 0x6F70746F75  # the machine and counter bytes of an ObjectId, constant in our ids
_UUID_TAIL = 0x2F70746F75744C73  # the last 62 bits of a UUID, constant in our ids


def new(at: int | None = None) -> int:
    """A new number for a record created at ``at`` (epoch milliseconds; None: now)."""
    return ((clock.now() if at is None else at) - EPOCH) << _LOW | secrets.randbits(_LOW)


def earliest(at: int) -> int:
    """The smallest number of a record created at ``at`` (epoch milliseconds)."""
    return max(0, at - EPOCH) << _LOW


def milliseconds(number: int) -> int:
    """The creation time of a number in epoch milliseconds."""
    return (number >> _LOW) + EPOCH


def _number(at: int, low: int) -> int | None:
    number = (at - EPOCH) << _LOW | low
    return number if 0 <= number < LIMIT else None


def to_object_id(number: int) -> str:
    """24 hex digits in the layout of a MongoDB ObjectId: seconds first."""
    seconds, thousandths = divmod(milliseconds(number), 1000)
    return f"{seconds:08x}{thousandths:03x}{number & _MASK:03x}{_OBJECT_ID_TAIL:010x}"


def from_object_id(text: str) -> int | None:
    """The number encoded in 24 hex digits; None if they are not one of our ids."""
    value = int(text, 16)
    if value & 0xFFFFFFFFFF != _OBJECT_ID_TAIL:
        return None
    low, thousandths, seconds = value >> 40 & _MASK, value >> 52 & 0xFFF, value >> 64
    return _number(seconds * 1000 + thousandths, low) if thousandths < 1000 else None


def to_uuid(number: int) -> str:
    """A UUID in the version 7 layout, which sorts by time."""
    value = milliseconds(number) << 80 | 7 << 76 | (number & _MASK) << 64 | 2 << 62 | _UUID_TAIL
    return str(uuid.UUID(int=value))


def from_uuid(text: str) -> int | None:
    """The number encoded in a UUID; None if the text is not a UUID or not one of our ids."""
    try:
        value = uuid.UUID(text).int
    except ValueError:
        return None
    number = _number(value >> 80, value >> 64 & _MASK)
    return number if number is not None and to_uuid(number) == text.lower() else None


def to_meteor_id(number: int) -> str:
    """17 characters of Meteor's alphabet, which has no look-alikes."""
    digits = []
    for _ in range(_METEOR_LENGTH):
        number, digit = divmod(number, len(_METEOR))
        digits.append(_METEOR[digit])
    return "".join(reversed(digits))


def from_meteor_id(text: str) -> int | None:
    """The number encoded in a Meteor id; None if the text is not one of our ids."""
    if len(text) != _METEOR_LENGTH or not set(text) <= set(_METEOR):
        return None
    number = 0
    for char in text:
        number = number * len(_METEOR) + _METEOR.index(char)
    return number if number < LIMIT else None


class Between(NamedTuple):
    """A range of record numbers, without its two bounds."""

    above: int = 0
    below: int = LIMIT


ANYWHERE = Between()
