"""The words of a campaign: what is to be sent, and where it stands."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from native.values import Kind, Name, Time, iso_or_none
from optout import clock, number
from optout.campaigns.campaign import Campaign, ParkReason, State
from optout.campaigns.draft import Draft
from optout.campaigns.ledger import DeliveryStatus
from optout.provider.send_rate import SendRate
from optout.runtime.fields import Body, Email, Reply, iso
from optout.scope import MessageClass
from optout.suppressions.suppression import Reason


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise PydanticCustomError("one_line", "This has to be one line of printable characters.")
    return value


Line = Annotated[str, AfterValidator(_one_line)]  # stands in a mail header


class NewCampaign(Body):
    """The body of a new campaign, and of a preview."""

    model_config = ConfigDict(extra="forbid")

    sender: Annotated[Line, Field(alias="from", min_length=1, max_length=500, description="An address, or Name <it>.")]
    subject: Annotated[Line, Field(min_length=1, max_length=200)]
    html: Annotated[str, Field(min_length=1, description="At most 300,000 bytes, with [unsubscribe] in it.")]
    text: str | None = Field(default=None, description="The plain part; left out, it is made from the HTML.")
    topic: Name | None = Field(default=None, description="Left out, that of the newsletter, or of the key's own.")
    newsletter: Name | None = Field(default=None, description="Whose readers get it; left out, those of all.")
    query: str = Field(default="", description='A selector among them, such as {"status": "active"}, as a text.')
    message_class: Kind = MessageClass.MARKETING
    send_at: Time | None = Field(default=None, description="Left out, at once. At most a year ahead.")

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
            not_before=self.send_at or 0,
        )


class Trial(Body):
    """The body of a test: whom it goes to."""

    model_config = ConfigDict(extra="forbid")

    to: Email


class Counters(Reply):
    """What became of everybody so far: ``sent``, ``skipped``, ``failed``, ``unknown`` and ``pending`` make up the
    audience. ``unknown`` counts mails of which nobody will tell whether they were sent."""

    audience: int
    sent: int
    skipped: int
    failed: int
    unknown: int
    pending: int
    skipped_by_reason: dict[str, int]
    bounced: int
    complained: int

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
        )


class ParkedFor(Reply):
    """Why a campaign is parked: until when, if that is known; ``config``, ``bounces`` and ``complaints`` wait for a
    person to resume it."""

    code: ParkReason
    cause: str
    until: str | None


class CampaignShown(Reply):
    """A campaign and where it stands; ``test_to`` is whom a test goes to."""

    id: str
    state: State
    reason: ParkedFor | None
    created_at: str
    send_at: str | None
    sender: str = Field(serialization_alias="from")
    topic: str | None
    message_class: MessageClass
    query: str
    test_to: str | None
    released: int | None = Field(description="How many of the audience may be mailed by now; null is everybody.")
    counters: Counters

    @classmethod
    def of(cls, campaign: Campaign) -> "CampaignShown":
        parking = campaign.parking
        return cls(
            id=str(campaign.number),
            state=campaign.state,
            reason=ParkedFor(code=parking.reason, cause=parking.cause, until=iso_or_none(parking.until))
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


class Outlook(Reply):
    """What is to come at the present pace and quota. ``ends_at`` is for those who are pending now; null where nothing
    is to come, or nobody can tell."""

    rate_per_second: float | None
    quota_left: int | None = Field(description="Mails that the day still has; null without a quota.")
    ends_at: str | None

    @classmethod
    def of(cls, campaign: Campaign, send_rate: SendRate | None) -> "Outlook":
        kind, now = campaign.message_class, clock.now()
        start = max(now, campaign.not_before)
        goes_on = campaign.state.may_send or campaign.state in (State.SCHEDULED, State.PARKED)
        return cls(
            rate_per_second=round(send_rate.rate(kind, now), 3) if send_rate else None,
            quota_left=_room(send_rate, kind),
            ends_at=iso(send_rate.forecast(campaign.pending, kind, start)) if send_rate and goes_on else None,
        )


class CampaignWhole(CampaignShown):
    """A campaign with its outlook."""

    outlook: Outlook

    @classmethod
    def seen(cls, campaign: Campaign, send_rate: SendRate | None) -> "CampaignWhole":
        return cls(**dict(CampaignShown.of(campaign)), outlook=Outlook.of(campaign, send_rate))


class CampaignPage(Reply):
    """Campaigns, newest first; ``after`` leads to the next page, and is null on the last one."""

    campaigns: list[CampaignShown]
    after: str | None

    @classmethod
    def of(cls, found: Sequence[Campaign], limit: int) -> "CampaignPage":
        shown = [CampaignShown.of(campaign) for campaign in found[:limit]]
        return cls(campaigns=shown, after=shown[-1].id if len(found) > limit else None)


def by_reason(counted: Mapping[str, int], status: DeliveryStatus) -> dict[str, int]:
    """``{"unsubscribed": 3}`` of ``{"skipped_unsubscribed": 3}``."""
    prefix = f"{status.value}_"
    return {name.removeprefix(prefix): count for name, count in sorted(counted.items()) if name.startswith(prefix)}


def _room(send_rate: SendRate | None, kind: MessageClass) -> int | None:
    return None if send_rate is None or send_rate.account.quota < 0 else max(0, int(send_rate.remaining_quota(kind)))
