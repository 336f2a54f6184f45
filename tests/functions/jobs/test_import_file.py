"""The import job: what its queue brings about, and what it leaves to another try."""

import json
from typing import Any

import pytest

from optout.address import Address
from optout.imports import run as import_run
from optout.imports.job import State
from optout.wiring.imports import imports
from optout.wiring.subscribers import subscribers as wired_subscribers
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Context, invoke, load
from tests.support.handlers.imports import CHECKED, FINE, TALLY, UPLOADED, ask, run, upload

NEW = [f"p{at}@reader.example,P {at}" for at in range(250)]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_run, "_LONGEST_PAUSE", 0.0)


def emails() -> list[str]:
    subscribers = wired_subscribers()
    return [one.address.original for one in subscribers.walk(examples.WORKSPACE, examples.NEWSLETTER)]


def failure(event: dict[str, Any]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in event["Records"]]}


def test_a_check_tells_and_adds_nobody() -> None:
    before = emails()
    ask("check", UPLOADED)
    assert run(UPLOADED) == FINE
    job = imports().get(UPLOADED)
    assert job
    assert job.check
    assert (job.state, job.check.tally) == (State.CHECKED, TALLY)
    assert emails() == before


def test_an_addition_adds_who_is_not_there_and_lifts_nothing(aws: AWS) -> None:
    before = [aws.items("SuppressionsTable"), aws.items("CampaignsTable")]
    ask("start", CHECKED)
    assert run(CHECKED) == FINE
    answer = ask("get", CHECKED).json
    assert answer["state"] == "finished"
    assert {name: answer["addition"][name] for name in ("rows", "new", "present", "rejected")} == {
        "rows": 5,
        "new": 2,
        "present": 1,
        "rejected": 2,
    }
    assert sorted(emails()) == ["ada@reader.example", "left@reader.example", "new@reader.example"]
    ada = wired_subscribers().get(examples.WORKSPACE, examples.NEWSLETTER, examples.SUBSCRIBER)
    assert ada
    assert ada.name == "Ada Lovelace"
    assert [aws.items("SuppressionsTable"), aws.items("CampaignsTable")] == before
    state = suppressions().state(examples.WORKSPACE, Address.parse("left@reader.example"))
    assert len(state.in_force) == 1


def test_a_repeated_doorbell_adds_nothing(aws: AWS) -> None:
    ask("start", CHECKED)
    run(CHECKED)
    stored = aws.contents()
    assert run(CHECKED) == FINE
    assert aws.contents() == stored


def test_when_time_runs_out_another_run_goes_on(aws: AWS) -> None:
    ask("start", CHECKED)
    assert run(CHECKED, Context(milliseconds_left=14_000)) == FINE
    assert aws.messages("ImportQueue") == [{"import": CHECKED}] * 2
    assert len(emails()) == 1


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("number", [7, UPLOADED, CHECKED])
def test_an_import_that_nobody_asked_for_is_nothing_to_do(number: int) -> None:
    assert run(number) == FINE


@pytest.mark.parametrize("body", ["not json", "{}", "[]", '{"import": "x"}', '{"import": null}'])
@pytest.mark.usefixtures("nothing_stored")
def test_a_message_that_nobody_rang_goes_to_the_dead_letters(body: str) -> None:
    event = load("jobs.import_file")
    event["Records"][0]["body"] = body
    assert invoke("jobs.import_file", event) == failure(event)


@pytest.mark.parametrize("lost", ["SubscribersTable", "SuppressionsTable", "ImportsBucket", "AddressPepper"])
def test_a_job_whose_store_does_not_answer_is_tried_again(lost: str, aws: AWS) -> None:
    ask("check", UPLOADED)
    aws.lose(lost)
    event = load("jobs.import_file")
    assert invoke("jobs.import_file", event) == failure(event)


def test_a_wrong_header_fails_the_import_and_adds_nobody(aws: AWS) -> None:
    upload(aws.s3, UPLOADED, b"contact;name\na@reader.example;A\n")
    ask("check", UPLOADED)
    assert run(UPLOADED) == FINE
    assert ask("get", UPLOADED).json["problem"]["code"] == "no_email_column"
    assert len(emails()) == 1


def test_no_address_and_no_name_of_a_file_is_logged(aws: AWS, capsys: pytest.CaptureFixture[str]) -> None:
    upload(aws.s3, UPLOADED, "\n".join(["email,name", *NEW, "broken@@reader.example,Secret"]).encode())
    for what in ("check", "start"):
        ask(what, UPLOADED)
        run(UPLOADED)
    assert len(emails()) == 251
    logged = capsys.readouterr()
    assert json.loads(logged.out.splitlines()[0])
    assert not any(word in logged.out + logged.err for word in ("reader.example", "P 1", "Secret", "@"))


def test_what_was_added_and_rejected_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    ask("start", CHECKED)
    run(CHECKED)
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "CloudWatchMetrics" in line]
    metrics = {name: value for one in found for name, value in one.items() if isinstance(value, list)}
    assert metrics == {"SubscriberImported": [2.0], "RowRejected": [2.0], "ImportFinished": [1.0]}
