"""A campaign by our own API: asked for once, now or later; and what is refused."""

from datetime import datetime
from typing import Any

import pytest

from optout import clock
from optout.campaigns.campaign import State
from optout.campaigns.ramp import Ramp
from optout.scope import MessageClass
from optout.wiring.campaigns import campaigns
from tests.functions.native.campaigns import ask, create, later, listed, preview, refused, run, stored
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS

COUNTERS = {"audience", "sent", "skipped", "failed", "unknown", "pending", "bounced", "complained", "rejected"}


def test_a_campaign_is_stored_and_rung_for(aws: AWS) -> None:
    answer = create()
    assert answer.status == 201
    assert (answer.json["state"], answer.json["topic"], answer.json["send_at"]) == (
        "accepted",
        "newsletter:weekly",
        None,
    )
    assert answer.json["from"] == "News <news@example.com>"
    assert {answer.json["counters"][name] for name in COUNTERS} == {0}
    assert aws.messages("ExpandQueue") == [{"campaign": int(answer.json["id"]), "first_chunk": 0}]
    assert stored(answer.json["id"]).sender == "News <news@example.com>"


def test_what_a_campaign_is_about_can_be_said() -> None:
    more: dict[str, Any] = {"topic": "product-news", "newsletter": "weekly", "query": '{"name": "Ada"}'}
    more |= {"message_class": "transactional", "text": "Hi [fname] [unsubscribe]"}
    found = stored(create(credentials=examples.MAY_SEND_TRANSACTIONAL, **more).json["id"])
    assert (found.topic, found.message_class) == ("product-news", MessageClass.TRANSACTIONAL)
    assert found.query == '{"$and":[{"newsletter":"weekly"},{"name":"Ada"}]}'
    assert campaigns().content(found.number)["text"] == "Hi {{fnameT}} {{unsubscribe}}"


@pytest.mark.usefixtures("nothing_stored")
def test_a_campaign_that_opt_outs_do_not_stop_takes_a_permission() -> None:
    assert refused(create(message_class="transactional")) == (403, "forbidden")
    assert preview(message_class="transactional").status == 403


def test_a_transactional_campaign_begins_with_a_few_like_any_other() -> None:
    made = create(credentials=examples.MAY_SEND_TRANSACTIONAL, message_class="transactional").json["id"]
    assert stored(made).ramp == Ramp()


def test_a_newsletter_narrows_the_audience_and_names_the_topic() -> None:
    found = stored(create(newsletter="weekly").json["id"])
    assert (found.topic, found.query) == ("newsletter:weekly", '{"newsletter":"weekly"}')


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"from": "boss@example.com"}, 403, "bad_sender"),
        ({"from": "news@example.com\r\nBcc: all@example.com"}, 400, "invalid"),
        ({"from": "nobody"}, 403, "bad_sender"),
        ({"from": ""}, 400, "invalid"),
        ({"subject": "two\nlines"}, 400, "invalid"),
        ({"subject": "x" * 201}, 400, "invalid"),
        ({"subject": 7}, 400, "invalid"),
        ({"html": "<p>no way out</p>"}, 400, "missing_unsubscribe_link"),
        ({"text": "no way out"}, 400, "missing_unsubscribe_link"),
        ({"html": "[unsubscribe]" + "x" * 300_000}, 400, "invalid"),
        ({"html": "[unsubscribe]" + "x" * 1_000_000}, 413, "too_large"),
        ({"text": "[unsubscribe]" + "x" * 400_000}, 400, "invalid"),
        ({"query": '{"$where": "1"}'}, 400, "invalid"),
        ({"query": '{"phone": "1"}'}, 400, "invalid"),
        ({"query": "{"}, 400, "invalid"),
        ({"query": {"name": "Ada"}}, 400, "invalid"),
        ({"newsletter": "unknown"}, 422, "unprocessable"),
        ({"topic": ""}, 400, "invalid"),
        ({"message_class": "urgent"}, 400, "invalid"),
        ({"send_at": "2020-01-01T00:00:00Z"}, 422, "unprocessable"),
        ({"send_at": "2999-01-01T00:00:00Z"}, 422, "unprocessable"),
        ({"send_at": "2999-01-01T00:00:00"}, 400, "invalid"),
        ({"send_at": "tomorrow"}, 400, "invalid"),
        ({"send_at": 1_800_000_000}, 400, "invalid"),
        ({"send_to": "all"}, 400, "invalid"),
    ],
)
@pytest.mark.parametrize("key", ["", "a-key"])
@pytest.mark.usefixtures("nothing_stored")
def test_what_cannot_be_sent_is_refused_and_nothing_is_stored(more: Any, status: int, code: str, key: str) -> None:
    assert refused(create(key, **more)) == (status, code)


def test_the_same_request_under_one_key_is_one_campaign(aws: AWS) -> None:
    first = create("order-1", topic="a")
    before = {name: value for name, value in aws.contents().items() if name != "ExpandQueue"}
    again = create("order-1", topic="a")
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json
    assert before == {name: value for name, value in aws.contents().items() if name != "ExpandQueue"}


def test_another_request_under_the_key_is_a_conflict() -> None:
    first = create("order-1")
    assert refused(create("order-1", subject="Another")) == (409, "idempotency_key_reused")
    assert listed().json["campaigns"][0]["id"] == first.json["id"]


def test_another_key_is_another_campaign_and_no_key_is_one_each_time() -> None:
    assert len({create(key).json["id"] for key in ("order-1", "order-2", "", "")}) == 4


def test_another_workspace_has_keys_of_its_own() -> None:
    assert create("order-1").json["id"] != create("order-1", examples.OTHER_NATIVE).json["id"]


@pytest.mark.usefixtures("nothing_stored")
def test_a_key_has_at_most_255_characters() -> None:
    assert refused(create("x" * 256)) == (400, "invalid")


def test_a_bell_that_did_not_ring_is_rung_by_who_asks_again_with_the_key(aws: AWS) -> None:
    aws.lose("ExpandQueue")
    assert create("order-1").status == 503
    queue = aws.sqs.create_queue(QueueName="ExpandQueue")["QueueUrl"]
    assert create("order-1").json["state"] == "accepted"
    assert len(aws.sqs.receive_message(QueueUrl=queue)["Messages"]) == 1
    assert len(listed().json["campaigns"]) == 2


def test_a_bell_that_did_not_ring_cancels_what_has_no_key(aws: AWS) -> None:
    aws.lose("ExpandQueue")
    assert create().status == 503
    assert [one["state"] for one in listed().json["campaigns"]] == ["cancelled", "accepted"]


def test_a_scheduled_campaign_waits_for_its_time(aws: AWS) -> None:
    at = later(days=2)
    made = create(send_at=at).json
    assert (made["state"], datetime.fromisoformat(made["send_at"])) == ("scheduled", datetime.fromisoformat(at))
    assert aws.messages("ExpandQueue") == []
    run(made["id"])
    assert stored(made["id"]).state is State.SCHEDULED


def test_a_scheduled_campaign_goes_out_when_it_is_time(aws: AWS) -> None:
    made = create(send_at=later(days=2)).json["id"]
    aws.dynamodb.update_item(
        TableName="CampaignsTable",
        Key={"pk": {"S": f"{int(made):016d}"}, "sk": {"S": "campaign"}},
        UpdateExpression="SET not_before = :passed",
        ExpressionAttributeValues={":passed": {"N": "1"}},
    )
    run(made)
    found = stored(made)
    assert (found.state, found.audience) == (State.SENDING, 1)


def test_a_repeated_request_is_answered_though_its_time_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    at = later(days=2)
    made = create("order-1", send_at=at).json
    now = clock.now() + 3 * 86_400_000
    monkeypatch.setattr(clock, "now", lambda: now)
    assert create("order-1", send_at=at).json["id"] == made["id"]
    assert refused(create("order-2", send_at=at)) == (422, "unprocessable")


def test_a_workspace_with_too_many_campaigns_that_have_not_ended_gets_no_other(
    aws: AWS, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optout.campaigns.create.MOST", 1)
    before = aws.contents()
    for answer in (create(), create(send_at=later(days=1)), ask("trial", examples.CAMPAIGN)):
        assert refused(answer) == (422, "too_many_campaigns")
        assert answer.json["error"]["message"].startswith("The workspace has 1 campaigns that have not ended.")
    assert (aws.contents(), aws.messages("ExpandQueue")) == (before, [])
