"""What a bounce or a complaint means for the list: policy as a pure function.

Source of the types and their meanings: the SES developer guide, "Amazon SNS notification contents".
"""

from dataclasses import dataclass
from enum import StrEnum

from optout.suppressions.suppression import Reason


class Effect(StrEnum):
    """What one piece of feedback about one recipient does."""

    SUPPRESS = "suppress"
    SOFT = "soft"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient of a bounce notice. ``status`` is the enhanced status code, "" when the notice has none."""

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
    """The effect, the reason to record when it suppresses, and the words for people."""

    effect: Effect
    reason: Reason | None = None
    why: str = ""


_LISTED = {"OnAccountSuppressionList", "OnTenantSuppressionList"}
_PREDICTED = {"Suppressed", "EmailValidationSuppressed"}
_OUR_FAULT = {"MessageTooLarge", "ContentRejected", "AttachmentRejected", "CustomTimeoutExceeded"}


def judge_bounce(bounce: Bounce) -> Verdict:
    """A permanent failure suppresses; what is our message's fault, or may pass, does not."""
    if bounce.subtype == "UnsubscribedRecipient":
        return Verdict(Effect.SUPPRESS, Reason.UNSUBSCRIBED, "Unsubscribed at the mail provider's list")
    if bounce.subtype in _LISTED:
        return Verdict(Effect.SUPPRESS, Reason.PROVIDER, f"On the provider's suppression list ({bounce.subtype})")
    if bounce.kind == "Permanent":
        if bounce.status.startswith("4"):  # SES mixes delayed and failed recipients in one permanent notice
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
    """No such domain or no such mailbox; 5.1.7 and 5.1.8 are about the sender's address."""
    return status == "5.4.4" or (status.startswith("5.1.") and status not in ("5.1.7", "5.1.8"))


def judge_complaint(complaint: Complaint) -> Verdict:
    """Every complaint suppresses, an unknown kind too; a correction and a policy report do not."""
    if complaint.subtype in _LISTED:
        return Verdict(Effect.SUPPRESS, Reason.PROVIDER, f"On the provider's suppression list ({complaint.subtype})")
    if complaint.feedback_type in ("not-spam", "auth-failure"):
        return Verdict(Effect.IGNORE)
    return Verdict(Effect.SUPPRESS, Reason.COMPLAINED, f"Complaint ({complaint.feedback_type or 'no type given'})")
