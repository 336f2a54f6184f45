"""The meaning of the provider's errors: the table of error classes."""

import pytest

from optout.errors import NotSent
from optout.provider.refusal import NO_SLOT, QUOTA_SPENT, Refusal, classify

THROTTLED = "Maximum sending rate exceeded."
DAILY = "Daily message quota exceeded."


@pytest.mark.parametrize(
    ("code", "text", "refusal"),
    [
        ("TooManyRequestsException", THROTTLED, Refusal.THROTTLED),
        ("TooManyRequestsException", DAILY, Refusal.QUOTA),
        ("ThrottlingException", THROTTLED, Refusal.THROTTLED),
        ("ThrottlingException", DAILY, Refusal.QUOTA),
        ("Throttling", "", Refusal.THROTTLED),
        ("LimitExceededException", DAILY, Refusal.QUOTA),
        ("LimitExceededException", THROTTLED, Refusal.THROTTLED),
        ("LimitExceededException", "", Refusal.QUOTA),
        ("ACCOUNT_THROTTLED", "", Refusal.THROTTLED),
        ("TRANSIENT_FAILURE", "", Refusal.THROTTLED),
        ("ACCOUNT_DAILY_QUOTA_EXCEEDED", "", Refusal.QUOTA),
        ("SendingPausedException", "", Refusal.PROVIDER_PAUSED),
        ("AccountSuspendedException", "", Refusal.PROVIDER_PAUSED),
        ("ACCOUNT_SENDING_PAUSED", "", Refusal.PROVIDER_PAUSED),
        ("ACCOUNT_SUSPENDED", "", Refusal.PROVIDER_PAUSED),
        ("CONFIGURATION_SET_SENDING_PAUSED", "", Refusal.PROVIDER_PAUSED),
        ("MailFromDomainNotVerifiedException", "", Refusal.CONFIG),
        ("MAIL_FROM_DOMAIN_NOT_VERIFIED", "", Refusal.CONFIG),
        ("NotFoundException", "", Refusal.CONFIG),
        ("CONFIGURATION_SET_NOT_FOUND", "", Refusal.CONFIG),
        ("MessageRejected", "Email address is not verified.", Refusal.CONFIG),
        ("AccessDeniedException", "", Refusal.CONFIG),
        ("ConnectTimeoutError", "", Refusal.CONNECTION),
        ("EndpointConnectionError", "", Refusal.CONNECTION),
        ("GetAccount", "", Refusal.CONNECTION),
        ("SomethingNew", "", Refusal.CONNECTION),
        (NO_SLOT, "", Refusal.NO_SLOT),
        (QUOTA_SPENT, "", Refusal.QUOTA),
    ],
)
def test_the_code_decides_and_its_text_where_it_says_two_things(code: str, text: str, refusal: Refusal) -> None:
    assert classify(NotSent(code, text)) is refusal
