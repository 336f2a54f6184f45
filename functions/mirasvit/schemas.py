"""Mirasvit's words for the list: one row per address and trigger, trigger 0 for all of them."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from optout.errors import Invalid, Problem
from optout.number import LIMIT
from optout.runtime.fields import Body, Email
from optout.scope import Scope, trigger_scope
from optout.suppressions.suppression import Suppression


def _digits(value: object) -> object:
    """Magento's clients send numbers as texts as well."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 17 else value


class NewUnsubscription(Body):
    """What a create says."""

    email: Email
    trigger_id: Annotated[int, BeforeValidator(_digits), Field(ge=0, lt=LIMIT)] = 0

    @property
    def scope(self) -> Scope:
        return trigger_scope(self.trigger_id)


class Create(Body):
    """The body of a create: everything is wrapped once."""

    unsubscription: NewUnsubscription


class SignIn(Body):
    """What is exchanged for a token."""

    username: Annotated[str, Field(min_length=1)]
    password: Annotated[str, Field(min_length=1)]


class NoSignIn(Invalid):
    """A sign-in that cannot be one; a body that is no object says neither of its fields."""

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
    """The trigger that a scope is about, 0 for everything; None when this dialect cannot say it."""
    return 0 if scope.is_everything else scope.trigger


def record_number(text: str) -> int:
    """An id of the path; `Invalid` when it is no integer."""
    if not (text.isascii() and text.isdigit()):
        raise Invalid("path", Problem("id", "int_type", "An id is an integer."))
    return int(text) if len(text) < 17 else LIMIT  # nobody's


def date_text(milliseconds: int) -> str:
    """``2026-08-24 14:15:22``, in UTC."""
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%d %H:%M:%S}"
