"""The words of what is found out about a campaign: by a preview before it, and of every recipient after it."""

from pydantic import Field

from native.campaigns.schemas import by_reason
from native.values import iso_or_none
from optout import clock
from optout.campaigns.campaign import Campaign
from optout.campaigns.deliveries import DeliveryPage
from optout.campaigns.ledger import DeliveryStatus, LedgerEntry
from optout.campaigns.preview import USD_PER_1000, Preview
from optout.runtime.fields import Reply
from optout.scope import MessageClass

PENDING = "pending"


class SampleShown(Reply):
    """A mail as one recipient would read it; the unsubscribe link in it does nothing."""

    to: str
    subject: str
    html: str
    text: str


class Price(Reply):
    """What SES charges for the mails at its list price, without attachments and taxes."""

    amount: float
    per_1000: float = USD_PER_1000
    currency: str = "USD"


class PreviewShown(Reply):
    """What a mailing would be now. A preview looks at 20,000 subscribers; where there are more, ``complete`` is false,
    ``audience``, ``skipped`` and ``failed`` count among those, and ``mails`` is reckoned from them."""

    complete: bool
    subscribers: int
    looked_at: int
    audience: int
    skipped: dict[str, int]
    failed: dict[str, int]
    mails: int
    price: Price
    rate_per_second: float | None
    ends_at: str | None
    samples: list[SampleShown]

    @classmethod
    def of(cls, found: Preview, kind: MessageClass) -> "PreviewShown":
        return cls(
            complete=found.is_complete,
            subscribers=found.subscribers,
            looked_at=found.walked,
            audience=found.audience,
            skipped=by_reason(found.left_out, DeliveryStatus.SKIPPED),
            failed=by_reason(found.left_out, DeliveryStatus.FAILED),
            mails=found.mails,
            price=Price(amount=found.price),
            rate_per_second=round(found.send_rate.rate(kind, clock.now()), 3) if found.send_rate else None,
            ends_at=iso_or_none(found.ends),
            samples=[
                SampleShown(to=one.to, subject=one.subject, html=one.html, text=one.text) for one in found.samples
            ],
        )


class Delivered(Reply):
    """One recipient: ``subscriber_id`` is null for who is none, ``reason`` says why it was skipped or failed."""

    email: str
    subscriber_id: str | None
    status: str = Field(description="sent, skipped, failed, unknown or pending")
    message_id: str | None
    reason: str | None

    @classmethod
    def of(cls, entry: LedgerEntry) -> "Delivered":
        is_sent = entry.status is DeliveryStatus.SENT
        return cls(
            email=entry.recipient.email,
            subscriber_id=str(entry.recipient.number) if entry.recipient.number else None,
            status=entry.status.value if entry.status else PENDING,
            message_id=entry.detail if is_sent else None,
            reason=entry.detail or None if not is_sent else None,
        )


class DeliveredPage(Reply):
    """Recipients in the order of the audience. ``after`` leads to the next page, also when this one is empty, and is
    null where the audience ends for now; ``final`` is false while the campaign may still get on."""

    deliveries: list[Delivered]
    after: int | None
    final: bool

    @classmethod
    def of(cls, found: DeliveryPage, campaign: Campaign) -> "DeliveredPage":
        deliveries = [Delivered.of(entry) for entry in found.entries]
        return cls(deliveries=deliveries, after=found.after, final=campaign.state.has_ended)
