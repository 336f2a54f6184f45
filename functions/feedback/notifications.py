"""Models of the notifications of SES: identity notifications and configuration-set events.

Source: the SES developer guide, "Amazon SNS notification contents" and "Contents of event data". Unknown fields are
ignored, because AWS adds fields at any time.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from pydantic import AliasChoices, BaseModel, Field, model_validator

from optout.feedback.policy import Bounce, Complaint, Effect, Verdict, judge_bounce, judge_complaint
from optout.feedback.record import MailTags

_SETUP_NOTICE = "Successfully validated SNS topic"
_NAMED = re.compile(r"<([^<>]+)>\s*\Z")


class Part(BaseModel):
    """A part of a notification. A field that is null is as one that is absent."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data


class Recipient(Part):
    """One recipient in a notification."""

    email: str = Field(alias="emailAddress")
    status: str = ""


class BounceNotice(Part):
    """``bounce`` of a notification."""

    kind: str = Field(alias="bounceType", default="")
    subtype: str = Field(alias="bounceSubType", default="")
    recipients: list[Recipient] = Field(alias="bouncedRecipients", default=[])


class ComplaintNotice(Part):
    """``complaint`` of a notification. Recipients may be missing for addresses on a suppression list of SES."""

    recipients: list[Recipient] = Field(alias="complainedRecipients", default=[])
    subtype: str = Field(alias="complaintSubType", default="")
    feedback_type: str = Field(alias="complaintFeedbackType", default="")


class MailNotice(Part):
    """``mail`` of a notification: the email that it is about."""

    destination: list[str] = []
    tags: dict[str, list[str]] = {}
    message_id: str = Field(alias="messageId", default="")
    timestamp: str = ""


class Notice(Part):
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
        """The address and verdict of every recipient. The address that the email went to gets the verdict of the one
        that bounced or complained, if it is another one: behind a forwarding, nobody emails the address that SES
        names. Only an email to a single address tells which one that is."""
        found = [(_bare(email), verdict) for email, verdict in self._judged()]
        yield from found
        mailed = [_bare(email) for email in self.mail.destination]
        if found and len(mailed) == 1 and mailed[0].lower() not in {email.lower() for email, _ in found}:
            yield mailed[0], max((verdict for _, verdict in found), key=lambda one: one.effect is Effect.SUPPRESS)

    def _judged(self) -> Iterator[tuple[str, Verdict]]:
        everybody = [Recipient(emailAddress=email) for email in self.mail.destination]
        if self.bounce:
            for recipient in self.bounce.recipients or everybody:
                yield recipient.email, judge_bounce(Bounce(self.bounce.kind, self.bounce.subtype, recipient.status))
        if self.complaint:
            verdict = judge_complaint(Complaint(self.complaint.subtype, self.complaint.feedback_type))
            for recipient in self.complaint.recipients or everybody:
                yield recipient.email, verdict


def read(body: str) -> Notice | None:
    """The notification in a queue message, with or without the envelope of SNS; None for a message about the feed or
    the account. Raises `ValueError` for anything else."""
    if body.startswith(_SETUP_NOTICE):
        return None
    message = json.loads(body)
    if not isinstance(message, dict):
        raise ValueError("The message is no JSON object.")
    if "TopicArn" in message:
        return read(message["Message"]) if message.get("Type", "Notification") == "Notification" else None
    notice = message.get("detail", message)
    if _is_about_the_feed(message, notice):
        return None
    return Notice.model_validate(notice)


def _is_about_the_feed(message: dict[str, Any], notice: Any) -> bool:
    """Whether SES speaks of a topic or of the account, not of an email."""
    if isinstance(notice, dict) and notice.keys() & {"mail", "bounce", "complaint"}:
        return False
    return message.get("source") == "aws.ses" or bool(message.keys() & {"eventType", "notificationType"})


def _milliseconds(timestamp: str) -> int:
    """Epoch milliseconds of an ISO 8601 time; 0 if it is invalid."""
    try:
        return round(datetime.fromisoformat(timestamp.replace(" +", "+")).timestamp() * 1000)
    except ValueError:
        return 0


def _bare(email: str) -> str:
    """The bare address: ``a@b.example`` in ``Name <a@b.example>``, whatever the name is."""
    named = _NAMED.search(email)
    return named[1].strip() if named else parseaddr(email)[1] or email
