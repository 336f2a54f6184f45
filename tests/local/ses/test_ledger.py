"""The ledger: the record that reliability tests count with."""

from pathlib import Path

from tests.local.ses.requests import email, entry
from tests.local.ses.stand_in import StandIn, start, stop
from tests.local.ses.stub_engine import StubEngine


def test_every_accepted_recipient_has_a_row(ses: StandIn) -> None:
    before = ses.last_row()
    results = ses.bulk(entry("a@example.org", tags={"nid": "n1"}), entry("b@example.org"))
    first, second = ses.rows(before, "recipient")
    assert [first["recipient"], second["recipient"]] == ["a@example.org", "b@example.org"]
    assert [first["message_id"], second["message_id"]] == [result["MessageId"] for result in results]
    assert (first["tags"], first["configuration_set"], first["outcome"]) == ({"nid": "n1"}, "mailer", "delivered")
    assert first["call"] == second["call"]
    assert first["monotonic"] <= second["monotonic"]


def test_every_call_has_a_row(ses: StandIn) -> None:
    before = ses.last_row()
    ses.bulk(entry("a@example.org"), entry("bad"))
    ses.client.get_account()
    bulk, account = ses.rows(before, "call")
    assert (bulk["operation"], bulk["outcome"], bulk["recipients"], bulk["accepted"]) == ("SendBulkEmail", "ok", 2, 1)
    assert bulk["request_bytes"] > 100
    assert (account["operation"], account["outcome"]) == ("GetAccount", "ok")
    assert account["call"] == bulk["call"] + 1


def test_equal_content_has_an_equal_digest_and_other_content_another(ses: StandIn) -> None:
    before = ses.last_row()
    ses.bulk(entry("a@example.org", name="Ada"), entry("b@example.org", name="Ada"), entry("c@example.org", name="Bob"))
    a, b, c = (row["sha256"] for row in ses.rows(before, "recipient"))
    assert a == b != c


def test_rows_are_numbered_without_gaps_and_read_in_pages(ses: StandIn) -> None:
    before = ses.last_row()
    for _ in range(3):
        ses.send()
    page = ses.get(f"/_local/ledger?after={before + 2}&limit=3")
    assert [row["seq"] for row in page] == [before + 3, before + 4, before + 5]


def test_the_ledger_survives_a_restart_and_goes_on(engine: StubEngine, tmp_path: Path) -> None:
    process, url = start(engine.url, "--state-dir", str(tmp_path))
    StandIn(url).send()
    stop(process)
    with (tmp_path / "ledger.jsonl").open("a") as file:
        file.write('{"seq":3,"torn')
    process, url = start(engine.url, "--state-dir", str(tmp_path))
    again = StandIn(url)
    again.send()
    stop_rows = again.rows(0)
    stop(process)
    assert [(row["seq"], row["kind"], row["call"]) for row in stop_rows] == [
        (1, "recipient", 1),
        (2, "call", 1),
        (3, "recipient", 2),
        (4, "call", 2),
    ]


def test_a_recipient_named_twice_counts_twice(ses: StandIn) -> None:
    before = ses.last_row()
    ses.client.send_email(**email() | {"Destination": {"ToAddresses": ["a@example.org"] * 2}})
    assert len(ses.rows(before, "recipient")) == 2
