"""The effect of a provider's error on the campaign: policy as a table.

Source: the SES v2 API reference, "Common errors" and SendBulkEmail, and the status values of a bulk entry.
"""

from enum import StrEnum

from optout.errors import NotSent


class Refusal(StrEnum):
    """The classes of errors for a whole block, by their remedy."""

    THROTTLED = "throttled"  # too fast: slow down and retry
    NO_SLOT = "no_slot"  # our own send rate has no slot: retry a little later
    QUOTA = "quota"  # the daily quota is used up: continue in the next window
    PROVIDER_PAUSED = "provider_paused"  # the account may not send: everything waits
    CONFIG = "config"  # wrong set-up: a person has to fix it
    CONNECTION = "connection"  # the provider was not reached: retry a little later


NO_SLOT = "NoSendSlot"
QUOTA_SPENT = "QuotaSpent"
# By error code of a call, and by status of a bulk entry.
KNOWN = {
    NO_SLOT: Refusal.NO_SLOT,
    QUOTA_SPENT: Refusal.QUOTA,
    "TooManyRequestsException": Refusal.THROTTLED,
    "ThrottlingException": Refusal.THROTTLED,
    "Throttling": Refusal.THROTTLED,
    "ACCOUNT_THROTTLED": Refusal.THROTTLED,
    "TRANSIENT_FAILURE": Refusal.THROTTLED,
    "LimitExceededException": Refusal.QUOTA,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": Refusal.QUOTA,
    "SendingPausedException": Refusal.PROVIDER_PAUSED,
    "AccountSuspendedException": Refusal.PROVIDER_PAUSED,
    "ACCOUNT_SENDING_PAUSED": Refusal.PROVIDER_PAUSED,
    "ACCOUNT_SUSPENDED": Refusal.PROVIDER_PAUSED,
    "CONFIGURATION_SET_SENDING_PAUSED": Refusal.PROVIDER_PAUSED,
    "MailFromDomainNotVerifiedException": Refusal.CONFIG,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": Refusal.CONFIG,
    "NotFoundException": Refusal.CONFIG,
    "CONFIGURATION_SET_NOT_FOUND": Refusal.CONFIG,
    "MessageRejected": Refusal.CONFIG,  # because of the sender; a rejected recipient does not refuse the block
    "AccessDeniedException": Refusal.CONFIG,
}


def classify(error: NotSent) -> Refusal:
    """Classify by the error code, and by the text where one code has two meanings."""
    refusal = KNOWN.get(error.cause, Refusal.CONNECTION)
    if refusal is Refusal.THROTTLED and "daily" in error.text.lower():
        return Refusal.QUOTA
    if refusal is Refusal.QUOTA and "maximum sending rate" in error.text.lower():
        return Refusal.THROTTLED
    return refusal
