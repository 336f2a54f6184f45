"""The files of Send and Delivery events: they settle what is in doubt, and are deleted once they have been read."""

import gzip
import json
from typing import Any

import pytest

from optout.campaigns.ledger import Block, DeliveryStatus, Outcome
from optout.wiring.campaigns import campaigns
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import invoke, load

FINE: dict[str, Any] = {"batchItemFailures": []}
KEY = "sent/2026/08/24/14/optout stream-1-2026-08-24-14-17-04-5f2b1c3d-9a8b-4c7d-8e6f-1a2b3c4d5e6f.gz"
BUCKET = "sentbucket"
ACCEPTED = 1787581022000


def event(position: int = 0, kind: str = "Send") -> dict[str, Any]:
    tags = {"ws": ["acme"], "cid": [str(examples.CAMPAIGN)], "blk": ["0-0-0"], "idx": [str(position)]}
    mail = {"timestamp": "2026-08-24T14:17:02.000Z", "messageId": f"m{position}", "tags": tags}
    return {"eventType": kind, "mail": mail | {"destination": ["ada@reader.example"]}, kind.lower(): {}}


def put(aws: AWS, *events: Any, broken: str = "") -> None:
    text = "\n".join([*map(json.dumps, events), broken])
    aws.s3.put_object(Bucket=BUCKET, Key=KEY, Body=gzip.compress(text.encode()))


def claim(*positions: int) -> Block:
    block = Block(0, 0, 0, positions)
    campaigns().claim(examples.CAMPAIGN, block)
    return block


def accepted() -> Any:
    (row,) = campaigns().rows(examples.CAMPAIGN, 0)
    return {at: outcome.detail for at, outcome in row.proven.items()}


def files(aws: AWS) -> Any:
    return aws.contents()[BUCKET]


def test_the_events_of_a_mail_whose_block_is_in_doubt_are_kept_and_the_file_goes(aws: AWS) -> None:
    claim(0, 1)
    put(aws, event(0), event(0, "Delivery"), event(1))
    assert invoke("feedback.sent_events", load("feedback.sent_events")) == FINE
    assert accepted() == {0: "m0", 1: "m1"}
    assert files(aws) == {}
    (watermark,) = [item for item in aws.items("CampaignsTable") if item["pk"]["S"] == "events"]
    assert watermark["accepted"] == {"N": str(ACCEPTED)}


def test_a_file_that_is_gone_is_done_with(aws: AWS) -> None:
    before = aws.contents()
    assert invoke("feedback.sent_events", load("feedback.sent_events")) == FINE
    assert aws.contents() == before


def test_a_file_that_is_told_of_twice_changes_nothing_more(aws: AWS) -> None:
    claim(0)
    for _ in range(2):
        put(aws, event())
        invoke("feedback.sent_events", load("feedback.sent_events"))
    assert accepted() == {0: "m0"}


def test_the_events_of_a_mail_whose_block_is_settled_write_nothing_but_that_events_arrive(aws: AWS) -> None:
    campaigns().settle(examples.CAMPAIGN, claim(0), {0: Outcome(DeliveryStatus.SENT, "id")})
    before = aws.contents()
    put(aws, event())
    invoke("feedback.sent_events", load("feedback.sent_events"))
    after = aws.contents()
    new = after.pop("CampaignsTable") - before.pop("CampaignsTable")
    assert after == before
    assert [item for item in new if "'events'" not in item] == []


def test_what_is_broken_is_counted_without_its_content_and_holds_up_nothing(
    aws: AWS, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    claim(0, 1)
    put(
        aws,
        event(0),
        {"eventType": "Send", "mail": "ada@reader.example"},
        event(1),
        broken='{"mail":"ada@reader.example',
    )
    assert invoke("feedback.sent_events", load("feedback.sent_events")) == FINE
    assert accepted() == {0: "m0", 1: "m1"}
    assert '"SentEventUnreadable":[2.0]' in capsys.readouterr().out.replace(" ", "")
    assert "reader.example" not in str([vars(record) for record in caplog.records])


def test_s3_trying_out_the_queue_is_done_with(aws: AWS) -> None:
    asked = load("feedback.sent_events")
    asked["Records"][0]["body"] = '{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"sentbucket"}'
    before = aws.contents()
    assert invoke("feedback.sent_events", asked) == FINE
    assert aws.contents() == before


@pytest.mark.parametrize("lost", ["CampaignsTable", "SentBucket"])
def test_a_file_is_kept_while_a_store_does_not_answer(lost: str, aws: AWS) -> None:
    put(aws, event())
    aws.lose(lost)
    asked = load("feedback.sent_events")
    assert invoke("feedback.sent_events", asked) == {
        "batchItemFailures": [{"itemIdentifier": asked["Records"][0]["messageId"]}]
    }
    if lost != "SentBucket":
        assert list(files(aws)) == [KEY]


def test_a_file_that_is_no_file_of_events_stays_for_somebody_to_look_at(aws: AWS) -> None:
    aws.s3.put_object(Bucket=BUCKET, Key=KEY, Body=gzip.compress(b"x" * 1_000)[:-8])
    assert invoke("feedback.sent_events", load("feedback.sent_events"))["batchItemFailures"]
    assert list(files(aws)) == [KEY]


def test_an_event_of_mail_that_is_not_ours_means_nothing(aws: AWS) -> None:
    other = event()
    other["mail"]["tags"] = {}
    before = aws.contents()
    put(aws, other)
    invoke("feedback.sent_events", load("feedback.sent_events"))
    assert aws.contents() == before
