"""What SES tells becomes suppressions, whatever envelope it comes in and however often."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from optout.address import Address
from optout.campaigns.ledger import Block, Chunk, Cursor, DeliveryStatus, Outcome, Recipient
from optout.errors import Unavailable
from optout.runtime.observability import logger
from optout.suppressions.reason import Reason
from optout.wiring.campaigns import campaigns
from optout.wiring.clients import dynamodb
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Context, call, invoke, load

FINE: dict[str, Any] = {"batchItemFailures": []}


def reason(address: Address = examples.ADA, workspace: str = "acme") -> Reason | None:
    in_force = suppressions().state(workspace, address).in_force
    assert all(scope.is_everything for scope in in_force)
    return next((entry.reason for entry in in_force.values()), None)


def take(name: str) -> None:
    assert invoke("feedback.bounces", load(f"feedback.{name}")) == FINE


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        ("bounces", Reason.BOUNCED),
        ("bounce_raw_delivery", Reason.BOUNCED),
        ("bounce_eventbridge", Reason.BOUNCED),
        ("bounce_identity_notification", Reason.BOUNCED),
        ("bounce_unknown_campaign", Reason.BOUNCED),
        ("bounce_mixed", Reason.BOUNCED),
        ("complaint", Reason.COMPLAINED),
        ("complaint_without_recipients", Reason.PROVIDER),
        ("complaint_not_spam", None),
        ("soft_bounce", None),
        ("out_of_office", None),
        ("delivery", None),
        ("reject", None),
        ("rendering_failure", None),
        ("setup_notice", None),
    ],
)
def test_what_a_notice_means_for_its_recipient(event: str, wanted: Reason | None) -> None:
    take(event)
    assert reason() is wanted


@pytest.mark.parametrize(
    "event",
    ["complaint_not_spam", "soft_bounce", "out_of_office", "delivery", "reject", "rendering_failure", "setup_notice"],
)
def test_what_means_nothing_stores_nothing(event: str, aws: AWS) -> None:
    before = aws.contents()
    take(event)
    assert aws.contents() == before


def changed(event: str, change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """An event whose notification was changed."""
    found = load(f"feedback.{event}")
    envelope = json.loads(found["Records"][0]["body"])
    notice = json.loads(envelope["Message"])
    change(notice)
    found["Records"] = [found["Records"][0] | {"body": json.dumps(envelope | {"Message": json.dumps(notice)})}]
    return found


def message(text: str) -> dict[str, Any]:
    """An event with this text as the body of its only message."""
    found = load("feedback.bounces")
    return {"Records": [found["Records"][0] | {"body": text}]}


FEED = [
    {"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have successfully subscribed"},
    {
        "Type": "SubscriptionConfirmation",
        "TopicArn": "arn:x",
        "Message": "You have chosen",
        "SubscribeURL": "https://x",
    },
    {"Type": "UnsubscribeConfirmation", "TopicArn": "arn:x", "Message": "You have chosen"},
    {"source": "aws.ses", "detail-type": "Sending Status Disabled", "detail": {"data": {"record": {}}}},
    {"source": "aws.ses", "detail-type": "Advisor Recommendation Status Open", "detail": "text"},
    {"Type": "Notification", "TopicArn": "arn:x", "Message": '{"notificationType": "Something", "message": "x"}'},
]


@pytest.mark.parametrize("notice", FEED, ids=range(len(FEED)))
def test_what_is_said_about_the_feed_or_the_account_is_acknowledged_and_counted(
    notice: dict[str, Any], aws: AWS, capsys: pytest.CaptureFixture[str]
) -> None:
    before = aws.contents()
    assert invoke("feedback.bounces", message(json.dumps(notice))) == FINE
    assert aws.contents() == before
    assert '"FeedbackAboutTheFeed":[1.0]' in capsys.readouterr().out.replace(" ", "")


@pytest.mark.parametrize(
    "text", ["plain text", "[]", "7", "null", '{"a": 1}', '{"source": "aws.ec2", "detail": {}}', '{"bounce": {}}']
)
def test_a_message_that_is_not_of_ses_is_a_failure(text: str) -> None:
    assert len(invoke("feedback.bounces", message(text))["batchItemFailures"]) == 1


@pytest.mark.parametrize("field", ["destination", "tags", "headers", "messageId", "timestamp"])
def test_a_null_in_the_email_of_a_bounce_is_as_nothing(field: str) -> None:
    assert invoke("feedback.bounces", changed("bounces", lambda notice: notice["mail"].update({field: None}))) == FINE
    assert reason() is Reason.BOUNCED


def test_a_complaint_without_recipients_is_about_those_whom_the_email_went_to() -> None:
    null = {"complainedRecipients": None, "complaintSubType": None}
    assert invoke("feedback.bounces", changed("complaint", lambda notice: notice["complaint"].update(null))) == FINE
    assert reason() is Reason.COMPLAINED


@pytest.mark.parametrize(
    "name", ['"Ada, L." <{}>', "Ada, L. <{}>", "=?utf-8?q?=C3=84da?= <{}>", "Ada (x) <{}> ", "<{}>"]
)
def test_a_recipient_with_a_display_name_is_found(name: str) -> None:
    def rename(notice: dict[str, Any]) -> None:
        recipient = notice["bounce"]["bouncedRecipients"][0]
        recipient["emailAddress"] = name.format(recipient["emailAddress"])

    assert invoke("feedback.bounces", changed("bounces", rename)) == FINE
    assert reason() is Reason.BOUNCED


def test_the_address_that_was_mailed_gets_the_verdict_of_the_one_behind_it() -> None:
    def forward(notice: dict[str, Any]) -> None:
        notice["bounce"]["bouncedRecipients"][0]["emailAddress"] = "behind@reader.example"

    assert invoke("feedback.bounces", changed("bounces", forward)) == FINE
    assert reason() is reason(Address.parse("behind@reader.example")) is Reason.BOUNCED


def test_of_several_destinations_only_those_that_are_named_are_judged() -> None:
    def forward(notice: dict[str, Any]) -> None:
        notice["bounce"]["bouncedRecipients"][0]["emailAddress"] = "behind@reader.example"
        notice["mail"]["destination"].append("other@reader.example")

    invoke("feedback.bounces", changed("bounces", forward))
    assert reason() is None


def test_each_recipient_of_a_permanent_notice_is_judged_alone() -> None:
    take("bounce_mixed")
    assert reason(Address.parse("late@reader.example")) is None


def test_a_notice_of_one_workspace_leaves_the_others_alone() -> None:
    take("bounces")
    assert reason(workspace="globex") is None


def test_a_bounce_of_unknown_mail_counts_in_every_workspace() -> None:
    take("bounce_identity_notification")
    assert reason() is reason(workspace="globex") is Reason.BOUNCED


def test_a_campaign_counts_a_bounce_once(aws: AWS) -> None:
    take("bounces")
    stored = aws.contents()
    take("bounces")
    assert aws.contents() == stored
    campaign = campaigns().get(examples.CAMPAIGN)
    assert campaign
    assert campaign.counters["bounced"] == 1


def test_a_bounce_is_told_by_the_check_from_then_on() -> None:
    take("bounces")
    assert call("repzo.check", json_body={"email": "ada@reader.example"}).json["data"]["is_unsubscribed"]


def test_a_complaint_after_a_bounce_is_the_stronger_reason_and_not_the_other_way_round() -> None:
    for events in (("bounces", "complaint"), ("bounces",)):
        for event in events:
            take(event)
        assert reason() is Reason.COMPLAINED


def test_a_record_that_cannot_be_read_is_tried_again_alone() -> None:
    event = load("feedback.batch_with_garbage")
    failed = {"itemIdentifier": event["Records"][0]["messageId"]}
    assert invoke("feedback.bounces", event) == {"batchItemFailures": [failed]}
    assert reason() is Reason.BOUNCED
    assert reason(Address.parse("grace@reader.example")) is Reason.COMPLAINED


@pytest.mark.parametrize("lost", ["SuppressionsTable", "CredentialsTable", "AddressPepper"])
def test_feedback_is_kept_while_a_store_does_not_answer(lost: str, aws: AWS) -> None:
    event = load("feedback.bounces")
    aws.lose(lost)
    assert invoke("feedback.bounces", event) == {
        "batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]
    }


def test_the_suppression_is_stored_before_the_campaign_is_looked_for_and_the_batch_comes_again(aws: AWS) -> None:
    aws.lose("CampaignsTable")
    with pytest.raises(Unavailable):
        invoke("feedback.bounces", load("feedback.bounces"))
    assert reason() is Reason.BOUNCED


def test_the_events_of_a_mail_whose_block_is_settled_write_nothing(aws: AWS) -> None:
    block = Block(0, 0, 0, (0,))
    campaigns().claim(examples.CAMPAIGN, block)
    campaigns().settle(examples.CAMPAIGN, block, {0: Outcome(DeliveryStatus.SENT, "id")})
    before = aws.contents()
    take("delivery")
    assert aws.contents() == before


def test_the_events_of_a_mail_whose_block_is_in_doubt_are_kept() -> None:
    campaigns().claim(examples.CAMPAIGN, Block(0, 0, 0, (0,)))
    take("delivery")
    (row,) = campaigns().rows(examples.CAMPAIGN, 0)
    accepted = Outcome(DeliveryStatus.SENT, "0107019f4d5c6b7a-3c1b9a52-7e0f-4f6f-8d7c-5a4b3c2d1e0f-000000")
    assert row.proven == {0: accepted}


def test_an_event_without_our_tags_that_comes_again_costs_two_reads() -> None:
    take("bounce_identity_notification")
    calls: Counter[str] = Counter()
    dynamodb().meta.events.register("before-call.dynamodb", lambda model, **_: calls.update([model.name]))
    take("bounce_identity_notification")
    assert calls == {"GetItem": 1, "BatchGetItem": 1}  # the workspaces, and the address in all of them


def test_events_without_our_tags_that_no_time_is_left_for_hold_up_no_bounce_of_ours() -> None:
    """They come first, and come again."""
    event = load("feedback.bounce_identity_notification")
    event["Records"][0]["messageId"] = "other"
    event["Records"] += load("feedback.complaint")["Records"]
    failed = {"batchItemFailures": [{"itemIdentifier": "other"}]}
    assert invoke("feedback.bounces", event, Context(milliseconds_left=29_000)) == failed
    assert reason() is Reason.COMPLAINED
    assert reason(workspace="globex") is None


def send_to_ada(*then: str) -> Any:
    """The example campaign to Ada, the feedback events after it, and her delivery in the API."""
    chunk = Chunk(0, (Recipient(examples.SUBSCRIBER, examples.ADA.original, "Ada"),), None)
    (block,) = chunk.blocks()
    campaigns().put_chunk(examples.CAMPAIGN, chunk)
    campaigns().advance(examples.CAMPAIGN, Cursor(), chunk)
    campaigns().claim(examples.CAMPAIGN, block)
    campaigns().settle(examples.CAMPAIGN, block, {0: Outcome(DeliveryStatus.SENT, "id")})
    for event in then:
        take(event)
    (delivery,) = call("native.campaigns.deliveries").json["deliveries"]
    return delivery


@pytest.mark.parametrize(("event", "why"), [("reject", "rejected"), ("rendering_failure", "rendering_failure")])
def test_an_email_that_ses_accepted_and_did_not_send_has_failed(
    event: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    delivery = send_to_ada(event, "delivery", event)
    assert (delivery["status"], delivery["message_id"], delivery["reason"]) == ("failed", None, why)
    counters = call("native.campaigns.get").json["counters"]
    assert (counters["sent"], counters["failed"], counters["rejected"]) == (0, 1, 1)
    assert capsys.readouterr().out.replace(" ", "").count('"MessageRejected":[1.0]') == 2


@pytest.mark.parametrize("event", ["delivery", "bounces", "complaint", "soft_bounce"])
def test_every_other_event_leaves_an_email_sent(event: str) -> None:
    assert send_to_ada(event)["status"] == "sent"


def test_what_is_no_address_is_passed_over() -> None:
    event = load("feedback.bounce_raw_delivery")
    notice = json.loads(event["Records"][0]["body"])
    notice["bounce"]["bouncedRecipients"].insert(0, {"emailAddress": "MAILER-DAEMON", "status": "5.0.0"})
    event["Records"][0]["body"] = json.dumps(notice)
    assert invoke("feedback.bounces", event) == FINE
    assert reason() is Reason.BOUNCED


def test_the_log_names_nobody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger=logger.name)
    for event in ("bounces", "complaint", "batch_with_garbage"):
        invoke("feedback.bounces", load(f"feedback.{event}"))
    assert caplog.records
    assert "reader.example" not in str([vars(record) for record in caplog.records])
