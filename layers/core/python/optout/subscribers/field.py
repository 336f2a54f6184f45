"""The fields that a selector can name: their types, their values, and the values that they are compared with."""

import math
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

from optout.errors import Invalid, Problem
from optout.subscribers.expression import NULL, Value, Values
from optout.subscribers.subscriber import Status, Subscriber

TYPES = {
    **dict.fromkeys(("email", "username", "name", "status", "newsletter"), "text"),
    "active": "boolean",
    "createdAt": "date",
}
SYNONYMS = {"emails.address": "email"}
CASELESS = {"email", "username"}  # addresses are compared without ASCII case

_VALUES = 'a value is a text, true, false, null or {"$date": …}'
_ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_LONG = re.compile(r"-?\d{1,16}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FARTHEST = 8_640_000_000_000_000  # milliseconds from the epoch that a date can be, as in JavaScript


def values_of(subscriber: Subscriber, status: Status) -> Values:
    """The values of a subscriber with this status. A username is the part of the address before the @."""
    values = {
        "email": Value("text", _lowered(subscriber.address.original)),
        "username": Value("text", _lowered(subscriber.address.local)),
        "status": Value("text", status.value),
        "active": Value("boolean", status is Status.ACTIVE),
        "createdAt": Value("date", subscriber.created),
        "newsletter": Value("text", subscriber.newsletter),
    }
    if subscriber.name is not None:
        values["name"] = Value("text", subscriber.name)
    return values


def value_of(field: str, node: Any) -> Value:
    """A value for a field; one of another type is refused, because it would select nobody or everybody."""
    value = _typed(field, node)
    if value.type not in ("null", TYPES[field]):
        raise refusal(f"{field} is compared with a {TYPES[field]} or null, not with a {value.type}; {_VALUES}")
    return value


def _typed(field: str, node: Any) -> Value:
    match node:
        case None:
            return NULL
        case bool():
            return Value("boolean", node)
        case int() | float():
            return Value("number", node)
        case str():
            return Value("text", _lowered(composed(field, node)) if field in CASELESS else node)
        case {"$date": at, **rest} if not rest:
            return Value("date", _milliseconds(at))
    raise refusal(_VALUES)


def composed(field: str, text: str) -> str:
    """A text as its field has it: addresses are stored composed."""
    return unicodedata.normalize("NFC", text) if field in CASELESS else text


def _lowered(text: str) -> str:
    return text.lower() if text.isascii() else re.sub("[A-Z]+", lambda letters: letters[0].lower(), text)


def _milliseconds(at: Any) -> int:
    """A date in epoch milliseconds, given as such or in ISO 8601 (UTC if it has no zone)."""
    match at:
        case {"$numberLong": str(digits), **rest} if not rest and _LONG.fullmatch(digits):
            at = int(digits)
        case str() if _ISO.fullmatch(at):
            at = _from_iso(at)
    if isinstance(at, int | float) and not isinstance(at, bool) and abs(at) <= _FARTHEST:
        return math.floor(at)
    raise refusal("$date needs epoch milliseconds or a date like 2015-01-01T00:00:00.000Z")


def _from_iso(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise refusal(f"there is no such date: {text}") from error
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // timedelta(milliseconds=1)


def refusal(text: str) -> Invalid:
    """The error of a selector."""
    return Invalid("selector", Problem("query", "selector", text))
