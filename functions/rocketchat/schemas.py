"""Rocket.Chat's request bodies, with the coercions of its validator (AJV with ``coerceTypes``)."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from optout.address import CONTROL
from optout.runtime.fields import Reply


def _text(value: Any) -> Any:
    """Convert scalars to text as JavaScript does; the validator rejects other types."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
    return value


def _one_line(value: str) -> str:
    if CONTROL.search(value):
        raise PydanticCustomError("string_type", "must be string")
    return value


def _boolean(value: Any) -> Any:
    match value:
        case "true" | 1:
            return True
        case "false" | 0:
            return False
        case "":
            return None
    return value


Text = Annotated[str, BeforeValidator(_text)]
Line = Annotated[Text, AfterValidator(_one_line)]  # becomes an email header


class _Closed(BaseModel):
    """A body without additional properties. Only the coercions above apply."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class MailerRequest(_Closed):
    """The body of mailer."""

    sender: Annotated[Line, Field(alias="from", max_length=500)]
    subject: Annotated[Line, Field(min_length=1, max_length=200)]  # SES refuses none
    body: Text
    dryrun: Annotated[bool | None, BeforeValidator(_boolean)] = None
    query: Text | None = None


class UnsubscribeRequest(_Closed):
    """The body of mailer.unsubscribe: a subscriber's id and creation time in epoch milliseconds."""

    id: Annotated[Text, Field(alias="_id", max_length=200)]
    created_at: Annotated[Text, Field(alias="createdAt", max_length=200)]

    @property
    def milliseconds(self) -> int | None:
        """The leading digits, as JavaScript's parseInt reads them."""
        digits = re.match(r"\s*(\d{1,16})", self.created_at, re.ASCII)
        return int(digits[1]) if digits else None


class Success(Reply):
    """The reply to a successful request."""

    success: Literal[True] = True
