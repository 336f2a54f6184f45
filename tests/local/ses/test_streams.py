"""Events for Firehose: buffered, many in one file, none lost and none added."""

from collections import Counter
from typing import Any

import pytest

from tests.local.ses.requests import entry
from tests.local.ses.stand_in import StandIn
from tests.local.ses.stub_engine import ALL_EVENTS, TOPIC, StubEngine

CROWD = 700


@pytest.fixture
def streamed(engine: StubEngine) -> str:
    """A configuration set that sends Send and Delivery events to a stream and all others to a topic."""
    engine.add_set("streamed", [kind for kind in ALL_EVENTS if kind not in ("SEND", "DELIVERY")])
    engine.add_stream("streamed", ["SEND", "DELIVERY"])
    return "streamed"


def crowd(ses: StandIn, name: str) -> list[str]:
    """Send to many recipients at once; returns the message ids."""
    everybody = [entry(f"r{number}@example.org") for number in range(CROWD)]
    sent = [ses.bulk(*everybody[at : at + 50], ConfigurationSetName=name) for at in range(0, CROWD, 50)]
    return [result["MessageId"] for results in sent for result in results]


def filed(ses: StandIn, engine: StubEngine) -> list[Any]:
    ses.wait_until_published()
    return [event for _, file in engine.files for event in file]


def test_each_kind_goes_where_it_is_subscribed(ses: StandIn, engine: StubEngine, streamed: str) -> None:
    message_id = ses.send("bounce@simulator.amazonses.com", ConfigurationSetName=streamed)
    assert [event["eventType"] for event in filed(ses, engine)] == ["Send"]
    assert [(topic, event["eventType"]) for topic, event, _ in engine.published] == [(TOPIC, "Bounce")]
    assert [(stream, file[0]["mail"]["messageId"]) for stream, file in engine.files] == [("sent", message_id)]


def test_many_events_share_a_file_and_each_is_in_one(ses: StandIn, engine: StubEngine, streamed: str) -> None:
    sent = crowd(ses, streamed)
    found = Counter((event["mail"]["messageId"], event["eventType"]) for event in filed(ses, engine))
    assert found == Counter((message_id, kind) for message_id in sent for kind in ("Send", "Delivery"))
    assert len(engine.files) < CROWD / 10
    assert max(len(file) for _, file in engine.files) <= 500


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"fault": "drop", "kinds": ["Send"], "on": [1]}, ["Delivery"]),
        ({"fault": "duplicate", "kinds": ["Send"], "on": [1], "copies": 2}, ["Delivery", "Send", "Send", "Send"]),
        ({"fault": "reorder", "on": [1, 2], "seconds": 0.5}, ["Delivery", "Send"]),
    ],
)
def test_planned_faults_of_events_strike_here_too(
    rule: Any, expected: list[str], ses: StandIn, engine: StubEngine, streamed: str
) -> None:
    ses.faults(events=[rule])
    ses.send(ConfigurationSetName=streamed)
    assert sorted(event["eventType"] for event in filed(ses, engine)) == expected


def test_a_file_that_is_refused_is_put_later(ses: StandIn, engine: StubEngine, streamed: str) -> None:
    engine.refuse_next = 2
    ses.send(ConfigurationSetName=streamed)
    assert sorted(event["eventType"] for event in filed(ses, engine)) == ["Delivery", "Send"]
    assert ses.get("/_local/events")["failed"] == 0
