"""How our own API tells of somebody's yes."""

from collections.abc import Sequence
from typing import Self

from optout.runtime.fields import Reply, iso
from optout.subscribers.subscriber import Confirmation, Subscriber


class Yes(Reply):
    """One yes: the address that said it, when it had been asked, when it answered and through what; ``ip_hash`` tells
    whether two came from the same IP address, and no more."""

    email: str
    asked_at: str
    confirmed_at: str
    via: str
    user_agent: str
    ip_hash: str

    @classmethod
    def of(cls, confirmation: Confirmation) -> Self:
        return cls(
            email=confirmation.address.original,
            asked_at=iso(confirmation.asked),
            confirmed_at=iso(confirmation.at),
            via=confirmation.origin.via,
            user_agent=confirmation.origin.user_agent,
            ip_hash=confirmation.origin.ip,
        )


class Confirmations(Reply):
    """Every yes of one subscriber, oldest first."""

    id: str
    newsletter: str
    email: str
    confirmations: list[Yes]

    @classmethod
    def of(cls, subscriber: Subscriber, found: Sequence[Confirmation]) -> Self:
        return cls(
            id=str(subscriber.number),
            newsletter=subscriber.newsletter,
            email=subscriber.address.original,
            confirmations=[Yes.of(confirmation) for confirmation in found],
        )
