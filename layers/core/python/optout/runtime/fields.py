"""Field types shared by the dialects, for pydantic, and the JSON format of a time."""

from datetime import UTC, datetime
from typing import Annotated, Any

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from pydantic import BaseModel, ConfigDict, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from optout.address import LONGEST, Address
from optout.errors import BadAddress

SPECIAL_USE_DOMAIN_NAMES.clear()  # addresses at reserved domains may be suppressed too; the library offers this list


def to_address(value: Any) -> Address:
    """Parse an address. It need not be deliverable. Raises the error that pydantic reports."""
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Input should be a valid string")
    text = value.strip()
    if len(text) > LONGEST:
        raise PydanticCustomError("string_too_long", "String should have at most 254 characters", {"max_length": 254})
    try:
        found = validate_email(
            text, check_deliverability=False, strict=True, globally_deliverable=False, allow_quoted_local=True
        )
        return Address.parse(text, found.ascii_domain)
    except (EmailNotValidError, BadAddress) as error:
        raise PydanticCustomError("email", "Enter a valid email address.") from error


Email = Annotated[
    Address, PlainValidator(to_address), WithJsonSchema({"type": "string", "format": "email", "maxLength": LONGEST})
]


class Body(BaseModel):
    """A request body. Types are not converted, unknown fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Reply(BaseModel):
    """A response body."""

    model_config = ConfigDict(frozen=True)


def iso(milliseconds: int) -> str:
    """``2026-08-24T14:15:22.000Z``"""
    at = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"
