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
    """The effect; when it suppresses, the reason to record and a text for people."""

    effect: Effect
    reason: Reason | None = None
    why: str = ""


_ACCEPTED = {"Send", "Delivery", "DeliveryDelay", "Bounce", "Complaint", "Open", "Click", "Subscription"}
_REJECTED = {"Reject": Rejection.REJECTED, "Rendering Failure": Rejection.RENDERING_FAILURE}
_LISTED = {"OnAccountSuppressionList", "OnTenantSuppressionList"}
_PREDICTED = {"Suppressed", "EmailValidationSuppressed"}
_OUR_FAULT = {"MessageTooLarge", "ContentRejected", "AttachmentRejected", "CustomTimeoutExceeded"}


def judge_bounce(bounce: Bounce) -> Verdict:
    """A permanent failure suppresses; a fault of our message or a temporary failure does not."""
    if bounce.subtype == "UnsubscribedRecipient":
        return Verdict(Effect.SUPPRESS, Reason.PROVIDER_OPT_OUT, "Unsubscribed in the email provider's list")
    if bounce.subtype in _LISTED:
        return Verdict(Effect.SUPPRESS, Reason.PROVIDER, f"On the provider's suppression list ({bounce.subtype})")
    if bounce.kind == "Permanent":
        if bounce.status.startswith("4"):  # a permanent notice of SES may contain delayed recipients
            return Verdict(Effect.SOFT)
        if bounce.subtype in _PREDICTED:
            return Verdict(Effect.SUPPRESS, Reason.PROVIDER, f"Known to bounce ({bounce.subtype})")
        return Verdict(Effect.SUPPRESS, Reason.BOUNCED, f"Hard bounce ({bounce.subtype})")
    if bounce.subtype in _OUR_FAULT:
        return Verdict(Effect.IGNORE)
    if bounce.kind == "Transient" and _is_nowhere(bounce.status):
        return Verdict(Effect.SUPPRESS, Reason.BOUNCED, f"Hard bounce ({bounce.status})")
    return Verdict(Effect.SOFT)


def _is_nowhere(status: str) -> bool:
    """Whether the domain or the mailbox does not exist; 5.1.7 and 5.1.8 are about the sender's address."""
    return status == "5.4.4" or (status.startswith("5.1.") and status not in ("5.1.7", "5.1.8"))


def judge_complaint(complaint: Complaint) -> Verdict:
    """Every complaint suppresses, of unknown types too; "not spam" corrections and policy reports do not."""
    if complaint.subtype in _LISTED:
        return Verdict(Effect.SUPPRESS, Reason.PROVIDER, f"On the provider's suppression list ({complaint.subtype})")
    if complaint.feedback_type in ("not-spam", "auth-failure"):
        return Verdict(Effect.IGNORE)
    return Verdict(Effect.SUPPRESS, Reason.COMPLAINED, f"Complaint ({complaint.feedback_type or 'no type given'})")


def is_rejection(kind: str) -> bool:
    """Whether SES accepted the email, and then did not send it: it contains a virus, or cannot be rendered."""
    return kind in _REJECTED


def judge_outcome(kind: str, message_id: str) -> Outcome | None:
    """What an event of this kind proves about its email; None for a kind that proves nothing."""
    if is_rejection(kind):
        return Outcome(DeliveryStatus.FAILED, _REJECTED[kind])
    return Outcome(DeliveryStatus.SENT, message_id) if kind in _ACCEPTED else None
