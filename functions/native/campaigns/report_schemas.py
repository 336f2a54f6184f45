"""Reply models of reports about a campaign: its preview, and the delivery status of every recipient."""

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
_PLANS = {"NONE": "a_la_carte", "ESSENTIALS": "essentials"}


class SampleEmail(Reply):
    """The email as one recipient would see it. Its unsubscribe link does nothing."""

    to: str
    subject: str
    html: str
    text: str
    cut: bool = Field(description="Whether the HTML or the text is longer than what is shown, 64,000 bytes of each.")


class Price(Reply):
    """The list price of SES for the emails under one plan, without attachments and taxes."""

    plan: str = Field(description="a_la_carte or essentials")
    amount: float
    per_1000: float
    currency: str = "USD"

    @classmethod
    def all(cls, found: Preview) -> "list[Price]":
        return [
            cls(plan=_PLANS[plan], amount=amount, per_1000=USD_PER_1000[plan]) for plan, amount in found.prices.items()
        ]


class PreviewView(Reply):
    """A campaign as it would be sent now. A preview reads 20,000 subscribers. For a larger audience, ``complete`` is
    false; ``audience``, ``skipped`` and ``failed`` count only these subscribers, and ``mails`` is an estimate.
    ``prices`` has the price under the account's plan, or under each plan if SES does not tell which one it is."""

    complete: bool
    subscribers: int
    looked_at: int
    audience: int
    skipped: dict[str, int]
    failed: dict[str, int]
    mails: int
    prices: list[Price]
    rate_per_second: float | None
    ends_at: str | None
    samples: list[SampleEmail]

    @classmethod
    def of(cls, found: Preview, kind: MessageClass) -> "PreviewView":
        return cls(
            complete=found.is_complete,
            subscribers=found.subscribers,
            looked_at=found.walked,
            audience=found.audience,
            skipped=by_reason(found.left_out, DeliveryStatus.SKIPPED),
            failed=by_reason(found.left_out, DeliveryStatus.FAILED),
            mails=found.mails,
            prices=Price.all(found),
            rate_per_second=round(found.send_rate.rate(kind, clock.now()), 3) if found.send_rate else None,
            ends_at=iso_or_none(found.ends),
            samples=[
                SampleEmail(to=one.to, subject=one.subject, html=one.html, text=one.text, cut=one.is_cut)
                for one in found.samples
            ],
        )


class DeliveryView(Reply):
    """One recipient. ``subscriber_id`` is null if the recipient is not a subscriber; ``reason`` explains a skipped or
    failed email."""

    email: str
    subscriber_id: str | None
    status: str = Field(description="sent, skipped, failed, unknown or pending")
    message_id: str | None
    reason: str | None

    @classmethod
    def of(cls, entry: LedgerEntry) -> "DeliveryView":
        is_sent = entry.status is DeliveryStatus.SENT
        return cls(
            email=entry.recipient.email,
            subscriber_id=str(entry.recipient.number) if entry.recipient.number else None,
            status=entry.status.value if entry.status else PENDING,
            message_id=entry.detail if is_sent else None,
            reason=entry.detail or None if not is_sent else None,
        )


class DeliveryPageView(Reply):
    """Recipients in audience order. ``after`` is the parameter for the next page, also if this page is empty, and null
    at the end of the audience so far; ``final`` is false while the campaign can still change."""

    deliveries: list[DeliveryView]
    after: int | None
    final: bool

    @classmethod
    def of(cls, found: DeliveryPage, campaign: Campaign) -> "DeliveryPageView":
        deliveries = [DeliveryView.of(entry) for entry in found.entries]
        return cls(deliveries=deliveries, after=found.after, final=campaign.state.has_ended)
