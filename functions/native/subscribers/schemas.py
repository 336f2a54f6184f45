"""The double opt-in confirmations of a subscriber."""

from collections.abc import Sequence
from typing import Self

from optout.runtime.fields import Reply, iso
from optout.subscribers.subscriber import Confirmation, Subscriber
from optout.web.reply_size import page


class ConfirmationView(Reply):
    """One confirmation: address, times of request and confirmation, and source. ``ip_hash`` shows only whether two
    confirmations came from the same IP address."""

    email: str
    requested_at: str
    confirmed_at: str
    via: str
    user_agent: str
    ip_hash: str

    @classmethod
    def of(cls, confirmation: Confirmation) -> Self:
        return cls(
            email=confirmation.address.original,
            requested_at=iso(confirmation.requested_at),
            confirmed_at=iso(confirmation.at),
            via=confirmation.origin.via,
            user_agent=confirmation.origin.user_agent,
            ip_hash=confirmation.origin.ip,
        )


class Confirmations(Reply):
    """The confirmations of one subscriber, newest first. ``after`` is the parameter for the next page, and null on the
    last one."""

    id: str
    newsletter: str
    email: str
    confirmations: list[ConfirmationView]
    after: int | None

    @classmethod
    def of(cls, subscriber: Subscriber, found: Sequence[Confirmation], limit: int) -> Self:
        shown, more = page([ConfirmationView.of(confirmation) for confirmation in found], limit)
        return cls(
            id=str(subscriber.number),
            newsletter=subscriber.newsletter,
            email=subscriber.address.original,
            confirmations=list(shown),
            after=found[len(shown) - 1].at if more else None,
        )
