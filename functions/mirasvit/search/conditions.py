"""What a filter says about a row, near to what MySQL makes of the same comparison.

A value that is nothing of its field's kind (a word for a number, ``None`` for a date) equals nothing and is neither
more nor less than anything: MySQL would take some of these for 0, and find the rows of all triggers. Addresses are
equal as they are everywhere in this service; dates are compared by whole seconds; no field is ever null.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from mirasvit.schemas import date_text, trigger_of
from mirasvit.search.criteria import Condition, Field, Filter
from optout.address import Address
from optout.errors import BadAddress
from optout.runtime.fields import to_address
from optout.suppressions.suppression import Suppression

Decider: TypeAlias = Callable[[Suppression], bool]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*")


def address_of(value: str) -> Address | None:
    """The address that a value is, None when it is none; space around it makes it another text."""
    try:
        return None if value != value.strip() else to_address(value)
    except ValueError:
        pass
    try:
        return Address.parse(value)
    except BadAddress:
        return None


def number_of(value: str) -> Decimal | None:
    """The number that a value is."""
    return Decimal(value.strip()) if _NUMBER.fullmatch(value) else None


def seconds_of(value: str) -> int | None:
    """The moment that a value is, in epoch seconds; UTC where it names no zone, and MySQL's zero date is before all."""
    if value.startswith("0000-00-00"):
        return (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // timedelta(seconds=1)


def _email_of(value: str) -> str:
    address = address_of(value)
    return address.key_form if address else value.lower()


@dataclass(frozen=True, slots=True)
class Column:
    """A field: what a row shows there, what it is compared and sorted by, and how a value is read to be compared."""

    shown: Callable[[Suppression], str]
    key: Callable[[Suppression], Any]
    read: Callable[[str], Any]


COLUMNS: Mapping[Field, Column] = {
    Field.ID: Column(lambda row: str(row.number), lambda row: row.number, number_of),
    Field.EMAIL: Column(lambda row: row.address.original, lambda row: row.address.key_form, _email_of),
    Field.TRIGGER: Column(lambda row: str(trigger_of(row.scope)), lambda row: trigger_of(row.scope), number_of),
    Field.CREATED: Column(lambda row: date_text(row.created), lambda row: row.created // 1000, seconds_of),
    Field.UPDATED: Column(lambda row: date_text(row.modified), lambda row: row.modified // 1000, seconds_of),
}

_SAME_AS = {Condition.MOREQ: Condition.GTEQ, Condition.FROM: Condition.GTEQ, Condition.TO: Condition.LTEQ}
_NEGATED = {
    Condition.NEQ: Condition.EQ,
    Condition.NIN: Condition.IN,
    Condition.NLIKE: Condition.LIKE,
    Condition.NFINSET: Condition.FINSET,
    Condition.NOTNULL: Condition.NULL,
}
_COMPARING = {
    Condition.EQ: operator.eq,
    Condition.GT: operator.gt,
    Condition.LT: operator.lt,
    Condition.GTEQ: operator.ge,
    Condition.LTEQ: operator.le,
}


def plain(wanted: Filter) -> tuple[Condition, str]:
    """A filter's condition and value, without the conditions that are only other words for one."""
    value = wanted.value or ""
    match wanted.condition:
        case Condition.IN | Condition.NIN if "," not in value:
            return (Condition.EQ if wanted.condition is Condition.IN else Condition.NEQ), value
        case Condition.SEQ:
            return (Condition.EQ if value else Condition.NULL), value
        case Condition.SNEQ:
            return (Condition.NEQ if value else Condition.NOTNULL), value
        case Condition.IS:
            words = {"": Condition.NULL, "null": Condition.NULL, "not null": Condition.NOTNULL}
            return words.get(value.strip().lower(), Condition.EQ), value
        case Condition.FULLTEXT:
            return Condition.LIKE, f"%{value}%"
    return _SAME_AS.get(wanted.condition, wanted.condition), value


def decider(wanted: Filter) -> Decider:
    """What decides whether a row is one of those that a filter lets through."""
    condition, value = plain(wanted)
    column = COLUMNS[wanted.field]
    if condition in _NEGATED:
        positive = _positive(column, _NEGATED[condition], value)
        return lambda row: not positive(row)
    return _positive(column, condition, value)


def _positive(column: Column, condition: Condition, value: str) -> Decider:
    if condition in _COMPARING:
        compare, read = _COMPARING[condition], column.read(value)
        return lambda row: read is not None and bool(compare(column.key(row), read))
    match condition:
        case Condition.IN:
            values = {column.read(part) for part in value.split(",")}
            return lambda row: column.key(row) in values
        case Condition.LIKE:
            pattern = like(value)
            return lambda row: pattern.fullmatch(column.shown(row)) is not None
        case Condition.NTOA:
            pattern = like(value)
            return lambda row: any(map(pattern.fullmatch, _dotted(column.shown(row))))
        case Condition.FINSET:
            return lambda row: value.lower() in column.shown(row).lower().split(",")
    return lambda row: False  # null


def like(value: str) -> re.Pattern[str]:
    """SQL's LIKE: % is any text, _ any character, a backslash takes them for themselves, letter case does not count.

    What stands between two % is looked for once, from the left, and never again from elsewhere: so the time that a
    pattern takes does not grow with the number of its wildcards.
    """
    parts = [""]
    for escaped, char in re.findall(r"\\(.)|(.)", value, re.DOTALL):
        if char == "%":
            parts.append("")
        else:
            parts[-1] += "." if char == "_" else re.escape(escaped or char)
    first, *others = parts
    if not others:
        return re.compile(first, re.DOTALL | re.IGNORECASE)
    middle = "".join(f"(?>.*?{part})" for part in others[:-1] if part)
    return re.compile(f"{first}{middle}.*{others[-1]}", re.DOTALL | re.IGNORECASE)


def _dotted(shown: str) -> list[str]:
    """A number as MySQL's INET_NTOA writes it; nothing for what is no IP address."""
    if not shown.isdecimal() or int(shown) >= 1 << 32:
        return []
    return [".".join(str(int(shown) >> shift & 255) for shift in (24, 16, 8, 0))]
