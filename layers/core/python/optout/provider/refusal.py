"""What a provider's refusal means for the campaign: policy as a table.

Source: the SES v2 API reference, "Common errors" and SendBulkEmail, and the status values of a bulk entry.
"""

from enum import StrEnum

from optout.errors import NotSent


class Refusal(StrEnum):
    """Why nothing of a block was taken, by what has to happen next."""

    RATE = "rate"  # too fast: slower, and again
    NO_SLOT = "no_slot"  # our own pace has no room now: again a little later
    QUOTA = "quota"  # the day's quota is spent: in the next window
    PROVIDER_PAUSED = "provider_paused"  # the account may not send: everything waits
    CONFIG = "config"  # set up wrong: a person has to look
    CONNECTION = "connection"  # nobody was reached: again a little later


NO_SLOT = "NoSendSlot"
QUOTA_SPENT = "QuotaSpent"
_TABLE = {
    NO_SLOT: Refusal.NO_SLOT,
    QUOTA_SPENT: Refusal.QUOTA,
    "TooManyRequestsException": Refusal.RATE,
    "ThrottlingException": Refusal.RATE,
    "Throttling": Refusal.RATE,
    "ACCOUNT_THROTTLED": Refusal.RATE,
    "TRANSIENT_FAILURE": Refusal.RATE,
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
    "MessageRejected": Refusal.CONFIG,  # of the sender; what is a recipient's fault is no refusal of the block
    "AccessDeniedException": Refusal.CONFIG,
}


def judge(error: NotSent) -> Refusal:
    """The code decides, and where one code says two things its text does."""
    refusal = _TABLE.get(error.cause, Refusal.CONNECTION)
    if refusal is Refusal.RATE and "daily" in error.text.lower():
        return Refusal.QUOTA
    if refusal is Refusal.QUOTA and "maximum sending rate" in error.text.lower():
        return Refusal.RATE
    return refusal
