"""Fault injection: each fault has its effect, applies only where the plan says, and is counted."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.local.ses.requests import email, entry
from tests.local.ses.stand_in import StandIn
from tests.local.ses.stub_engine import StubEngine


def accepted(ses: StandIn, before: int) -> int:
    return len(ses.rows(before, "recipient"))


@pytest.mark.parametrize(
    ("fault", "code", "count"),
    [
        ({"fault": "throttle"}, "TooManyRequestsException", 0),
        ({"fault": "error_before"}, "InternalServiceErrorException", 0),
        ({"fault": "error_before", "status": 503}, "ServiceUnavailableException", 0),
        ({"fault": "error_after"}, "InternalServiceErrorException", 1),
        ({"fault": "error_after", "status": 503}, "ServiceUnavailableException", 1),
    ],
)
def test_an_error_comes_before_or_after_acceptance(ses: StandIn, fault: Any, code: str, count: int) -> None:
    ses.faults(calls=[fault | {"on": [1]}])
    before = ses.last_row()
    with pytest.raises(ClientError) as caught:
        ses.send()
    assert (caught.value.response["Error"]["Code"], accepted(ses, before)) == (code, count)
    assert ses.rows(before, "call")[0]["fault"] == fault["fault"]


@pytest.mark.parametrize(("fault", "count"), [("close_before", 0), ("close_after", 1)])
def test_the_connection_is_cut_before_or_after_acceptance(ses: StandIn, fault: str, count: int) -> None:
    ses.faults(calls=[{"fault": fault, "on": [1]}])
    before = ses.last_row()
    with pytest.raises(ConnectionClosedError):
        ses.send()
    assert accepted(ses, before) == count
    assert ses.send()


def test_a_hanging_call_has_been_accepted(ses: StandIn) -> None:
    ses.faults(calls=[{"fault": "hang_after", "on": [1], "seconds": 60}])
    before = ses.last_row()
    with pytest.raises(ReadTimeoutError):
        ses.new_client(read_timeout=0.3).send_email(**email())
    assert accepted(ses, before) == 1
    assert ses.rows(before, "call")[0]["fault"] == "hang_after"


def test_a_short_hang_still_answers(ses: StandIn) -> None:
    ses.faults(calls=[{"fault": "hang_after", "on": [1], "seconds": 0.01}])
    assert ses.send()


def test_a_client_that_retries_a_lost_answer_sends_twice(ses: StandIn) -> None:
    ses.faults(calls=[{"fault": "close_after", "on": [1]}])
    before = ses.last_row()
    ses.new_client(attempts=3).send_email(**email())
    assert accepted(ses, before) == 2


def test_a_fault_can_be_limited_to_one_operation(ses: StandIn) -> None:
    ses.faults(calls=[{"fault": "throttle", "probability": 1, "operations": ["SendBulkEmail"]}])
    assert ses.send()
    with pytest.raises(ClientError):
        ses.bulk(entry("a@example.org"))


def test_calls_other_than_sends_are_left_alone(ses: StandIn) -> None:
    ses.faults(calls=[{"fault": "close_before", "probability": 1}])
    assert ses.client.get_account()


def test_an_entry_fails_alone_and_is_not_accepted(ses: StandIn) -> None:
    ses.faults(entries=[{"on": [2]}])
    before = ses.last_row()
    results = ses.bulk(*(entry(f"r{number}@example.org") for number in range(3)))
    assert [result["Status"] for result in results] == ["SUCCESS", "TRANSIENT_FAILURE", "SUCCESS"]
    assert [row["recipient"] for row in ses.rows(before, "recipient")] == ["r0@example.org", "r2@example.org"]


def struck(ses: StandIn, seed: int) -> list[bool]:
    ses.faults(seed=seed, entries=[{"probability": 0.3}])
    results = ses.bulk(*(entry(f"r{number}@example.org") for number in range(50)))
    return [result["Status"] != "SUCCESS" for result in results]


def test_the_same_seed_gives_the_same_faults_and_another_seed_others(ses: StandIn) -> None:
    first = struck(ses, 1)
    assert 0 < sum(first) < 50
    assert struck(ses, 1) == first != struck(ses, 2)


def test_a_dropped_event_is_never_published_and_is_counted(ses: StandIn, engine: StubEngine) -> None:
    ses.faults(events=[{"fault": "drop", "probability": 1, "kinds": ["Send"]}])
    message_id = ses.send()
    ses.wait_until_published()
    assert engine.kinds(message_id) == ["Delivery"]
    assert ses.get("/_local/faults")["injected"] == {"events.drop": 1}


def test_a_duplicated_event_is_published_that_many_times_more(ses: StandIn, engine: StubEngine) -> None:
    ses.faults(events=[{"fault": "duplicate", "on": [1], "copies": 3}])
    message_id = ses.send()
    ses.wait_until_published()
    assert engine.kinds(message_id) == ["Delivery", "Send", "Send", "Send", "Send"]


def test_a_delayed_event_is_published_that_much_later(ses: StandIn, engine: StubEngine) -> None:
    ses.faults(events=[{"fault": "delay", "probability": 1, "kinds": ["Send"], "seconds": 0.5}])
    before = ses.last_row()
    ses.send()
    ses.wait_until_published()
    (row,), (arrival,) = ses.rows(before, "recipient"), engine.arrivals("Send")
    assert arrival - row["at"] >= 0.5


def test_reordered_events_all_arrive(ses: StandIn, engine: StubEngine) -> None:
    ses.faults(events=[{"fault": "reorder", "probability": 1, "seconds": 0.3}])
    ids = [result["MessageId"] for result in ses.bulk(*(entry(f"r{number}@example.org") for number in range(20)))]
    ses.wait_until_published()
    sent = [event["mail"]["messageId"] for event in engine.events() if event["eventType"] == "Send"]
    assert sent != ids
    assert sorted(sent) == sorted(ids)


def test_planned_outcomes_name_their_recipients(ses: StandIn, engine: StubEngine) -> None:
    ses.faults(outcomes=[{"outcome": "soft_bounce", "recipients": ["full@example.org"]}])
    full, fine = ses.send("full@example.org"), ses.send("fine@example.org")
    ses.wait_until_published()
    assert (engine.kinds(full), engine.kinds(fine)) == (["Bounce", "Send"], ["Delivery", "Send"])


def test_the_plan_and_its_counts_are_shown_and_cleared(ses: StandIn) -> None:
    ses.faults(seed=7, calls=[{"fault": "throttle", "on": [1]}])
    with pytest.raises(ClientError):
        ses.send()
    shown = ses.get("/_local/faults")
    assert (shown["plan"]["seed"], shown["seen"]["calls"], shown["injected"]) == (7, 1, {"calls.throttle": 1})
    assert ses.http("DELETE", "/_local/faults")[0] == 204
    assert ses.get("/_local/faults")["injected"] == {}


@pytest.mark.parametrize(
    "plan", [{"calls": [{"fault": "explode"}]}, {"entries": [{"probability": 2}]}, {"event": []}, {"seed": "x"}, []]
)
def test_a_plan_that_makes_no_sense_is_refused(ses: StandIn, plan: Any) -> None:
    assert ses.http("PUT", "/_local/faults", plan)[0] == 400
