"""The jobs: what they store and ring for, and what they leave to another try. SES answers by botocore's stub."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from optout import wiring
from optout.address import Address
from optout.aws.ses import SESSender
from optout.campaign import Chunk, Cursor, Recipient, State
from optout.scope import EVERYTHING
from optout.suppressing import suppress
from optout.suppression import Origin, Reason
from tests.functions import examples
from tests.functions.aws import AWS
from tests.functions.calls import Context, call, invoke, load

FINE: dict[str, Any] = {"batchItemFailures": []}
QUOTA = {"MaxSendRate": 50.0, "Max24HourSend": 50_000.0, "SentLast24Hours": 0.0}
CALL = ("FromEmailAddress", "DefaultContent", "BulkEmailEntries", "ConfigurationSetName")


class SES:
    """The two clients of the sender, stubbed; ``calls`` lists the recipients of each call."""

    def __init__(self) -> None:
        sender = wiring.sender()
        assert isinstance(sender, SESSender)
        self.asking, self.sending = Stubber(sender.client), Stubber(sender.one_shot)
        self.asking.add_response("get_account", {"SendingEnabled": True, "SendQuota": QUOTA})
        self.calls: list[list[str]] = []
        sender.one_shot.meta.events.register("provide-client-params.sesv2.SendBulkEmail", self._note)

    def _note(self, params: dict[str, Any], **_: object) -> None:
        self.calls.append([entry["Destination"]["ToAddresses"][0] for entry in params["BulkEmailEntries"]])

    def takes(self, *statuses: str) -> None:
        results = [{"Status": status, "MessageId": f"id-{i}"} for i, status in enumerate(statuses)]
        self.sending.add_response("send_bulk_email", {"BulkEmailEntryResults": results}, dict.fromkeys(CALL, ANY))


@pytest.fixture
def ses(aws: AWS) -> Iterator[SES]:
    made = SES()
    with made.asking, made.sending:
        yield made


def failure(event: dict[str, Any]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in event["Records"]]}


def state_of(campaign: int = examples.CAMPAIGN) -> Any:
    return wiring.campaigns().get(campaign)


@pytest.mark.usefixtures("ses")
def test_expanding_stores_the_audience_in_chunks_and_rings_for_each(aws: AWS) -> None:
    assert invoke("jobs.expand", load("jobs.expand")) == FINE
    chunk = wiring.campaigns().chunk(examples.CAMPAIGN, 0)
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
    event["Records"][0]["body"] = json.dumps({"campaign": campaign, "rung": 0})
    assert invoke("jobs.expand", event) == FINE
    chunk = wiring.campaigns().chunk(campaign, 0)
    assert chunk
    assert chunk.recipients == ()
    assert state_of(campaign).counters["audience"] == 0


@pytest.mark.usefixtures("ses", "nothing_stored")
@pytest.mark.parametrize("job", ["expand", "deliver"])
def test_an_unknown_campaign_is_nothing_to_do(job: str) -> None:
    event = load(f"jobs.{job}")
    event["Records"][0]["body"] = json.dumps({"campaign": 77, "rung": 0, "chunk": 0})
    assert invoke(f"jobs.{job}", event) == FINE


@pytest.mark.usefixtures("ses")
def test_a_cancelled_campaign_is_neither_expanded_nor_sent(aws: AWS) -> None:
    wiring.campaigns().cancel(examples.CAMPAIGN)
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
    assert invoke("jobs.expand", load("jobs.expand"), Context(milliseconds_left=5_000)) == FINE
    assert aws.messages("ExpandQueue") == [{"campaign": examples.CAMPAIGN, "rung": 0}]
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
    chunk = wiring.campaigns().put_chunk(examples.CAMPAIGN, Chunk(0, people, None))
    assert wiring.campaigns().advance(examples.CAMPAIGN, Cursor(), chunk)


def leave(email: str) -> None:
    origin = Origin("link")
    suppress(wiring.suppressions(), "acme", Address.parse(email), EVERYTHING, Reason.ONE_CLICK, origin)


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


def test_a_refused_call_is_tried_again_later_and_an_unanswered_one_never(ses: SES) -> None:
    chunk_of("ada@reader.example")
    event = load("jobs.deliver")
    ses.sending.add_client_error("send_bulk_email", "TooManyRequestsException", http_status_code=429)
    assert invoke("jobs.deliver", event) == failure(event)
    ses.sending.add_client_error("send_bulk_email", "InternalServiceErrorException", http_status_code=500)
    assert invoke("jobs.deliver", event) == FINE
    assert invoke("jobs.deliver", event) == FINE
    assert len(ses.calls) == 2
    assert state_of().counters.get("sent", 0) == 0


def test_no_time_left_asks_for_another_run(ses: SES, aws: AWS) -> None:
    chunk_of("ada@reader.example")
    assert invoke("jobs.deliver", load("jobs.deliver"), Context(milliseconds_left=5_000)) == FINE
    assert aws.messages("DeliverQueue") == [{"campaign": examples.CAMPAIGN, "chunk": 0}]
