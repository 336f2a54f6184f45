"""Mirasvit's request and reply models: one row per address and trigger; trigger 0 means all triggers."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from optout.errors import Invalid, Problem
from optout.number import LIMIT
from optout.runtime.fields import Body, Email
from optout.scope import Scope, trigger_scope
from optout.suppressions.suppression import Suppression


def _digits(value: object) -> object:
    """Convert digits to a number, because Magento's clients also send numbers as text."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 17 else value


class NewUnsubscription(Body):
    """The address and trigger to suppress."""

    email: Email
    trigger_id: Annotated[int, BeforeValidator(_digits), Field(ge=0, lt=LIMIT)] = 0

    @property
    def scope(self) -> Scope:
        return trigger_scope(self.trigger_id)


class CreateRequest(Body):
    """The body of a create, with the wrapper of Magento."""

    unsubscription: NewUnsubscription


class SignIn(Body):
    """The username and password of a login."""

    username: Annotated[str, Field(min_length=1)]
    password: Annotated[str, Field(min_length=1)]


class InvalidSignIn(Invalid):
    """An invalid login. A body that is not an object counts as one without both fields."""

    def __init__(self, where: str, *problems: Problem) -> None:
        is_no_object = any(not problem.path for problem in problems)
        both = [Problem(field, "missing", "Field required") for field in SignIn.model_fields]
        super().__init__(where, *(both if is_no_object else problems))


class Unsubscription(BaseModel):
    """A suppression as Mirasvit shows it."""

    id: int
    email: str
    trigger_id: int
    created_at: str
    updated_at: str

    @classmethod
    def of(cls, record: Suppression) -> "Unsubscription":
        return cls(
            id=record.number,
            email=record.address.original,
            trigger_id=trigger_of(record.scope) or 0,
            created_at=date_text(record.created),
            updated_at=date_text(record.modified),
        )


def trigger_of(scope: Scope) -> int | None:
    """The trigger of a scope, 0 for everything; None if this dialect cannot express the scope."""
    return 0 if scope.is_everything else scope.trigger


def record_number(text: str) -> int:
    """Parse an id from the path; raises `Invalid` if it is not an integer."""
    if not (text.isascii() and text.isdigit()):
        raise Invalid("path", Problem("id", "int_type", "An id is an integer."))
    return int(text) if len(text) < 17 else LIMIT  # no record has this number


def date_text(milliseconds: int) -> str:
    """``2026-08-24 14:15:22``, in UTC."""
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%d %H:%M:%S}"
