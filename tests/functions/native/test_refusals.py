"""How our own API says no: one shape, a status and a code for every fact, and what is to be put right."""

import json

import pytest

from native import dialect
from optout import errors
from optout.errors import OptoutError
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import call, load
from tests.support.handlers.error_samples import PROBLEMS, SAMPLES
from tests.support.handlers.refusals import UNREADABLE_BODIES

STATUSES: dict[type[OptoutError], tuple[int, str]] = {
    errors.Unauthenticated: (401, "unauthenticated"),
    errors.Forbidden: (403, "forbidden"),
    errors.TooLarge: (413, "too_large"),
    errors.Malformed: (400, "malformed"),
    errors.Unprocessable: (422, "unprocessable"),
    errors.Invalid: (400, "invalid"),
    errors.TooBroad: (400, "too_broad"),
    errors.TooManyCampaigns: (422, "too_many_campaigns"),
    errors.BadAddress: (400, "bad_address"),
    errors.BadSender: (403, "bad_sender"),
    errors.MissingUnsubscribeLink: (400, "missing_unsubscribe_link"),
    errors.BadToken: (400, "bad_token"),
    errors.NoSuchRoute: (404, "no_such_route"),
    errors.NotFound: (404, "not_found"),
    errors.ConflictingState: (409, "conflict"),
    errors.AlreadySubscribed: (409, "already_subscribed"),
    errors.WrongState: (409, "wrong_state"),
    errors.KeyReused: (409, "idempotency_key_reused"),
    errors.NotUploaded: (409, "not_uploaded"),
    errors.NotChecked: (409, "not_checked"),
    errors.FileChanged: (409, "changed"),
    errors.AlreadyStarted: (409, "started"),
    errors.Protected: (403, "protected"),
    errors.Throttled: (429, "throttled"),
    errors.Unavailable: (503, "unavailable"),
}
ENDPOINTS = [
    "native.suppressions.check",
    "native.suppressions.history",
    "native.suppressions.explain",
    "native.suppressions.explain_by_path",
    "native.subscribers.confirmations",
]

pytestmark = pytest.mark.usefixtures("nothing_stored")


@pytest.mark.parametrize("error", [*SAMPLES, *PROBLEMS], ids=lambda error: f"{type(error).__name__}{error.args}")
def test_every_fact_has_one_shape_its_status_and_its_code(error: OptoutError) -> None:
    refusal = dialect.refuse(error)
    listed = (STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    assert refusal.body.keys() == {"error"}
    said = refusal.body["error"]
    assert {"code", "message"} <= said.keys() <= {"code", "message", "details"}
    assert (refusal.status, said["code"]) == next(listed, (500, "internal_error"))
    assert all(detail.keys() == {"field", "problem"} for detail in said.get("details", ()))
    assert json.loads(json.dumps(refusal.body)) == refusal.body


@pytest.mark.parametrize("error", [errors.Throttled(42), errors.Unavailable(42)], ids=["throttled", "unavailable"])
def test_who_is_to_come_back_is_told_when(error: OptoutError) -> None:
    assert dialect.refuse(error).headers == {"Retry-After": "42"}


@pytest.mark.parametrize("body", UNREADABLE_BODIES.values(), ids=UNREADABLE_BODIES)
def test_a_body_that_cannot_be_read_is_refused(body: str | bytes) -> None:
    answer = call("native.suppressions.check", raw=body)
    assert (answer.status, answer.json["error"]["code"]) == (400, "malformed")


@pytest.mark.parametrize("body", ["null", "true", "7", '"text"', "[]", '[{"addresses": []}]', ""])
def test_a_root_that_is_no_object_is_refused(body: str) -> None:
    answer = call("native.suppressions.check", raw=body)
    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid")


def test_two_megabytes_are_too_large() -> None:
    answer = call("native.suppressions.check", raw=json.dumps({"addresses": [], "x": "x" * 2_000_000}))
    assert (answer.status, answer.json["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "TRACE"])
@pytest.mark.parametrize("path", ["/optout/v1", "/optout/v1/", "/optout/v1/check", "/optout/v1/no/such"])
def test_a_wrong_path_or_method_is_refused_in_the_same_voice(method: str, path: str) -> None:
    event = load("gateway.not_found")
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["http"]["method"] = method
    answer = call("gateway.not_found", event)
    assert (answer.status, answer.json["error"]["code"]) == (404, "no_such_route")


@pytest.mark.parametrize("function", ENDPOINTS)
@pytest.mark.parametrize("key", [True, False])
def test_every_answer_is_json(function: str, key: bool) -> None:
    answer = call(function, **({} if key else {"credentials": {}}))
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("function", ["native.suppressions.history", "native.suppressions.explain"])
def test_a_bug_is_a_500_without_a_detail(function: str, aws: AWS, caplog: pytest.LogCaptureFixture) -> None:
    before = aws.contents()
    for item in aws.items("SuppressionsTable"):
        if "email" in item:
            broken = {"email": {"L": [{"S": "about-ada"}]}}
            aws.dynamodb.put_item(TableName="SuppressionsTable", Item=item | broken)
    answer = call(function)
    assert (answer.status, answer.json) == (500, dialect.refuse(errors.InternalError()).body)
    assert "about-ada" not in str([vars(record) for record in caplog.records])
    aws.reset()
    assert aws.contents() == before
