"""The confirm job: what it mails, what it leaves to another try, and what it rings for again. SES is stubbed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from optout import clock
from optout.aws.confirmations.mail import SESConfirmationSender
from optout.aws.provider.account import SESAccount
from optout.aws.provider.send_limiter import DynamoDBSendLimiter
from optout.messages.link_token import read_confirmation
from optout.origin import Origin
from optout.runtime.observability import logger
from optout.scope import EVERYTHING
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.wiring.confirmations import confirmation_mailer as wired_inviting
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import invoke, load

FINE: dict[str, Any] = {"batchItemFailures": []}
QUOTA = {"MaxSendRate": 50.0, "Max24HourSend": 50_000.0, "SentLast24Hours": 0.0}
CALL = ("FromEmailAddress", "Destination", "Content", "EmailTags", "ConfigurationSetName")


class SES:
    """The two clients that the job uses, stubbed; ``mails`` lists the requests."""

    def __init__(self) -> None:
        confirmation_mailer = wired_inviting()
        assert isinstance(confirmation_mailer.sender, SESConfirmationSender)
        assert isinstance(confirmation_mailer.send_limiter, DynamoDBSendLimiter)
        assert isinstance(confirmation_mailer.send_limiter.provider, SESAccount)
        client = confirmation_mailer.sender.one_shot
        self.asking, self.sending = Stubber(confirmation_mailer.send_limiter.provider.client), Stubber(client)
        self.asking.add_response("get_account", {"SendingEnabled": True, "SendQuota": QUOTA})
        self.mails: list[Any] = []

    def note(self, params: dict[str, Any], **_: object) -> None:
        self.mails.append(params)

    def takes(self, times: int = 1) -> None:
        for _ in range(times):
            self.sending.add_response("send_email", {"MessageId": "id"}, dict.fromkeys(CALL, ANY))

    def refuses(self, code: str, text: str = "", status: int = 400) -> None:
        self.sending.add_client_error("send_email", code, text, status)


@pytest.fixture
def ses(aws: AWS) -> Iterator[SES]:
    made = SES()
    events = made.sending.client.meta.events
    events.register("provide-client-params.sesv2.SendEmail", made.note)
    with made.asking, made.sending:
        yield made
    events.unregister("provide-client-params.sesv2.SendEmail", made.note)


def ask(**changes: Any) -> Any:
    event = load("jobs.send_confirmation")
    (record,) = event["Records"]
    record["body"] = json.dumps(json.loads(record["body"]) | changes)
    return invoke("jobs.send_confirmation", event)


def test_who_is_pending_gets_a_link_to_the_page(ses: SES) -> None:
    ses.takes()
    assert ask() == FINE
    (mail,) = ses.mails
    assert mail["Destination"] == {"ToAddresses": ["grace@reader.example"]}
    assert mail["FromEmailAddress"] == "The Daily <news@example.com>"
    text = mail["Content"]["Simple"]["Body"]["Text"]["Data"]
    token = text.partition("https://mail.example.com/c/")[2].split()[0]
    assert token == examples.confirmation_token()
    assert read_confirmation({1: examples.LINK_KEY.encode()}, token).number == examples.PENDING_SUBSCRIBER


def test_a_message_that_comes_twice_mails_once(ses: SES) -> None:
    ses.takes(2)
    assert [ask(), ask()] == [FINE, FINE]
    assert len(ses.mails) == 1


def test_a_lost_answer_is_not_tried_again(ses: SES) -> None:
    ses.refuses("ServiceUnavailable", status=503)
    ses.takes()
    assert [ask(), ask()] == [FINE, FINE]
    assert len(ses.mails) == 1


def test_a_refusal_is_rung_for_again_and_then_mailed(ses: SES, aws: AWS) -> None:
    ses.refuses("TooManyRequestsException", "Maximum sending rate exceeded.", 429)
    ses.takes()
    assert ask() == FINE
    assert len(aws._queues["ConfirmQueue"].messages) == 0, "it is delayed"
    assert aws.sqs.get_queue_attributes(
        QueueUrl=aws.references["ConfirmQueue"], AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )["Attributes"] == {"ApproximateNumberOfMessagesDelayed": "1"}
    assert ask() == FINE
    assert len(ses.mails) == 2


def test_a_sender_that_is_not_verified_ends_among_the_dead_letters(ses: SES) -> None:
    text = "Email address is not verified. The following identities failed the check: news@example.com"
    ses.refuses("MessageRejected", text)
    assert ask() == {
        "batchItemFailures": [{"itemIdentifier": load("jobs.send_confirmation")["Records"][0]["messageId"]}]
    }


def test_an_address_that_ses_does_not_take_is_done_with(ses: SES) -> None:
    ses.refuses("BadRequestException", "Domain contains illegal character")
    assert ask() == FINE


@pytest.mark.parametrize("reason", [Reason.BOUNCED, Reason.COMPLAINED, Reason.UNSUBSCRIBED])
def test_whom_a_yes_would_not_bring_back_gets_no_mail(reason: Reason, ses: SES) -> None:
    suppress(suppressions(), examples.THIRD_WORKSPACE, examples.GRACE, EVERYTHING, reason, Origin("command"))
    assert ask() == FINE
    assert ses.mails == []


@pytest.mark.parametrize(
    "changes", [{"subscriber": 1}, {"newsletter": "weekly"}, {"workspace": "globex"}, {"requested_at": 1}]
)
def test_a_message_about_nobody_pending_is_done_with(changes: dict[str, Any], ses: SES) -> None:
    assert ask(**changes) == FINE
    assert ses.mails == []


def test_a_request_that_arrives_before_its_subscriber_is_rung_for_again(ses: SES, aws: AWS) -> None:
    assert ask(subscriber=1, requested_at=clock.now()) == FINE
    assert aws.sqs.get_queue_attributes(
        QueueUrl=aws.references["ConfirmQueue"], AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )["Attributes"] == {"ApproximateNumberOfMessagesDelayed": "1"}
    assert ses.mails == []


@pytest.mark.parametrize(
    "lost", ["SubscribersTable", "SuppressionsTable", "CampaignsTable", "AddressPepper", "LinkKeys"]
)
def test_what_cannot_be_read_is_left_to_another_try(lost: str, ses: SES, aws: AWS) -> None:
    aws.lose(lost)
    assert ask() != FINE
    assert ses.mails == []


def test_a_message_that_is_none_of_ours_is_kept_for_a_person(ses: SES) -> None:
    assert ask(workspaces=["acme"]) != FINE


def test_no_address_and_no_link_is_logged(ses: SES, caplog: pytest.LogCaptureFixture) -> None:
    ses.takes()
    with caplog.at_level("DEBUG", logger.name):
        ask()
    logged = [str(vars(record)) for record in caplog.records if record.name == logger.name]
    assert [("ConfirmationStatus.SENT" in line, str(examples.PENDING_SUBSCRIBER) in line) for line in logged] == [
        (True, True)
    ]
    assert not [word for word in ("grace", "reader.example", "/c/", "AQEA") if word in str(logged)]
