"""Imports by our own API: where the file goes, what is asked in which order, what is told, what is refused."""

import base64
import json
from typing import Any

import pytest

from native.imports.schemas import _FILE_ERRORS, _ROW_ERRORS, PAGE
from optout.imports.job import LARGEST, Import, Rejected
from optout.imports.rejection import FileError, RowError
from optout.wiring.imports import files, imports
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import call, load
from tests.support.handlers.imports import CHECKED, FILE, UPLOADED, ask, upload
from tests.support.handlers.refusals import UNAVAILABLE

ABOUT_ONE = ["check", "start", "get", "rejected"]
CHECK_OF_CHECKED = {
    "rows": 5,
    "bytes_read": len(FILE),
    "new": 2,
    "present": 1,
    "rejected": 2,
    "rejected_by_reason": {"bad_email": 1, "formula": 1},
    "empty": 0,
    "rows_per_second": 10.0,
    "started_at": "2026-08-24T14:16:22.000Z",
    "updated_at": "2026-08-24T14:16:22.500Z",
    "finished_at": "2026-08-24T14:16:22.500Z",
    "left": 1,
}


def create(body: Any = None, credentials: dict[str, str] = examples.NATIVE) -> Any:
    return call("native.imports.create", json_body=body or {"newsletter": "weekly"}, credentials=credentials)


def refused(answer: Any) -> tuple[int, str]:
    return answer.status, answer.json["error"]["code"]


def test_a_new_import_has_an_id_and_a_form_for_its_file() -> None:
    answer = create()
    assert answer.status == 201
    assert answer.json.keys() == {"id", "newsletter", "state", "upload"}
    assert (answer.json["newsletter"], answer.json["state"]) == ("weekly", "waiting")
    assert answer.json["upload"].keys() == {"method", "url", "fields", "expires"}
    assert ask("get", answer.json["id"]).json["state"] == "waiting"


def test_the_form_takes_one_file_of_a_bounded_size_for_an_hour() -> None:
    answer = create().json
    fields = answer["upload"]["fields"]
    policy = json.loads(base64.b64decode(fields["policy"]))
    assert fields["key"] == f"uploads/{int(answer['id']):016d}.csv"
    assert ["content-length-range", 1, LARGEST] in policy["conditions"]
    assert {"key": fields["key"]} in policy["conditions"]
    assert answer["upload"]["url"].startswith("https://importsbucket.s3.")
    assert answer["upload"]["method"] == "POST"


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"newsletter": "unknown"}, 422, "unprocessable", "newsletter"),
        ({"newsletter": "monthly"}, 422, "unprocessable", "newsletter"),
        ({"newsletter": ""}, 400, "invalid", "newsletter"),
        ({"newsletter": None}, 400, "invalid", "newsletter"),
        ({"newsletter": 7}, 400, "invalid", "newsletter"),
        ({"newsletter": ["weekly"]}, 400, "invalid", "newsletter"),
        ({"newsletter": "weekly", "file": "x"}, 400, "invalid", "file"),
        ({"news": "weekly"}, 400, "invalid", "newsletter"),
    ],
)
@pytest.mark.usefixtures("nothing_stored")
def test_an_import_is_for_a_newsletter_that_there_is(body: Any, status: int, code: str, field: str) -> None:
    answer = create(body)
    assert refused(answer) == (status, code)
    assert field in [detail["field"] for detail in answer.json["error"]["details"]]


@pytest.mark.usefixtures("nothing_stored")
def test_the_newsletter_of_another_workspace_is_none(aws: AWS) -> None:
    aws.dynamodb.put_item(TableName="SubscribersTable", Item={"pk": {"S": "globex"}, "sk": {"S": "theirs"}})
    assert create({"newsletter": "theirs"}).status == 422
    aws.dynamodb.delete_item(TableName="SubscribersTable", Key={"pk": {"S": "globex"}, "sk": {"S": "theirs"}})


@pytest.mark.parametrize("what", ["create", *ABOUT_ONE])
@pytest.mark.usefixtures("nothing_stored")
def test_a_key_without_the_permission_is_refused(what: str) -> None:
    assert refused(call(f"native.imports.{what}", credentials=examples.MAY_OVERRIDE)) == (403, "forbidden")


@pytest.mark.parametrize("what", ABOUT_ONE)
@pytest.mark.usefixtures("nothing_stored")
def test_the_import_of_another_workspace_is_not_found(what: str) -> None:
    assert refused(call(f"native.imports.{what}", credentials=examples.OTHER_NATIVE)) == (404, "not_found")


@pytest.mark.parametrize("what", ABOUT_ONE)
@pytest.mark.parametrize("number", ["1", "x", "-1", "9" * 17, "1.0", "²", "8591119237120 31", "%00", "0x1", str(2**53)])
@pytest.mark.usefixtures("nothing_stored")
def test_an_id_that_nobody_has_is_not_found(what: str, number: str) -> None:
    assert refused(ask(what, number)) == (404, "not_found")


@pytest.mark.parametrize("what", ["create", *ABOUT_ONE])
@pytest.mark.parametrize("lost", ["CredentialsTable", "SubscribersTable"])
def test_a_store_that_does_not_answer_makes_it_unavailable(what: str, lost: str, aws: AWS) -> None:
    aws.lose(lost)
    answer = call(f"native.imports.{what}")
    assert (answer.status, answer.json) == (503, UNAVAILABLE["native"])
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("what", ["check", "start"])
def test_a_queue_that_does_not_answer_is_rung_when_somebody_asks_again(what: str, aws: AWS) -> None:
    aws.lose("ImportQueue")
    assert call(f"native.imports.{what}").status == 503
    queue = aws.sqs.create_queue(QueueName="ImportQueue")["QueueUrl"]
    assert call(f"native.imports.{what}").status == 202
    assert len(aws.sqs.receive_message(QueueUrl=queue)["Messages"]) == 1


def test_a_file_is_checked_by_a_job(aws: AWS) -> None:
    answer = ask("check", UPLOADED)
    assert answer.status == 202
    assert (answer.json["state"], answer.json["bytes_total"]) == ("checking", len(FILE))
    assert answer.json["check"]["finished_at"] is None
    assert aws.messages("ImportQueue") == [{"import": UPLOADED}]
    assert ask("check", UPLOADED).json == answer.json


def test_a_checked_file_is_added_by_a_job(aws: AWS) -> None:
    answer = ask("start", CHECKED)
    assert answer.status == 202
    assert (answer.json["state"], answer.json["check"]) == ("adding", CHECK_OF_CHECKED)
    assert answer.json["addition"]["rows"] == 0
    assert aws.messages("ImportQueue") == [{"import": CHECKED}]
    assert ask("start", CHECKED).json == answer.json


def test_a_check_tells_what_would_become_of_the_rows() -> None:
    answer = ask("get", CHECKED)
    assert answer.status == 200
    assert answer.json == {
        "id": str(CHECKED),
        "newsletter": "weekly",
        "state": "checked",
        "problem": None,
        "created_at": "2026-08-24T14:15:22.000Z",
        "bytes_total": len(FILE),
        "check": CHECK_OF_CHECKED,
        "addition": None,
    }


@pytest.mark.usefixtures("nothing_stored")
def test_what_cannot_be_done_yet_is_a_conflict(aws: AWS) -> None:
    assert refused(ask("start", UPLOADED)) == (409, "not_checked")
    (number,) = (int(create().json["id"]),)
    assert refused(ask("check", number)) == (409, "not_uploaded")
    aws.dynamodb.delete_item(
        TableName="SubscribersTable", Key={"pk": {"S": f"#import#{number:016d}"}, "sk": {"S": "import"}}
    )


def test_what_cannot_be_done_any_more_is_a_conflict(aws: AWS) -> None:
    upload(aws.s3, CHECKED, b"email\nsomebody@else.example")
    assert refused(ask("start", CHECKED)) == (409, "changed")
    upload(aws.s3, CHECKED, FILE)
    assert ask("start", CHECKED).status == 202
    assert refused(ask("check", CHECKED)) == (409, "started")


def test_rejected_rows_are_told_with_line_and_reason() -> None:
    answer = ask("rejected", CHECKED)
    assert answer.json["rejected"] == [
        {"line": 3, "reason": "bad_email", "message": "This is not an email address.", "text": "nobody,N"},
        {
            "line": 6,
            "reason": "formula",
            "message": "A spreadsheet would read this as a formula.",
            "text": "x@y.org,=1",
        },
    ]
    assert answer.json["after"] is None


def rejected_after(after: str) -> Any:
    event = load("native.imports.rejected")
    event["rawQueryString"], event["queryStringParameters"] = f"after={after}", {"after": after}
    return call("native.imports.rejected", event)


def test_rejected_rows_come_in_pages_also_across_batches() -> None:
    for batch in range(7):
        lines = range(100 + batch * 1000, 100 + batch * 1000 + 50)
        rows = [Rejected(line, RowError.NO_EMAIL, f"row {line}") for line in lines]
        files().reject(CHECKED, 1, 1000 * (batch + 1), rows)
    accepted: list[int] = []
    after: int | None = 0
    pages = 0
    while after is not None:
        page = rejected_after(str(after)).json
        assert len(page["rejected"]) <= PAGE
        accepted, after, pages = accepted + [row["line"] for row in page["rejected"]], page["after"], pages + 1
    expected = [3, 6] + [100 + batch * 1000 + row for batch in range(7) for row in range(50)]
    assert (accepted, pages) == (expected, 4)


def test_nothing_is_rejected_of_what_was_not_read() -> None:
    assert ask("rejected", UPLOADED).json == {"rejected": [], "after": None}


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "", "9" * 20])
def test_a_place_that_is_none_is_refused(after: str) -> None:
    assert refused(rejected_after(after)) == (400, "invalid")


def test_every_reason_can_be_told() -> None:
    assert _ROW_ERRORS.keys() == set(RowError)
    assert _FILE_ERRORS.keys() == set(FileError)


@pytest.mark.parametrize("error", FileError)
def test_a_file_that_cannot_be_read_says_why(error: FileError) -> None:
    job = imports().get(CHECKED)
    assert isinstance(job, Import)
    imports().save(job.finish(error))
    answer = ask("get", CHECKED)
    assert (answer.json["state"], answer.json["problem"]["code"]) == ("failed", error.value)
    assert answer.json["problem"]["message"]
