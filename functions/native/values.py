"""Value types of the native API: addresses in a path, times, ids."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from optout import number
from optout.address import LONGEST, Address
from optout.errors import Invalid, Problem
from optout.runtime.fields import iso, to_address
from optout.scope import MessageClass

Name = Annotated[str, Field(min_length=1, max_length=100)]
Kind = Annotated[MessageClass, Field(strict=False)]
Limit = Annotated[int, Query(ge=1, le=100, description="The number of rows on a page; fewer if they are very large.")]

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.]\d{1,9})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_HEX = frozenset("0123456789abcdefABCDEF")


def _from_path(value: Any) -> Address:
    """Parse an address in a path. API Gateway decodes every escape of a path except ``%25``."""
    try:
        return to_address(unquote(value, errors="strict") if isinstance(value, str) else value)
    except UnicodeDecodeError as error:
        raise PydanticCustomError("email", "Enter a valid email address.") from error


def _from_query(value: Any) -> Address:
    """Parse an address in a query. Its plus sign may arrive as a space, which no address has."""
    return to_address(value.strip().replace(" ", "+") if isinstance(value, str) else value)


def _milliseconds(value: Any) -> int:
    """Parse an RFC 3339 time into epoch milliseconds. The plus sign of its offset may arrive as a space."""
    text = value.replace(" ", "+") if isinstance(value, str) else ""
    try:
        if not _TIME.fullmatch(text):
            raise ValueError(text)
        passed = datetime.fromisoformat(text) - datetime.fromtimestamp(0, UTC)
    except ValueError as error:
        raise PydanticCustomError("datetime", "Enter a time like 2026-08-24T14:15:22Z.") from error
    return int(passed.total_seconds() * 1000)


_EMAIL = WithJsonSchema({"type": "string", "format": "email", "maxLength": LONGEST})
PathEmail = Annotated[Address, PlainValidator(_from_path), _EMAIL]
QueryEmail = Annotated[Address, PlainValidator(_from_query), _EMAIL, Query()]
Time = Annotated[int, PlainValidator(_milliseconds), WithJsonSchema({"type": "string", "format": "date-time"})]
QueryTime = Annotated[Time | None, Query()]
QueryName = Annotated[Name | None, Query()]


def iso_or_none(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso(milliseconds)


def number_of(text: str) -> int | None:
    """Parse the id of a campaign or an import; None if the text is not an id."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else None


def record_number(text: str) -> int | None:
    """Parse a record id in the format of any dialect; None if no record can have it. Raises `Invalid` for any other
    text."""
    if (plain := number_of(text)) is not None:
        return plain
    if len(text) == 24 and set(text) <= _HEX:
        return number.from_object_id(text)
    if len(text) == 36 and set(text) <= _HEX | {"-"}:
        return number.from_uuid(text)
    raise Invalid("path", Problem("id", "record_id", "An id is a whole number."))
