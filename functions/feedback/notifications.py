"""Models of the notifications of SES: identity notifications and configuration-set events.

Source: the SES developer guide, "Amazon SNS notification contents" and "Contents of event data". Unknown fields are
ignored, because AWS adds fields at any time.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from email.utils import parseaddr

from pydantic import AliasChoices, BaseModel, Field

from optout.feedback.policy import Bounce, Complaint, Verdict, judge_bounce, judge_complaint
from optout.feedback.record import MailTags

_SETUP_NOTICE = "Successfully validated SNS topic"


class Recipient(BaseModel):
    """One recipient in a notification."""

    email: str = Field(alias="emailAddress")
    status: str | None = None


class BounceNotice(BaseModel):
    """``bounce`` of a notification."""

    kind: str = Field(alias="bounceType")
    subtype: str = Field(alias="bounceSubType")
    recipients: list[Recipient] = Field(alias="bouncedRecipients")


class ComplaintNotice(BaseModel):
    """``complaint`` of a notification. Recipients may be missing for addresses on a suppression list of SES."""

    recipients: list[Recipient] = Field(alias="complainedRecipients", default=[])
    subtype: str | None = Field(alias="complaintSubType", default=None)
    feedback_type: str | None = Field(alias="complaintFeedbackType", default=None)


class MailNotice(BaseModel):
    """``mail`` of a notification: the email that it is about."""

    destination: list[str] = []
    tags: dict[str, list[str]] = {}
    message_id: str = Field(alias="messageId", default="")
    timestamp: str = ""


class Notice(BaseModel):
    """One notification."""

    kind: str = Field(validation_alias=AliasChoices("eventType", "notificationType"))
    mail: MailNotice
    bounce: BounceNotice | None = None
    complaint: ComplaintNotice | None = None

    def read_tags(self) -> MailTags:
        mail = self.mail
        workspace, campaign, block, position = (
            next(iter(mail.tags.get(name, ())), "") for name in ("ws", "cid", "blk", "idx")
        )
        accepted = _milliseconds(mail.timestamp)
        return MailTags(workspace, campaign, block, position, mail.message_id, accepted, self.kind)

    def verdicts(self) -> Iterator[tuple[str, Verdict]]:
        """The address and verdict of every recipient."""
        if self.bounce:
            for recipient in self.bounce.recipients:
                bounce = Bounce(self.bounce.kind, self.bounce.subtype, recipient.status or "")
                yield _bare(recipient.email), judge_bounce(bounce)
        if self.complaint:
            emails = [recipient.email for recipient in self.complaint.recipients] or self.mail.destination
            verdict = judge_complaint(Complaint(self.complaint.subtype or "", self.complaint.feedback_type or ""))
            for email in emails:
                yield _bare(email), verdict


def read(body: str) -> Notice | None:
    """The notification in a queue message, with or without the envelope of SNS; None for the setup message of SNS."""
    if body.startswith(_SETUP_NOTICE):
        return None
    message = json.loads(body)
    if "Message" in message and "TopicArn" in message:
        return read(message["Message"])
    return Notice.model_validate(message.get("detail", message))


def _milliseconds(timestamp: str) -> int:
    """Epoch milliseconds of an ISO 8601 time; 0 if it is invalid."""
    try:
        return round(datetime.fromisoformat(timestamp.replace(" +", "+")).timestamp() * 1000)
    except ValueError:
        return 0


def _bare(email: str) -> str:
    """The bare address: ``a@b.example`` in ``Name <a@b.example>``."""
    return parseaddr(email)[1] or email
