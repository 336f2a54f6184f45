"""Events in the format of configuration-set event publishing.

Amazon SES Developer Guide, "Contents of event data that Amazon SES publishes to Amazon SNS".
"""

import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any, NamedTuple

from local.ses.addresses import SIMULATOR_DOMAIN, parse
from local.ses.message import Message

ACCOUNT_ID = "000000000000"
REPORTING_MTA = "a8-70.smtp-out.amazonses.com"
MAX_HEADER_BYTES = 10 * 1024
DETAIL_KEY = {"DeliveryDelay": "deliveryDelay", "Rendering Failure": "failure"}


class BounceKind(NamedTuple):
    type: str
    subtype: str
    status: str | None = None
    diagnostic: str | None = None


HARD_BOUNCE = BounceKind("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown")
MAILBOX_FULL = BounceKind("Transient", "MailboxFull", "4.2.2", "smtp; 452 4.2.2 mailbox full")
AUTO_REPLY = BounceKind("Transient", "General")
GLOBALLY_SUPPRESSED = BounceKind(
    "Permanent",
    "Suppressed",
    "5.1.1",
    "Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid "
    "address.",
)
ON_ACCOUNT_LIST = BounceKind(
    "Permanent",
    "OnAccountSuppressionList",
    "5.1.1",
    "Amazon SES did not send the message to this address because it is on the suppression list for your account.",
)


def timestamp(at: float | None = None) -> str:
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def feedback_id() -> str:
    return f"0100{int(time.time() * 1000):012x}-{uuid.uuid4()}-000000"


def delivery(recipient: str) -> dict[str, Any]:
    return {
        "timestamp": timestamp(),
        "processingTimeMillis": 546,
        "recipients": [recipient],
        "smtpResponse": "250 2.6.0 Message received",
        "remoteMtaIp": "127.0.2.0",
        "reportingMTA": REPORTING_MTA,
    }


def bounce(recipient: str, kind: BounceKind) -> dict[str, Any]:
    bounced = {"emailAddress": recipient}
    if kind.status and kind.diagnostic:
        bounced |= {"action": "failed", "status": kind.status, "diagnosticCode": kind.diagnostic}
    return {
        "feedbackId": feedback_id(),
        "bounceType": kind.type,
        "bounceSubType": kind.subtype,
        "bouncedRecipients": [bounced],
        "timestamp": timestamp(),
        "reportingMTA": f"dsn; {REPORTING_MTA}",
    }


def complaint(recipient: str) -> dict[str, Any]:
    simulated = recipient.lower().endswith("@" + SIMULATOR_DOMAIN)
    return {
        "feedbackId": feedback_id(),
        "complaintSubType": None,
        "complainedRecipients": [{"emailAddress": recipient}],
        "timestamp": timestamp(),
        "userAgent": "Amazon SES Mailbox Simulator" if simulated else "ExampleCorp Feedback Loop (V0.01)",
        "complaintFeedbackType": "abuse",
        "arrivalDate": timestamp(),
    }


def suppressed_complaint(recipient: str) -> dict[str, Any]:
    return {
        "feedbackId": feedback_id(),
        "complaintSubType": "OnAccountSuppressionList",
        "complainedRecipients": [{"emailAddress": recipient}],
        "timestamp": timestamp(),
    }


def delivery_delay(recipient: str) -> dict[str, Any]:
    delayed = {"emailAddress": recipient, "status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 Unable to connect"}
    return {
        "timestamp": timestamp(),
        "delayType": "TransientCommunicationFailure",
        "expirationTime": timestamp(time.time() + 14 * 3600),
        "reportingMTA": REPORTING_MTA,
        "delayedRecipients": [delayed],
    }


def body(kind: str, message: Message, detail: dict[str, Any]) -> str:
    """The event as JSON text. All events of a message share one ``mail`` object, so it is encoded once."""
    if message.mail_json is None:
        message.mail_json = _compact(mail(message))
    key = DETAIL_KEY.get(kind, kind.lower())
    return f'{{"eventType":{json.dumps(kind)},"mail":{message.mail_json},"{key}":{_compact(detail)}}}'


def _compact(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def mail(message: Message) -> dict[str, Any]:
    headers, truncated = _headers(message)
    return {
        "timestamp": timestamp(message.at),
        "source": message.sender,
        "sourceArn": f"arn:aws:ses:us-east-1:{ACCOUNT_ID}:identity/{parse(message.source).domain}",
        "sendingAccountId": ACCOUNT_ID,
        "messageId": message.message_id,
        "destination": message.recipients,
        "headersTruncated": truncated,
        "headers": headers,
        "commonHeaders": _common_headers(message),
        "tags": _tags(message),
    }


def _headers(message: Message) -> tuple[list[dict[str, str]], bool]:
    size = 0
    kept: list[dict[str, str]] = []
    for name, value in message.all_headers:
        size += len(name) + len(value)
        if size > MAX_HEADER_BYTES:
            return kept, True
        kept.append({"name": name, "value": value})
    return kept, False


def _common_headers(message: Message) -> dict[str, Any]:
    headers = dict(message.all_headers)
    common: dict[str, Any] = {"from": [message.sender], "date": headers["Date"], "to": message.to}
    for name, addresses in (("cc", message.cc), ("replyTo", message.reply_to)):
        if addresses:
            common[name] = addresses
    if message.return_path:
        common["returnPath"] = message.return_path
    return common | {"messageId": message.message_id, "subject": headers.get("Subject", "")}


def _tags(message: Message) -> dict[str, list[str]]:
    own = {
        "ses:source-tls-version": "TLSv1.3",
        "ses:operation": message.operation,
        "ses:configuration-set": message.configuration_set.name if message.configuration_set else "",
        "ses:source-ip": message.source_ip,
        "ses:from-domain": parse(message.source).domain,
        "ses:caller-identity": "local",
        "ses:outgoing-ip": "127.0.1.0",
    }
    return {name: [value] for name, value in (own | message.tags).items()}
