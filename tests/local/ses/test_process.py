"""The stand-in's process: start and stop."""

import urllib.request

import pytest
from botocore.exceptions import ClientError

from tests.local.ses.stand_in import StandIn, start, stop
from tests.local.ses.stub_engine import StubEngine


def test_it_says_where_it_listens_and_stops_cleanly(engine: StubEngine) -> None:
    process, url = start(engine.url)
    with urllib.request.urlopen(f"{url}/_local/events") as answer:
        assert answer.status == 200
    assert stop(process) == 0


def test_a_call_that_hangs_does_not_hold_up_the_stop(engine: StubEngine) -> None:
    process, url = start(engine.url)
    ses = StandIn(url)
    ses.faults(calls=[{"fault": "hang_after", "on": [1], "seconds": 600}])
    with pytest.raises(Exception, match="Read timeout"):
        ses.new_client(read_timeout=0.2).send_email(**_email())
    assert stop(process) == 0


def test_without_an_engine_a_configuration_set_is_unavailable_and_nothing_is_sent() -> None:
    process, url = start("http://127.0.0.1:9")
    ses = StandIn(url)
    try:
        with pytest.raises(ClientError, match="ServiceUnavailable"):
            ses.send()
        assert ses.rows(0, "recipient") == []
        assert ses.send(ConfigurationSetName="")
    finally:
        stop(process)


def _email() -> dict[str, object]:
    return {
        "FromEmailAddress": "news@example.com",
        "Destination": {"ToAddresses": ["a@example.org"]},
        "Content": {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
    }
