"""LetterBucket's request and reply models: subscribers of the key's newsletter."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from optout import number
from optout.address import CONTROL
from optout.runtime.fields import Body, Email, Reply
from optout.subscribers.membership import Changes, Member, member
from optout.subscribers.subscribe import NewSubscriber
from optout.subscribers.subscriber import Status, Subscriber
from optout.suppressions.state import AddressState


def _printable(text: str) -> str:
    """A name without control characters and line separators (it becomes a header), and without the space around it."""
    if CONTROL.search(text):
        raise PydanticCustomError("name", "Enter a valid value.")
    return text.strip()


def _digits(value: Any) -> Any:
    """Only digits in a query string: no sign, no point, no space."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise PydanticCustomError("int_parsing", "Enter a whole number.")
    return value


def _not_null(value: Any) -> Any:
    """Reject null for an optional field."""
    if value is None:
        raise PydanticCustomError("null", "Enter a valid value.")
    return value


Name = Annotated[str, Field(max_length=255), AfterValidator(_printable)]
WholeNumber = Annotated[int, BeforeValidator(_digits)]


class SubscriberBody(Body):
    """The body of a create, and an item of a bulk."""

    email: Email
    name: Name | None = ""
    status: Literal["active", "pending"] = "active"

    @property
    def subscriber(self) -> NewSubscriber:
        return NewSubscriber(self.email, self.name, Status(self.status))


class SubscriberChanges(Body):
    """The body of an update: at least one of three fields."""

    email: Annotated[Email | None, BeforeValidator(_not_null)] = None
    name: Name | None = None
    status: Annotated[Literal["active", "pending"] | None, BeforeValidator(_not_null)] = None

    @model_validator(mode="after")
    def _require_a_field(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError("missing", "Give at least one of email, name and status.")
        return self

    @property
    def changes(self) -> Changes:
        changes = Changes()
        if self.email is not None:
            changes["address"] = self.email
        if "name" in self.model_fields_set:
            changes["name"] = self.name
        if self.status is not None:
            changes["status"] = Status(self.status)
        return changes


class SubscriberView(BaseModel):
    """A subscriber as LetterBucket shows it, with exactly five keys."""

    id: str
    email: str
    name: str | None
    status: Status
    created_at: str

    @classmethod
    def of(cls, one: Member) -> Self:
        subscriber = one.subscriber
        return cls(
            id=number.to_uuid(subscriber.number),
            email=subscriber.address.original,
            name=subscriber.name,
            status=one.status,
            created_at=f"{datetime.fromtimestamp(subscriber.created // 1000, UTC):%Y-%m-%dT%H:%M:%S}+00:00",
        )


class SubscriberReply(Reply):
    """The reply with one subscriber."""

    success: Literal[True] = True
    data: SubscriberView

    @classmethod
    def of(cls, subscriber: Subscriber, state: AddressState) -> Self:
        return cls(data=SubscriberView.of(member(subscriber, state)))


class CreatedSubscribers(BaseModel):
    """The subscribers that a bulk created, in the order of the request."""

    created: list[SubscriberView]


class BulkReply(Reply):
    """The reply to a bulk."""

    success: Literal[True] = True
    data: CreatedSubscribers

    @classmethod
    def of(cls, created: Iterable[Member]) -> Self:
        return cls(data=CreatedSubscribers(created=[SubscriberView.of(one) for one in created]))


class Pagination(BaseModel):
    """The position of a page in the list."""

    page: int
    limit: int
    total: int
    pages: int


class ListReply(Reply):
    """One page of subscribers."""

    success: Literal[True] = True
    data: list[SubscriberView]
    pagination: Pagination

    @classmethod
    def of(cls, found: Iterable[Member], page: int, limit: int, total: int) -> Self:
        pagination = Pagination(page=page, limit=limit, total=total, pages=-(-total // limit))
        return cls(data=[SubscriberView.of(one) for one in found], pagination=pagination)
