"""Repzo's request and reply models: records with types and namespaces, dates in ISO 8601."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from optout import number
from optout.errors import Invalid, NotFound, Problem
from optout.runtime.fields import Body, Email, Reply, iso
from optout.scope import Scope
from optout.suppressions.suppression import Suppression

Name = Annotated[str, Field(min_length=1, max_length=100)]
Names = Annotated[list[Name], Field(max_length=50)]
ObjectIds = Annotated[list[Annotated[str, Field(pattern="^[0-9a-fA-F]{24}$")]], Field(max_length=1000)]


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
        """The scope of the record. ``all`` among the types, or no type, means all types."""
        return Scope.of(() if "all" in self.unsubscribe_types else self.unsubscribe_types, self.company_namespace)


class CheckRequest(Body):
    """The body of a check; types and namespaces narrow it."""

    email: Email
    unsubscribe_types: Names = Field(default=[])
    company_namespace: Names = Field(default=[])

    @property
    def within(self) -> Scope:
        """The scope to check. For ``all``, only records of all types count."""
        return Scope.of(self.unsubscribe_types, self.company_namespace)


class Removal(Body):
    """The body of a remove. Repeated ids count once."""

    ids: ObjectIds


class CheckResult(Reply):
    """The result of a check, with the date if the address is suppressed."""

    is_unsubscribed: bool
    unsubscribe_date: str | None = Field(default=None, exclude_if=lambda date: date is None)


class CheckReply(Reply):
    """The reply to a check."""

    success: Literal[True] = True
    data: CheckResult


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

    @classmethod
    def of(cls, record: Suppression) -> "Record":
        return cls(
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


class RecordReply(Reply):
    """The reply with one record."""

    success: Literal[True] = True
    data: Record


class Paging(Reply):
    """The position of a page in the list."""

    total: int
    page: int
    per_page: int
    pages: int


class PageReply(Reply):
    """The reply with one page of records."""

    success: Literal[True] = True
    data: list[Record]
    paging: Paging

    @classmethod
    def of(cls, records: Sequence[Suppression], total: int, page: int, per_page: int) -> "PageReply":
        paging = Paging(total=total, page=page, per_page=per_page, pages=-(-total // per_page))
        return cls(data=[Record.of(record) for record in records], paging=paging)


class Success(Reply):
    """The reply to a successful removal."""

    success: Literal[True] = True


def record_number(text: str) -> int:
    """The record number of an id; raises `NotFound` if no record can have it, `Invalid` if it is not 24 hex digits."""
    if len(text) != 24 or not set(text) <= set("0123456789abcdefABCDEF"):
        raise Invalid("path", Problem("id", "object_id", "An id has 24 hex digits."))
    found = number.from_object_id(text)
    if found is None:
        raise NotFound(text)
    return found


def numbers_of(ids: Iterable[str]) -> frozenset[int]:
    """The record numbers of ids, without ids that no record can have."""
    return frozenset(found for text in ids if (found := number.from_object_id(text)) is not None)
