"""The effect of each kind of bounce and complaint: the policy as a table."""

import pytest

from optout.feedback.policy import Bounce, Cause, Complaint, Effect, judge_bounce, judge_complaint
from optout.suppressions.reason import Reason

HARD = Effect.SUPPRESS, Reason.BOUNCED
LISTED = Effect.SUPPRESS, Reason.PROVIDER
OPTED_OUT = Effect.SUPPRESS, Reason.PROVIDER_OPT_OUT
COMPLAINED = Effect.SUPPRESS, Reason.COMPLAINED
SOFT = Effect.SOFT, None
NOTHING = Effect.IGNORE, None

BOUNCES = {
    ("Permanent", "General", ""): HARD,
    ("Permanent", "General", "5.1.1"): HARD,
    ("Permanent", "NoEmail", "5.1.1"): HARD,
    ("Permanent", "General", "4.0.0"): SOFT,
    ("Permanent", "NoEmail", "4.4.7"): SOFT,
    ("Permanent", "Suppressed", ""): LISTED,
    ("Permanent", "OnAccountSuppressionList", ""): LISTED,
    ("Permanent", "OnTenantSuppressionList", ""): LISTED,
    ("Permanent", "EmailValidationSuppressed", ""): LISTED,
    ("Permanent", "UnsubscribedRecipient", ""): OPTED_OUT,
    ("Transient", "UnsubscribedRecipient", ""): OPTED_OUT,
    ("Permanent", "SomethingNew", ""): HARD,
    ("Transient", "General", ""): SOFT,
    ("Transient", "General", "4.4.7"): SOFT,
    ("Transient", "General", "5.4.4"): HARD,
    ("Transient", "General", "5.1.1"): HARD,
    ("Transient", "General", "5.2.2"): SOFT,
    ("Transient", "MailboxFull", "5.2.2"): SOFT,
    ("Transient", "MailboxFull", ""): SOFT,
    ("Transient", "MailboxFull", "5.1.1"): SOFT,
    ("Transient", "SomethingNew", "5.1.1"): SOFT,
    ("Transient", "MessageTooLarge", "5.3.4"): NOTHING,
    ("Transient", "ContentRejected", ""): NOTHING,
    ("Transient", "AttachmentRejected", "5.1.1"): NOTHING,
    ("Transient", "CustomTimeoutExceeded", ""): NOTHING,
    ("Transient", "SomethingNew", ""): SOFT,
    ("Undetermined", "Undetermined", ""): SOFT,
    ("SomethingNew", "SomethingNew", ""): SOFT,
    ("", "", ""): SOFT,
}

COMPLAINTS = {
    ("", ""): COMPLAINED,
    ("", "abuse"): COMPLAINED,
    ("", "fraud"): COMPLAINED,
    ("", "virus"): COMPLAINED,
    ("", "other"): COMPLAINED,
    ("", "something-new"): COMPLAINED,
    ("", "not-spam"): NOTHING,
    ("", "auth-failure"): NOTHING,
    ("OnAccountSuppressionList", ""): LISTED,
    ("OnTenantSuppressionList", "abuse"): LISTED,
    ("SomethingNew", ""): COMPLAINED,
}


@pytest.mark.parametrize(("kind", "subtype", "status"), BOUNCES)
def test_a_bounce(kind: str, subtype: str, status: str) -> None:
    verdict = judge_bounce(Bounce(kind, subtype, status))
    assert (verdict.effect, verdict.reason) == BOUNCES[kind, subtype, status]


@pytest.mark.parametrize(("subtype", "feedback_type"), COMPLAINTS)
def test_a_complaint(subtype: str, feedback_type: str) -> None:
    verdict = judge_complaint(Complaint(subtype, feedback_type))
    assert (verdict.effect, verdict.reason) == COMPLAINTS[subtype, feedback_type]


@pytest.mark.parametrize(
    ("kind", "subtype", "counted"),
    [
        ("Permanent", "General", Reason.BOUNCED),
        ("Permanent", "Suppressed", Reason.BOUNCED),
        ("Permanent", "OnAccountSuppressionList", None),
        ("Permanent", "EmailValidationSuppressed", None),
        ("Permanent", "UnsubscribedRecipient", None),
        ("Transient", "General", None),
    ],
)
def test_what_ses_counts_as_a_bounce_is_counted(kind: str, subtype: str, counted: Reason | None) -> None:
    assert judge_bounce(Bounce(kind, subtype)).counted is counted


def test_only_an_opt_out_in_the_provider_s_list_is_of_a_topic() -> None:
    of_topic = {(kind, subtype) for kind, subtype, status in BOUNCES if judge_bounce(Bounce(kind, subtype)).of_topic}
    assert {subtype for _, subtype in of_topic} == {"UnsubscribedRecipient"}


@pytest.mark.parametrize(
    ("kind", "subtype", "cause"),
    [
        ("Transient", "MessageTooLarge", Cause.OUR_FAULT),
        ("Transient", "ContentRejected", Cause.OUR_FAULT),
        ("Transient", "AttachmentRejected", Cause.OUR_FAULT),
        ("Transient", "CustomTimeoutExceeded", None),
        ("Transient", "General", None),
        ("Transient", "SomethingNew", Cause.UNKNOWN),
        ("Permanent", "SomethingNew", Cause.UNKNOWN),
        ("SomethingNew", "General", Cause.UNKNOWN),
        ("Undetermined", "Undetermined", None),
    ],
)
def test_a_bounce_that_somebody_should_look_at_has_a_cause(kind: str, subtype: str, cause: Cause | None) -> None:
    assert judge_bounce(Bounce(kind, subtype)).cause is cause


def test_a_report_of_failed_authentication_has_a_cause_and_suppresses_nobody() -> None:
    verdict = judge_complaint(Complaint("", "auth-failure"))
    assert (verdict.effect, verdict.cause) == (Effect.IGNORE, Cause.AUTHENTICATION)


@pytest.mark.parametrize(
    ("kind", "subtype", "status"), [case for case, (effect, _) in BOUNCES.items() if effect is Effect.SUPPRESS]
)
def test_a_suppression_says_why_in_words(kind: str, subtype: str, status: str) -> None:
    why = judge_bounce(Bounce(kind, subtype, status)).why
    assert why.partition(" (")[0]
    assert why.isprintable()
