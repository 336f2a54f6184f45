"""What events of the provider mean, for the suppression list and for a campaign: policy as pure functions.

Source of the types and their meanings: the SES developer guide, "Amazon SNS notification contents".
"""

from dataclasses import dataclass
from enum import StrEnum

from optout.campaigns.ledger import DeliveryStatus, Outcome
from optout.campaigns.outcomes import Rejection
from optout.suppressions.reason import Reason


class Effect(StrEnum):
    """The effect of feedback about one recipient."""

    SUPPRESS = "suppress"
    SOFT = "soft"
    IGNORE = "ignore"


class Cause(StrEnum):
    """What somebody should look at, though the recipient is not to blame: the name of a metric."""

    OUR_FAULT = "FeedbackOurFault"  # the message was refused for its size or its content
    UNKNOWN = "FeedbackUnknown"  # a type or subtype that is not in the documents of SES
    AUTHENTICATION = "FeedbackAuthenticationFailed"  # a report that SPF, DKIM or DMARC failed


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient of a bounce notice. ``status`` is the enhanced status code, or "" when the notice has none."""

    kind: str
    subtype: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One recipient of a complaint notice."""

    subtype: str = ""
    feedback_type: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The effect; when it suppresses, the reason to record and a text for people. ``of_topic`` limits it to the topic
    of the email. ``counted`` is what it counts as in the campaign's rates, which SES judges too. ``cause`` is for an
    alarm."""

    effect: Effect
    reason: Reason | None = None
    why: str = ""
    of_topic: bool = False
    counted: Reason | None = None
    cause: Cause | None = None


_ACCEPTED = {"Send", "Delivery", "DeliveryDelay", "Bounce", "Complaint", "Open", "Click", "Subscription"}
_REJECTED = {"Reject": Rejection.REJECTED, "Rendering Failure": Rejection.RENDERING_FAILURE}
_LISTED = {"OnAccountSuppressionList", "OnTenantSuppressionList"}
_OUR_FAULT = {"MessageTooLarge", "ContentRejected", "AttachmentRejected"}
_TOO_LATE = "CustomTimeoutExceeded"  # the longest delivery time that we set has passed
_KNOWN = {
    "Permanent": {"General", "NoEmail"},
    "Transient": {"General", "MailboxFull"},
    "Undetermined": {"Undetermined"},
}


def judge_bounce(bounce: Bounce) -> Verdict:
    """A permanent failure suppresses; a fault of our message or a temporary failure does not."""
    if bounce.subtype == "UnsubscribedRecipient":
        why = "Unsubscribed in the email provider's list"
        return Verdict(Effect.SUPPRESS, Reason.PROVIDER_OPT_OUT, why, of_topic=True)
    if bounce.subtype in _LISTED:
        return Verdict(Effect.SUPPRESS, Reason.PROVIDER, f"On the provider's suppression list ({bounce.subtype})")
    cause = None if bounce.subtype in _KNOWN.get(bounce.kind, ()) else Cause.UNKNOWN
    if bounce.kind == "Permanent":
        return _judge_permanent(bounce, cause)
    if bounce.subtype in _OUR_FAULT:
        return Verdict(Effect.IGNORE, cause=Cause.OUR_FAULT)
    if bounce.subtype == _TOO_LATE:
        return Verdict(Effect.IGNORE)
    # A foreign mail server wrote the status. The subtype is SES's own judgement, and only "General" says nothing.
    if (bounce.kind, bounce.subtype) == ("Transient", "General") and _is_nowhere(bounce.status):
        return _hard(bounce.status)
    return Verdict(Effect.SOFT, cause=cause)


def _judge_permanent(bounce: Bounce, cause: Cause | None) -> Verdict:
    if bounce.status.startswith("4"):  # a permanent notice of SES may contain delayed recipients
        return Verdict(Effect.SOFT)
    if bounce.subtype == "Suppressed":  # SES counts emails to its global list towards the bounce rate
        return Verdict(Effect.SUPPRESS, Reason.PROVIDER, "Known to bounce (Suppressed)", counted=Reason.BOUNCED)
    if bounce.subtype == "EmailValidationSuppressed":
        return Verdict(Effect.SUPPRESS, Reason.PROVIDER, "Expected to bounce (EmailValidationSuppressed)")
    return _hard(bounce.subtype, cause)


def _hard(detail: str, cause: Cause | None = None) -> Verdict:
    why = f"Hard bounce ({detail})"
    return Verdict(Effect.SUPPRESS, Reason.BOUNCED, why, counted=Reason.BOUNCED, cause=cause)


def _is_nowhere(status: str) -> bool:
    """Whether the domain or the mailbox does not exist; 5.1.7 and 5.1.8 are about the sender's address."""
    return status == "5.4.4" or (status.startswith("5.1.") and status not in ("5.1.7", "5.1.8"))


def judge_complaint(complaint: Complaint) -> Verdict:
    """Every complaint suppresses, of unknown types too; "not spam" corrections and policy reports do not."""
    if complaint.subtype in _LISTED:
        return Verdict(Effect.SUPPRESS, Reason.PROVIDER, f"On the provider's suppression list ({complaint.subtype})")
    if complaint.feedback_type == "not-spam":
        return Verdict(Effect.IGNORE)
    if complaint.feedback_type == "auth-failure":
        return Verdict(Effect.IGNORE, cause=Cause.AUTHENTICATION)
    why = f"Complaint ({complaint.feedback_type or 'no type given'})"
    return Verdict(Effect.SUPPRESS, Reason.COMPLAINED, why, counted=Reason.COMPLAINED)


def is_rejection(kind: str) -> bool:
    """Whether SES accepted the email, and then did not send it: it contains a virus, or cannot be rendered."""
    return kind in _REJECTED


def judge_outcome(kind: str, message_id: str) -> Outcome | None:
    """What an event of this kind proves about its email; None for a kind that proves nothing."""
    if is_rejection(kind):
        return Outcome(DeliveryStatus.FAILED, _REJECTED[kind])
    return Outcome(DeliveryStatus.SENT, message_id) if kind in _ACCEPTED else None
