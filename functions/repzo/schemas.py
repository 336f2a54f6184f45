"""Repzo's words for the list: records, their types and namespaces, dates in ISO 8601."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field

from optout import number
from optout.errors import Invalid, Problem
from optout.fields import Body, Email, Reply
from optout.scope import Mail, Scope
from optout.suppression import Suppression

Name = Annotated[str, Field(min_length=1, max_length=100)]
Names = Annotated[list[Name], Field(max_length=50)]


class NewRecord(Body):
    """The body of a create."""

    email: Email
    reason: Annotated[str, Field(max_length=1000)] = ""
    unsubscribe_types: Names = Field(default=["all"])
    company_namespace: Names = Field(default=[])
    user_agent: Annotated[str, Field(max_length=500)] | None = None
    ip_address: Annotated[str, Field(max_length=100)] | None = None

    @property
    def scope(self) -> Scope:
        """``all`` among the types, or no type, stands for every one of them."""
        return Scope.of(() if "all" in self.unsubscribe_types else self.unsubscribe_types, self.company_namespace)


class Question(Body):
    """The body of a check; types and namespaces narrow it to mail of that kind."""

    email: Email
    unsubscribe_types: Names = Field(default=[])
    company_namespace: Names = Field(default=[])

    @property
    def mails(self) -> list[Mail]:
        """The kinds of mail asked about; none means any record at all."""
        if not self.unsubscribe_types and not self.company_namespace:
            return []
        topics: list[str | None] = [None if name == "all" else name for name in self.unsubscribe_types]
        namespaces: list[str | None] = [*self.company_namespace]
        return [Mail(topic, namespace) for topic in topics or [None] for namespace in namespaces or [None]]


class Answer(Reply):
    """Yes with its date, or no without one."""

    is_unsubscribed: bool
    unsubscribe_date: str | None = Field(default=None, exclude_if=lambda date: date is None)


class AnswerReply(Reply):
    """An answer in its envelope."""

    success: Literal[True] = True
    data: Answer


class Record(Reply):
    """A suppression as Repzo shows it."""

    id: str = Field(serialization_alias="_id")
    email: str
    reason: str
    unsubscribe_types: list[str]
    company_namespace: list[str]
    user_agent: str
    ip_address: str
    created_at: str = Field(serialization_alias="createdAt")
    modified_at: str = Field(serialization_alias="modifiedAt")
    sv_client: int = Field(serialization_alias="SVClient", default=0)
    revision: int = Field(serialization_alias="__v")


class RecordReply(Reply):
    """One record in its envelope."""

    success: Literal[True] = True
    data: Record

    @classmethod
    def of(cls, record: Suppression) -> "RecordReply":
        shown = Record(
            id=number.to_object_id(record.number),
            email=record.address.original,
            reason=record.why or record.reason.value,
            unsubscribe_types=sorted(record.scope.topics) or ["all"],
            company_namespace=sorted(record.scope.namespaces),
            user_agent=record.user_agent,
            ip_address=record.ip,
            created_at=iso(record.created),
            modified_at=iso(record.modified),
            revision=record.revision,
        )
        return cls(data=shown)


def iso(milliseconds: int) -> str:
    """``2026-08-24T14:15:22.000Z``"""
    at = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def record_number(text: str) -> int | None:
    """The number behind an id: None when nobody has it, `Invalid` when it is not 24 hex digits."""
    if len(text) != 24 or not set(text) <= set("0123456789abcdefABCDEF"):
        raise Invalid("path", Problem("id", "object_id", "An id has 24 hex digits."))
    return number.from_object_id(text)
