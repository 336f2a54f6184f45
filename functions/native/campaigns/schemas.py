"""Request and reply models of campaigns: the content to send, and the progress."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from native.values import Kind, Name, Time, iso_or_none
from optout import clock, number
from optout.address import CONTROL
from optout.campaigns.campaign import Campaign, ParkReason, State
from optout.campaigns.draft import Draft
from optout.campaigns.ledger import DeliveryStatus
from optout.campaigns.outcomes import REJECTED
from optout.provider.send_rate import SendRate
from optout.runtime.fields import Body, Email, Reply, iso
from optout.scope import MessageClass
from optout.suppressions.reason import Reason
from optout.web.reply_size import page


def _one_line(value: str) -> str:
    if CONTROL.search(value):
        raise PydanticCustomError("one_line", "Enter one line without control characters.")
    return value


Line = Annotated[str, AfterValidator(_one_line)]  # becomes an email header


class NewCampaign(Body):
    """The body of a new campaign or a preview."""

    model_config = ConfigDict(extra="forbid")

    sender: Annotated[
        Line, Field(alias="from", min_length=1, max_length=500, description="An address, or Name <address>.")
    ]
    subject: Annotated[Line, Field(min_length=1, max_length=200)]
    html: Annotated[str, Field(min_length=1, description="At most 300,000 bytes, with [unsubscribe] in it.")]
    text: str | None = Field(default=None, description="The plain-text part. Default: made from the HTML.")
    topic: Name | None = Field(
        default=None, description="Default: the topic of the newsletter, or of the key's own newsletter."
    )
    newsletter: Name | None = Field(
        default=None, description="The newsletter to send to. Default: the subscribers of all newsletters."
    )
    query: str = Field(
        default="",
        description='A selector of subscribers as JSON text, such as {"status": "active"}. Default: all of them.',
    )
    message_class: Kind = MessageClass.MARKETING
    send_at: Time | None = Field(
        default=None, description="The earliest time to send, at most a year ahead. Default: at once."
    )

    @property
    def draft(self) -> Draft:
        return Draft(
            self.sender,
            self.subject,
            self.html,
            self.query,
            text=self.text,
            newsletter=self.newsletter or "",
            topic=self.topic or "",
            message_class=self.message_class,
            not_before=self.send_at,
        )


class TestSend(Body):
    """The body of a test: its recipient."""

    model_config = ConfigDict(extra="forbid")

    to: Email


class Counters(Reply):
    """Recipients by delivery status: ``sent``, ``skipped``, ``failed``, ``unknown`` and ``pending`` add up to
    ``audience``. ``unknown`` means that SES never reported whether it accepted the email."""

    audience: int
    sent: int
    skipped: int
    failed: int
    unknown: int
    pending: int
    skipped_by_reason: dict[str, int]
    bounced: int
    complained: int
    rejected: int = Field(description="Emails that SES accepted and then did not send; they are among the failed.")

    @classmethod
    def of(cls, campaign: Campaign) -> "Counters":
        found = campaign.counters
        return cls(
            audience=campaign.audience,
            pending=campaign.pending,
            **{status: found.get(status, 0) for status in ("sent", "skipped", "failed", "unknown")},
            skipped_by_reason=by_reason(found, DeliveryStatus.SKIPPED),
            bounced=found.get(Reason.BOUNCED.value, 0),
            complained=found.get(Reason.COMPLAINED.value, 0),
            rejected=found.get(REJECTED, 0),
        )


class ParkingView(Reply):
    """Why a campaign is parked, and until when if that is known. A campaign parked for ``config``, ``bounces``,
    ``complaints`` or ``rejections`` waits until a person resumes it."""

    code: ParkReason
    cause: str
    until: str | None


class CampaignView(Reply):
    """A campaign and its progress; ``test_to`` is the recipient if it is a test."""

    id: str
    state: State
    reason: ParkingView | None
    created_at: str
    send_at: str | None
    sender: str = Field(serialization_alias="from")
    topic: str | None
    message_class: MessageClass
    query: str
    test_to: str | None
    released: int | None = Field(description="The number of recipients released for sending so far; null: all of them.")
    counters: Counters

    @classmethod
    def of(cls, campaign: Campaign) -> "CampaignView":
        parking = campaign.parking
        return cls(
            id=str(campaign.number),
            state=campaign.state,
            reason=ParkingView(code=parking.reason, cause=parking.cause, until=iso_or_none(parking.until))
            if parking
            else None,
            created_at=iso(number.milliseconds(campaign.number)),
            send_at=iso_or_none(campaign.not_before or None),
            sender=campaign.sender,
            topic=campaign.topic,
            message_class=campaign.message_class,
            query=campaign.query,
            test_to=campaign.test_recipient,
            released=campaign.ramp.released if campaign.ramp else None,
            counters=Counters.of(campaign),
        )


class Forecast(Reply):
    """A forecast at the current send rate and quota. ``ends_at`` is the time when all pending recipients will have been
    processed; null if nothing will be sent or the rate is unknown."""

    rate_per_second: float | None
    quota_left: int | None = Field(description="The number of emails left in the quota of 24 hours; null: no quota.")
    ends_at: str | None

    @classmethod
    def of(cls, campaign: Campaign, send_rate: SendRate | None) -> "Forecast":
        kind, now = campaign.message_class, clock.now()
        start = max(now, campaign.not_before)
        will_send = campaign.state.may_send or campaign.state in (State.STORED, State.SCHEDULED, State.PARKED)
        return cls(
            rate_per_second=round(send_rate.rate(kind, now), 3) if send_rate else None,
            quota_left=_quota_left(send_rate, kind),
            ends_at=iso(send_rate.forecast(campaign.pending, kind, start)) if send_rate and will_send else None,
        )


class CampaignDetails(CampaignView):
    """A campaign with its forecast."""

    outlook: Forecast

    @classmethod
    def with_forecast(cls, campaign: Campaign, send_rate: SendRate | None) -> "CampaignDetails":
        return cls(**dict(CampaignView.of(campaign)), outlook=Forecast.of(campaign, send_rate))


class CampaignPage(Reply):
    """Campaigns, newest first. ``after`` is the parameter for the next page, and null on the last one."""

    campaigns: list[CampaignView]
    after: str | None

    @classmethod
    def of(cls, found: Sequence[Campaign], limit: int) -> "CampaignPage":
        shown, more = page([CampaignView.of(campaign) for campaign in found], limit)
        return cls(campaigns=list(shown), after=shown[-1].id if more else None)


def by_reason(counted: Mapping[str, int], status: DeliveryStatus) -> dict[str, int]:
    """``{"unsubscribed": 3}`` of ``{"skipped_unsubscribed": 3}``."""
    prefix = f"{status.value}_"
    return {name.removeprefix(prefix): count for name, count in sorted(counted.items()) if name.startswith(prefix)}


def _quota_left(send_rate: SendRate | None, kind: MessageClass) -> int | None:
    return None if send_rate is None or send_rate.account.quota < 0 else max(0, int(send_rate.remaining_quota(kind)))
