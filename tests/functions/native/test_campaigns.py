"""Campaigns by our own API: listed, told of, steered, tried out; and who may do that."""

from dataclasses import replace
from typing import Any

import pytest

from optout import clock
from optout.campaigns import transitions
from optout.campaigns.campaign import Parking, ParkReason, State
from optout.campaigns.ledger import Chunk, Cursor, DeliveryStatus, Outcome, Recipient
from optout.runtime.fields import iso
from optout.wiring.campaigns import campaigns as wired_campaigns
from tests.functions.native.campaigns import ask, create, later, listed, refused, stored
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import call, load
from tests.support.handlers.refusals import UNAVAILABLE

ABOUT_ONE = ["get", "pause", "resume", "cancel", "trial", "deliveries"]
EVERY = ["create", "preview", "list", *ABOUT_ONE]


def test_campaigns_are_listed_newest_first_page_by_page() -> None:
    made = [create(subject=str(at)).json["id"] for at in range(4)]
    newest = [*reversed(made), str(examples.CAMPAIGN)]
    first = listed("limit=3").json
    assert ([one["id"] for one in first["campaigns"]], first["after"]) == (newest[:3], newest[2])
    second = listed(f"limit=3&after={first['after']}").json
    assert ([one["id"] for one in second["campaigns"]], second["after"]) == (newest[3:], None)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "after=x", "after=-1", f"after={2**53 + 1}"])
@pytest.mark.usefixtures("nothing_stored")
def test_a_page_that_cannot_be_is_refused(query: str) -> None:
    assert refused(listed(query)) == (400, "invalid")


def test_other_workspaces_campaigns_are_not_listed() -> None:
    answer = call("native.campaigns.list", credentials=examples.OTHER_NATIVE)
    assert answer.json == {"campaigns": [], "after": None}


def send_some() -> int:
    """A campaign with everything in its ledger: sent, skipped, failed, unknown, and one who is not done yet."""
    campaigns = wired_campaigns()
    people = tuple(Recipient(at, f"p{at}@reader.example", "") for at in range(5))
    chunk = Chunk(0, people, Cursor(1, "weekly", 5), 4)
    campaigns.put_chunk(examples.CAMPAIGN, chunk)
    campaigns.advance(examples.CAMPAIGN, Cursor(), chunk)
    statuses = [
        (DeliveryStatus.SENT, "id-0"),
        (DeliveryStatus.SKIPPED, "one_click"),
        (DeliveryStatus.FAILED, "not_ascii"),
        (DeliveryStatus.UNKNOWN, ""),
    ]
    block = chunk.blocks()[0]
    campaigns.claim(examples.CAMPAIGN, block)
    campaigns.settle(examples.CAMPAIGN, block, {at: Outcome(*status) for at, status in enumerate(statuses)})
    campaigns.record_feedback(examples.CAMPAIGN, "0-0-0", "0", "complained")
    return examples.CAMPAIGN


def test_the_counters_add_up() -> None:
    counters = ask("get", send_some()).json["counters"]
    assert counters == {
        "audience": 5,
        **dict.fromkeys(("sent", "skipped", "failed", "unknown", "pending", "complained"), 1),
        **dict.fromkeys(("bounced", "rejected"), 0),
        "skipped_by_reason": {"one_click": 1},
    }


def test_a_campaign_at_work_has_a_pace_and_a_forecast() -> None:
    outlook = ask("get", send_some()).json["outlook"]
    assert (outlook["rate_per_second"], outlook["quota_left"]) == (48.5, 48_400)
    assert outlook["ends_at"] >= iso(clock.now() - 5_000)


def test_what_has_ended_has_no_outlook() -> None:
    ask("cancel", examples.CAMPAIGN)
    outlook = ask("get", examples.CAMPAIGN).json["outlook"]
    assert outlook == {"rate_per_second": None, "quota_left": None, "ends_at": None}


def test_why_a_campaign_is_parked_is_told() -> None:
    until = clock.now() + 3_600_000
    transitions.park(wired_campaigns(), examples.CAMPAIGN, Parking(ParkReason.QUOTA, "LimitExceeded", until))
    answer = ask("get", examples.CAMPAIGN).json
    assert answer["state"] == "parked"
    assert answer["reason"] == {"code": "quota", "cause": "LimitExceeded", "until": iso(until)}


def test_every_recipient_is_told_of_with_a_reason() -> None:
    page = ask("deliveries", send_some()).json
    rows = [(row["status"], row["message_id"], row["reason"]) for row in page["deliveries"]]
    assert rows == [
        ("sent", "id-0", None),
        ("skipped", None, "one_click"),
        ("failed", None, "not_ascii"),
        ("unknown", None, None),
        ("pending", None, None),
    ]
    assert [row["email"] for row in page["deliveries"]] == [f"p{at}@reader.example" for at in range(5)]
    assert (page["deliveries"][0]["subscriber_id"], page["deliveries"][1]["subscriber_id"]) == (None, "1")
    assert (page["after"], page["final"]) == (None, False)


def test_deliveries_are_read_page_by_page_and_nobody_is_left_out() -> None:
    campaigns, cursor, sizes = wired_campaigns(), Cursor(), [250, 0, 250, 250, 3]
    for index, size in enumerate(sizes):
        people = tuple(Recipient(0, f"p{index}-{at}@reader.example", "") for at in range(size))
        chunk = Chunk(index, people, Cursor(index + 1, "weekly", index + 1) if index < 4 else None)
        campaigns.put_chunk(examples.CAMPAIGN, chunk)
        assert campaigns.advance(examples.CAMPAIGN, cursor, chunk)
        cursor = chunk.next or cursor
    accepted: list[str] = []
    after: int | None = -1
    while after is not None:
        event = load("native.campaigns.deliveries")
        event["rawQueryString"], event["queryStringParameters"] = f"after={after}", {"after": str(after)}
        page = call("native.campaigns.deliveries", event).json
        assert len(page["deliveries"]) <= 750
        accepted += [row["email"] for row in page["deliveries"]]
        after = page["after"]
    assert accepted == [f"p{index}-{at}@reader.example" for index, size in enumerate(sizes) for at in range(size)]


def test_a_campaign_is_paused_and_goes_on(aws: AWS) -> None:
    assert ask("pause", examples.CAMPAIGN).json["state"] == "paused"
    assert ask("pause", examples.CAMPAIGN).json["state"] == "paused"
    assert aws.messages("ExpandQueue") == []
    assert ask("resume", examples.CAMPAIGN).json["state"] == "accepted"
    assert aws.messages("ExpandQueue") == [{"campaign": examples.CAMPAIGN, "first_chunk": 0}]
    assert ask("resume", examples.CAMPAIGN).json["state"] == "accepted"


def test_a_resumed_campaign_is_rung_for_where_chunks_are_open(aws: AWS) -> None:
    ask("pause", send_some())
    assert ask("resume", examples.CAMPAIGN).json["state"] == "expanding"
    assert aws.messages("DeliverQueue") == [{"campaign": examples.CAMPAIGN, "chunk": 0}]


def test_a_scheduled_campaign_is_paused_and_waits_for_its_time_again(aws: AWS) -> None:
    made = create(send_at=later(days=2)).json["id"]
    assert ask("pause", made).json["state"] == "paused"
    assert ask("resume", made).json["state"] == "scheduled"
    assert aws.messages("ExpandQueue") == []
    assert ask("cancel", made).json["state"] == "cancelled"


def test_a_cancelled_campaign_stays_so() -> None:
    assert ask("cancel", examples.CAMPAIGN).json["state"] == "cancelled"
    assert ask("cancel", examples.CAMPAIGN).status == 200
    for what in ("pause", "resume"):
        assert refused(ask(what, examples.CAMPAIGN)) == (409, "wrong_state")


@pytest.mark.parametrize("what", ["pause", "resume", "cancel"])
def test_a_finished_campaign_is_left_alone(what: str, aws: AWS) -> None:
    campaigns = wired_campaigns()
    campaigns.move(stored(examples.CAMPAIGN), State.SENDING)
    assert campaigns.finish(examples.CAMPAIGN)
    before = aws.contents()
    assert refused(ask(what, examples.CAMPAIGN)) == (409, "wrong_state")
    assert aws.contents() == before


@pytest.mark.parametrize(("to", "kind"), [("news@example.com", "transactional"), ("ada@reader.example", "marketing")])
def test_a_test_is_a_campaign_of_its_own_to_one_address(to: str, kind: str, aws: AWS) -> None:
    answer = ask("trial", examples.CAMPAIGN, json_body={"to": to})
    assert answer.status == 201
    assert (answer.json["test_to"], answer.json["message_class"]) == (to, kind)
    assert aws.messages("ExpandQueue") == [{"campaign": int(answer.json["id"]), "first_chunk": 0}]
    campaigns = wired_campaigns()
    assert campaigns.content(int(answer.json["id"])) == campaigns.content(examples.CAMPAIGN)
    assert stored(examples.CAMPAIGN).state is State.ACCEPTED


@pytest.mark.parametrize(
    "body", [{}, {"to": "nobody"}, {"to": 7}, {"to": ["a@b.example"]}, {"to": "jos\u00e9@b.example"}]
)
@pytest.mark.usefixtures("nothing_stored")
def test_a_test_needs_an_address(body: Any) -> None:
    assert refused(ask("trial", examples.CAMPAIGN, json_body=body)) == (400, "invalid")


def test_a_test_is_from_an_address_that_the_key_may_use() -> None:
    campaign = replace(stored(examples.CAMPAIGN), number=7, sender="Boss <boss@example.com>")
    wired_campaigns().create(campaign, wired_campaigns().content(examples.CAMPAIGN))
    assert refused(ask("trial", 7)) == (403, "bad_sender")


def test_a_key_may_send_ten_tests_a_minute() -> None:
    key = {"authorization": "Bearer example-native-key-with-limits"}
    examples.add_credential("native", key, limits={})
    tests = [
        ask("trial", examples.CAMPAIGN, json_body={"to": "ada@reader.example"}, credentials=key) for _ in range(11)
    ]
    assert [answer.status for answer in tests] == [201] * 10 + [429]
    assert 0 < int(tests[-1].headers["retry-after"]) <= 60
    assert ask("get", examples.CAMPAIGN, credentials=key).status == 200


@pytest.mark.parametrize("what", EVERY)
@pytest.mark.usefixtures("nothing_stored")
def test_a_key_without_the_permission_is_refused(what: str) -> None:
    assert refused(call(f"native.campaigns.{what}", credentials=examples.MAY_OVERRIDE)) == (403, "forbidden")


@pytest.mark.parametrize("what", ABOUT_ONE)
@pytest.mark.usefixtures("nothing_stored")
def test_the_campaign_of_another_workspace_is_not_found(what: str) -> None:
    assert refused(call(f"native.campaigns.{what}", credentials=examples.OTHER_NATIVE)) == (404, "not_found")


@pytest.mark.parametrize("what", ABOUT_ONE)
@pytest.mark.parametrize("number", ["1", "x", "-1", "9" * 17, "1.0", "²", "0x1", str(2**53)])
@pytest.mark.usefixtures("nothing_stored")
def test_an_id_that_nobody_has_is_not_found(what: str, number: str) -> None:
    assert refused(ask(what, number)) == (404, "not_found")


@pytest.mark.parametrize("what", EVERY)
@pytest.mark.parametrize("lost", ["CredentialsTable", "CampaignsTable"])
def test_a_store_that_does_not_answer_makes_it_unavailable(what: str, lost: str, aws: AWS) -> None:
    aws.lose(lost)
    answer = call(f"native.campaigns.{what}")
    assert (answer.status, answer.json) == (503, UNAVAILABLE["native"])


@pytest.mark.parametrize("name", ["state", "from", "topic", "created_at"])
def test_a_filter_that_the_list_of_campaigns_lacks_is_refused(name: str) -> None:
    answer = call("native.campaigns.list", load("native.campaigns.list") | {"rawQueryString": f"{name}=x"})
    problem = {"field": name, "problem": "This list cannot be filtered by this field."}
    assert (answer.status, answer.json["error"]["details"]) == (400, [problem])
