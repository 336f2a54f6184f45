"""Apply a filter to a row, much as MySQL evaluates the same comparison.

A word for a number equals nothing and is neither more nor less than any other value. MySQL would read some of these
values as 0 and find the rows of all triggers. A value that is no date, and an address with space around it, are
`Invalid`: an empty list would say that nobody has left. Addresses are compared as everywhere in this service; dates are
compared by whole seconds; no field is ever null.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from mirasvit.schemas import date_text, trigger_of
from mirasvit.search.criteria import Condition, Field, Filter
from mirasvit.search.dates import seconds_of
from mirasvit.search.php_query import invalid
from optout.address import Address
from optout.errors import BadAddress
from optout.runtime.fields import to_address
from optout.suppressions.suppression import Suppression

Predicate: TypeAlias = Callable[[Suppression], bool]
_NUMBER = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*")


def address_of(value: str) -> Address | None:
    """Parse an address; None if the value is not one. A space in it was a plus sign; space around it is `Invalid`,
    because it may be a plus sign or nothing."""
    if value != value.strip():
        raise invalid("email", "email")
    for text in (value, value.replace(" ", "+")):
        try:
            return to_address(text)
        except ValueError:
            pass
        try:
            return Address.parse(text)
        except BadAddress:
            pass
    return None


def number_of(value: str) -> Decimal | None:
    """Parse a number; None if the value is not one."""
    return Decimal(value.strip()) if _NUMBER.fullmatch(value) else None


def date_of(value: str) -> int:
    """Parse a time into epoch seconds; raises `Invalid`."""
    seconds = seconds_of(value)
    if seconds is None:
        raise invalid("date", value)
    return seconds


def _email_of(value: str) -> str:
    address = address_of(value)
    return address.key_form if address else value.lower()


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a row: its text, its key for comparison and sorting, and the parser of a filter's value."""

    shown: Callable[[Suppression], str]
    key: Callable[[Suppression], Any]
    read: Callable[[str], Any]


COLUMNS: Mapping[Field, Column] = {
    Field.ID: Column(lambda row: str(row.number), lambda row: row.number, number_of),
    Field.EMAIL: Column(lambda row: row.address.original, lambda row: row.address.key_form, _email_of),
    Field.TRIGGER: Column(lambda row: str(trigger_of(row.scope)), lambda row: trigger_of(row.scope), number_of),
    Field.CREATED: Column(lambda row: date_text(row.created), lambda row: row.created // 1000, date_of),
    Field.UPDATED: Column(lambda row: date_text(row.modified), lambda row: row.modified // 1000, date_of),
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
    """A filter's condition and value, with synonyms of a condition replaced by it."""
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


def predicate(wanted: Filter) -> Predicate:
    """The predicate of a filter: true for the rows that match it."""
    condition, value = plain(wanted)
    column = COLUMNS[wanted.field]
    if condition in _NEGATED:
        positive = _positive(column, _NEGATED[condition], value)
        return lambda row: not positive(row)
    return _positive(column, condition, value)


def _positive(column: Column, condition: Condition, value: str) -> Predicate:
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
    """The pattern of SQL's LIKE: % is any text, _ any character, a backslash escapes both, letter case is ignored.

    The text between two % is searched once, from the left, without backtracking, so the time of a match does not grow
    with the number of wildcards.
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
    """A number as INET_NTOA of MySQL formats it; empty if it is not an IPv4 address."""
    if not shown.isdecimal() or int(shown) >= 1 << 32:
        return []
    return [".".join(str(int(shown) >> shift & 255) for shift in (24, 16, 8, 0))]
