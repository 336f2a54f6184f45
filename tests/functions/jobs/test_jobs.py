"""The jobs: what they store and ring for, and what they leave to another try. SES answers by botocore's stub."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from optout import clock
from optout.address import Address
from optout.aws.delivery.sender import SESSender
from optout.aws.provider.account import SESAccount
from optout.aws.provider.send_limiter import DynamoDBSendLimiter
from optout.campaigns.campaign import Parking, ParkReason, State
from optout.campaigns.ledger import Chunk, Cursor, Recipient
from optout.campaigns.transitions import cancel, park
from optout.errors import Unavailable
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.wiring.campaigns import campaigns
from optout.wiring.delivery import sender as wired_sender
from optout.wiring.provider import send_limiter as wired_slots
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Context, call, invoke, load

FINE: dict[str, Any] = {"batchItemFailures": []}
QUOTA = {"MaxSendRate": 50.0, "Max24HourSend": 50_000.0, "SentLast24Hours": 0.0}
CALL = ("FromEmailAddress", "DefaultContent", "BulkEmailEntries", "ConfigurationSetName")


class SES:
    """The two clients of the sender, stubbed; ``calls`` lists the recipients of each call."""

    def __init__(self) -> None:
        sender, send_limiter = wired_sender(), wired_slots()
        assert isinstance(sender, SESSender)
        assert isinstance(send_limiter, DynamoDBSendLimiter)
        assert isinstance(send_limiter.provider, SESAccount)
        self.asking, self.sending = Stubber(send_limiter.provider.client), Stubber(sender.one_shot)
        self.asking.add_response("get_account", {"SendingEnabled": True, "SendQuota": QUOTA})
        self.calls: list[list[str]] = []

    def note(self, params: dict[str, Any], **_: object) -> None:
        self.calls.append([entry["Destination"]["ToAddresses"][0] for entry in params["BulkEmailEntries"]])

    def takes(self, *statuses: str) -> None:
        results = [{"Status": status, "MessageId": f"id-{i}"} for i, status in enumerate(statuses)]
        self.sending.add_response("send_bulk_email", {"BulkEmailEntryResults": results}, dict.fromkeys(CALL, ANY))


@pytest.fixture
def ses(aws: AWS) -> Iterator[SES]:
    made = SES()
    events = made.sending.client.meta.events
    events.register("provide-client-params.sesv2.SendBulkEmail", made.note)
    with made.asking, made.sending:
        yield made
    events.unregister("provide-client-params.sesv2.SendBulkEmail", made.note)


def failure(event: dict[str, Any]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in event["Records"]]}


def state_of(campaign: int = examples.CAMPAIGN) -> Any:
    return campaigns().get(campaign)


@pytest.mark.usefixtures("ses")
def test_expanding_stores_the_audience_in_chunks_and_rings_for_each(aws: AWS) -> None:
    assert invoke("jobs.expand", load("jobs.expand")) == FINE
    chunk = campaigns().chunk(examples.CAMPAIGN, 0)
    assert chunk
    assert [person.email for person in chunk.recipients] == ["ada@reader.example"]
    assert aws.messages("DeliverQueue") == [{"campaign": examples.CAMPAIGN, "chunk": 0}]
    assert (state_of().state, state_of().cursor) == (State.SENDING, None)


@pytest.mark.usefixtures("ses")
def test_an_empty_audience_is_one_empty_chunk(aws: AWS) -> None:
    answer = call("rocketchat.send", credentials=examples.OTHER_ROCKETCHAT)
    event = load("jobs.expand")
    campaign = int(answer.headers["x-campaign-id"])
    for item in aws.items("SubscribersTable"):
        aws.dynamodb.delete_item(TableName="SubscribersTable", Key={"pk": item["pk"], "sk": item["sk"]})
    event["Records"][0]["body"] = json.dumps({"campaign": campaign, "first_chunk": 0})
    assert invoke("jobs.expand", event) == FINE
    chunk = campaigns().chunk(campaign, 0)
    assert chunk
    assert chunk.recipients == ()
    assert state_of(campaign).counters["audience"] == 0


@pytest.mark.usefixtures("ses", "nothing_stored")
@pytest.mark.parametrize("job", ["expand", "deliver"])
def test_an_unknown_campaign_is_nothing_to_do(job: str) -> None:
    event = load(f"jobs.{job}")
    event["Records"][0]["body"] = json.dumps({"campaign": 77, "first_chunk": 0, "chunk": 0})
    assert invoke(f"jobs.{job}", event) == FINE


@pytest.mark.usefixtures("ses")
def test_a_cancelled_campaign_is_neither_expanded_nor_sent(aws: AWS) -> None:
    cancel(campaigns(), examples.CAMPAIGN)
    stored = aws.contents()
    for job in ("jobs.expand", "jobs.deliver"):
        assert invoke(job, load(job)) == FINE
    assert aws.contents() == stored


@pytest.mark.usefixtures("ses")
def test_a_repeated_doorbell_rings_for_the_same_chunks_again_and_stores_nothing(aws: AWS) -> None:
    invoke("jobs.expand", load("jobs.expand"))
    tables = {name: items for name, items in aws.contents().items() if name.endswith("Table")}
    invoke("jobs.expand", load("jobs.expand"))
    assert {name: items for name, items in aws.contents().items() if name.endswith("Table")} == tables
    assert aws.messages("DeliverQueue") == [{"campaign": examples.CAMPAIGN, "chunk": 0}] * 2


@pytest.mark.usefixtures("ses")
def test_when_time_runs_out_another_run_goes_on(aws: AWS) -> None:
    assert invoke("jobs.expand", load("jobs.expand"), Context(milliseconds_left=8_000)) == FINE
    assert aws.messages("ExpandQueue") == [{"campaign": examples.CAMPAIGN, "first_chunk": 0}]
    assert aws.messages("DeliverQueue") == []


@pytest.mark.parametrize("job", ["expand", "deliver"])
@pytest.mark.parametrize("body", ["not json", "{}", "[]", '{"campaign": "x"}'])
@pytest.mark.usefixtures("ses", "nothing_stored")
def test_a_message_that_nobody_rang_goes_to_the_dead_letters(job: str, body: str) -> None:
    event = load(f"jobs.{job}")
    event["Records"][0]["body"] = body
    assert invoke(f"jobs.{job}", event) == failure(event)


@pytest.mark.usefixtures("ses")
@pytest.mark.parametrize("job", ["expand", "deliver"])
def test_a_job_whose_store_does_not_answer_is_tried_again(job: str, aws: AWS) -> None:
    event = load(f"jobs.{job}")
    aws.lose("CampaignsTable")
    assert invoke(f"jobs.{job}", event) == failure(event)


def chunk_of(*emails: str) -> None:
    """An expanded campaign with this audience."""
    people = tuple(Recipient(examples.SUBSCRIBER if i == 0 else i, email, "Ada") for i, email in enumerate(emails))
    chunk = campaigns().put_chunk(examples.CAMPAIGN, Chunk(0, people, None))
    assert campaigns().advance(examples.CAMPAIGN, Cursor(), chunk)


def leave(email: str) -> None:
    origin = Origin("link")
    suppress(suppressions(), "acme", Address.parse(email), EVERYTHING, Reason.ONE_CLICK, origin)


def test_delivering_accounts_for_everybody(ses: SES) -> None:
    chunk_of("ada@reader.example", "left@reader.example", "gone@reader.example", "jörg@reader.example")
    leave("gone@reader.example")
    ses.takes("SUCCESS")
    assert invoke("jobs.deliver", load("jobs.deliver")) == FINE
    counters = state_of().counters
    assert counters["audience"] == counters["sent"] + counters["skipped"] + counters["failed"] == 4
    assert (counters["skipped_one_click"], counters["skipped_unsubscribed"], counters["failed"]) == (1, 1, 1)
    assert state_of().state is State.FINISHED
    assert ses.calls == [["Ada <ada@reader.example>"]]


def test_delivering_the_same_chunk_again_sends_nothing(ses: SES, aws: AWS) -> None:
    chunk_of("ada@reader.example")
    ses.takes("SUCCESS")
    invoke("jobs.deliver", load("jobs.deliver"))
    stored = aws.contents()
    assert invoke("jobs.deliver", load("jobs.deliver")) == FINE
    assert len(ses.calls) == 1
    assert aws.contents() == stored


def test_an_audience_that_has_left_makes_no_call(ses: SES) -> None:
    chunk_of("left@reader.example")
    assert invoke("jobs.deliver", load("jobs.deliver")) == FINE
    assert ses.calls == []
    assert state_of().counters["skipped"] == 1


def refuse(ses: SES, code: str, message: str, status: int = 400, times: int = 1) -> None:
    for _ in range(times):
        ses.sending.add_client_error("send_bulk_email", code, message, http_status_code=status)


def test_a_throttle_never_uses_up_the_tries_of_a_message(ses: SES, aws: AWS, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    chunk_of("ada@reader.example")
    refuse(ses, "TooManyRequestsException", "Maximum sending rate exceeded.", 429, times=5)
    assert invoke("jobs.deliver", load("jobs.deliver")) == FINE
    assert [json.loads(message.body) for message in aws._queues["DeliverQueue"]._messages] == [
        {"campaign": examples.CAMPAIGN, "chunk": 0}  # on its way: it arrives a little later
    ]
    assert state_of().state is State.SENDING
    ses.takes("SUCCESS")
    assert invoke("jobs.deliver", load("jobs.deliver")) == FINE
    assert state_of().state is State.FINISHED


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        ("LimitExceededException", "Daily message quota exceeded.", ParkReason.QUOTA),
        ("SendingPausedException", "paused", ParkReason.PROVIDER_PAUSED),
        ("MailFromDomainNotVerifiedException", "x", ParkReason.CONFIG),
    ],
)
def test_what_has_to_wait_is_parked_and_its_message_is_done_with(
    ses: SES, aws: AWS, code: str, message: str, reason: ParkReason
) -> None:
    chunk_of("ada@reader.example")
    refuse(ses, code, message)
    assert invoke("jobs.deliver", load("jobs.deliver")) == FINE
    assert aws.messages("DeliverQueue") == []
    assert (state_of().state, state_of().parking.reason) == (State.PARKED, reason)


def test_an_unanswered_call_is_never_made_again(ses: SES) -> None:
    chunk_of("ada@reader.example")
    refuse(ses, "InternalServiceErrorException", "x", 500)
    for _ in range(3):
        assert invoke("jobs.deliver", load("jobs.deliver")) == FINE
    assert len(ses.calls) == 1
    assert state_of().counters.get("sent", 0) == 0
    assert [doubt.chunk for doubt in campaigns().doubts(examples.CAMPAIGN)] == [0]


@pytest.fixture
def an_hour_later(monkeypatch: pytest.MonkeyPatch) -> None:
    later = clock.now() + 3_600_000
    monkeypatch.setattr(clock, "now", lambda: later)


@pytest.mark.usefixtures("ses")
def test_the_sweeper_leaves_what_is_under_way_alone(aws: AWS, monkeypatch: pytest.MonkeyPatch) -> None:
    a_minute_on = state_of().progress + 60_000
    monkeypatch.setattr(clock, "now", lambda: a_minute_on)
    stored = aws.contents()
    invoke("jobs.sweep", load("jobs.sweep"))
    assert aws.contents() == stored


def test_the_sweeper_rings_for_a_campaign_whose_messages_were_lost(
    ses: SES, aws: AWS, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk_of("ada@reader.example")
    later = clock.now() + 3_600_000
    monkeypatch.setattr(clock, "now", lambda: later)
    invoke("jobs.sweep", load("jobs.sweep"))
    assert aws.messages("DeliverQueue") == [{"campaign": examples.CAMPAIGN, "chunk": 0}]
    ses.takes("SUCCESS")
    invoke("jobs.deliver", load("jobs.deliver"))
    assert state_of().state is State.FINISHED


@pytest.mark.usefixtures("ses", "an_hour_later")
def test_the_sweeper_rings_for_a_walk_that_never_began(aws: AWS) -> None:
    invoke("jobs.sweep", load("jobs.sweep"))
    assert aws.messages("ExpandQueue") == [{"campaign": examples.CAMPAIGN, "first_chunk": 0}]


@pytest.mark.usefixtures("ses")
def test_the_sweeper_takes_up_what_was_parked_when_its_time_has_come(aws: AWS) -> None:
    chunk_of("ada@reader.example")
    park(campaigns(), examples.CAMPAIGN, Parking(ParkReason.QUOTA, "x", 0))
    invoke("jobs.sweep", load("jobs.sweep"))
    assert state_of().state is State.SENDING
    assert aws.messages("DeliverQueue") == [{"campaign": examples.CAMPAIGN, "chunk": 0}]


def send_event(position: int = 0) -> dict[str, Any]:
    """What SES tells when it has accepted a mail of the example's first block."""
    event = load("feedback.bounce_raw_delivery")
    notice = json.loads(event["Records"][0]["body"])
    del notice["bounce"]
    notice["mail"]["tags"] |= {"cid": [str(examples.CAMPAIGN)], "blk": ["0-0-0"], "idx": [str(position)]}
    event["Records"][0]["body"] = json.dumps(notice | {"eventType": "Send", "send": {}})
    return event


def test_the_reconciler_settles_a_lost_answer_by_the_event_of_its_mail(
    ses: SES, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk_of("ada@reader.example")
    refuse(ses, "InternalServiceErrorException", "x", 500)
    invoke("jobs.deliver", load("jobs.deliver"))
    invoke("feedback.bounces", send_event())
    later = clock.now() + 3_600_000
    monkeypatch.setattr(clock, "now", lambda: later)
    invoke("jobs.reconcile", load("jobs.reconcile"))
    assert state_of().state is State.FINISHED
    assert state_of().counters["sent"] == 1
    assert len(ses.calls) == 1


def test_without_any_event_the_reconciler_says_that_it_does_not_know(ses: SES, monkeypatch: pytest.MonkeyPatch) -> None:
    chunk_of("ada@reader.example")
    refuse(ses, "InternalServiceErrorException", "x", 500)
    invoke("jobs.deliver", load("jobs.deliver"))
    later = clock.now() + 4 * 3_600_000
    monkeypatch.setattr(clock, "now", lambda: later)
    invoke("jobs.reconcile", load("jobs.reconcile"))
    assert state_of().counters["unknown"] == 1
    assert state_of().state is State.FINISHED


@pytest.mark.parametrize("job", ["sweep", "reconcile"])
def test_a_scheduled_job_says_so_when_the_store_does_not_answer(job: str, aws: AWS) -> None:
    aws.lose("CampaignsTable")
    with pytest.raises(Unavailable):
        invoke(f"jobs.{job}", load(f"jobs.{job}"))


def test_no_time_left_asks_for_another_run(ses: SES, aws: AWS) -> None:
    chunk_of("ada@reader.example")
    assert invoke("jobs.deliver", load("jobs.deliver"), Context(milliseconds_left=8_000)) == FINE
    assert aws.messages("DeliverQueue") == [{"campaign": examples.CAMPAIGN, "chunk": 0}]
