"""The errors of the SES v2 API: name, HTTP status, and the status of a bulk entry that fails for the same reason.

SESError
    BadRequest
    InvalidNextToken
    NotFound
        ConfigurationSetNotFound
    MessageRejected
    SendingPaused
        ConfigurationSetPaused
    AccountSuspended
    Throttled
    DailyQuotaExceeded
    InternalServiceError
    ServiceUnavailable
"""

from typing import ClassVar


class SESError(Exception):
    """An error response of the API."""

    type: ClassVar[str]
    status: ClassVar[int] = 400
    entry_status: ClassVar[str] = "FAILED"

    @property
    def message(self) -> str:
        return str(self)


class BadRequest(SESError):
    type = "BadRequestException"
    entry_status = "INVALID_PARAMETER"


class InvalidNextToken(SESError):
    type = "InvalidNextTokenException"


class NotFound(SESError):
    type = "NotFoundException"
    status = 404


class ConfigurationSetNotFound(NotFound):
    entry_status = "CONFIGURATION_SET_NOT_FOUND"

    def __init__(self, name: str) -> None:
        super().__init__(f"Configuration set <{name}> does not exist.")


class MessageRejected(SESError):
    type = "MessageRejected"
    entry_status = "MESSAGE_REJECTED"


class SendingPaused(SESError):
    type = "SendingPausedException"
    entry_status = "ACCOUNT_SENDING_PAUSED"


class ConfigurationSetPaused(SendingPaused):
    entry_status = "CONFIGURATION_SET_SENDING_PAUSED"


class AccountSuspended(SESError):
    type = "AccountSuspendedException"
    entry_status = "ACCOUNT_SUSPENDED"


class Throttled(SESError):
    type = "TooManyRequestsException"
    status = 429
    entry_status = "ACCOUNT_THROTTLED"

    def __init__(self, message: str = "Maximum sending rate exceeded.") -> None:
        super().__init__(message)


class DailyQuotaExceeded(SESError):
    type = "LimitExceededException"
    entry_status = "ACCOUNT_DAILY_QUOTA_EXCEEDED"

    def __init__(self) -> None:
        super().__init__("Daily message quota exceeded.")


class InternalServiceError(SESError):
    type = "InternalServiceErrorException"
    status = 500
    entry_status = "TRANSIENT_FAILURE"


class ServiceUnavailable(SESError):
    type = "ServiceUnavailableException"
    status = 503
    entry_status = "TRANSIENT_FAILURE"
