"""LetterBucket's words: subscribers of the newsletter that the key belongs to."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from optout import number
from optout.fields import Body, Email, Reply
from optout.scope import Mail, newsletter_topic
from optout.subscriber import Status, Subscriber
from optout.suppression import AddressState


def _printable(text: str) -> str:
    """A name stands in mail headers, so it has no control characters; the space around it means nothing."""
    if any(not char.isprintable() for char in text):
        raise PydanticCustomError("name", "Enter a valid value.")
    return text.strip()


Name = Annotated[str, Field(max_length=255), AfterValidator(_printable)]


class NewSubscriber(Body):
    """The body of a create."""

    email: Email
    name: Name | None = ""
    status: Literal["active", "pending"] = "active"


class SubscriberView(BaseModel):
    """A subscriber as LetterBucket shows it: exactly five keys."""

    id: str
    email: str
    name: str | None
    status: Status
    created_at: str


class SubscriberReply(Reply):
    """One subscriber in its envelope."""

    success: Literal[True] = True
    data: SubscriberView

    @classmethod
    def of(cls, subscriber: Subscriber, state: AddressState) -> "SubscriberReply":
        """A suppression that covers this newsletter shows as ``unsubscribed``, whoever made it."""
        left = state.stopping(Mail(newsletter_topic(subscriber.newsletter))) is not None
        shown = SubscriberView(
            id=number.to_uuid(subscriber.number),
            email=subscriber.address.original,
            name=subscriber.name,
            status=Status.UNSUBSCRIBED if left else subscriber.status,
            created_at=f"{datetime.fromtimestamp(subscriber.created // 1000, UTC):%Y-%m-%dT%H:%M:%S}+00:00",
        )
        return cls(data=shown)
