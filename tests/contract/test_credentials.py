"""Who is not known, or known to another dialect, or known but not allowed, learns that and nothing else."""

from collections.abc import Mapping

import pytest

from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import call, dialect_of, load, one_per_dialect, spread
from tests.support.handlers.refusals import GUARDED, LETTERBUCKET_400, UNAUTHENTICATED

AS_BEARER = {"authorization": "Bearer example-repzo-key-of-acme"}

pytestmark = pytest.mark.usefixtures("nothing_stored")


def assert_unauthenticated(function: str, credentials: Mapping[str, str]) -> None:
    answer = call(function, credentials=credentials)
    assert (answer.status, answer.json) == UNAUTHENTICATED[dialect_of(function)]


@pytest.mark.parametrize("function", GUARDED)
def test_no_credentials_are_refused(function: str) -> None:
    assert_unauthenticated(function, {})


@pytest.mark.parametrize("function", one_per_dialect(GUARDED))
def test_no_headers_at_all_are_refused(function: str) -> None:
    event = load(function)
    event["headers"] = {}
    answer = call(function, event)
    assert (answer.status, answer.json) == UNAUTHENTICATED[dialect_of(function)]


@pytest.mark.parametrize(
    ("function", "other"),
    [
        pair
        for dialect in examples.CREDENTIALS
        for pair in spread(
            [function for function in GUARDED if dialect_of(function) == dialect],
            [other for other in examples.CREDENTIALS if other != dialect],
        )
    ],
)
def test_the_key_of_another_dialect_is_refused(function: str, other: str) -> None:
    dialect = dialect_of(function)
    key = next(iter(examples.CREDENTIALS[other].values())).removeprefix("Bearer ")
    own_way = {name: value.replace(value.removeprefix("Bearer "), key) for name, value in _first(dialect).items()}
    assert_unauthenticated(function, {**examples.CREDENTIALS[dialect], **own_way})


def _first(dialect: str) -> dict[str, str]:
    return dict(list(examples.CREDENTIALS[dialect].items())[:1])


@pytest.mark.parametrize("function", one_per_dialect(GUARDED))
@pytest.mark.parametrize(
    "value", ["", " ", "Bearer", "Bearer ", "Basic YTpi", "x" * 10_000, "Bearer \udfff", "Bearer é"]
)
def test_broken_authorization_is_refused(function: str, value: str) -> None:
    assert_unauthenticated(function, {"authorization": value})


@pytest.mark.parametrize(
    "dialect", [name for name, headers in examples.CREDENTIALS.items() if "authorization" in headers]
)
@pytest.mark.parametrize("scheme", ["Basic", "Token", "Digest"])
def test_a_known_key_under_another_scheme_is_refused(dialect: str, scheme: str) -> None:
    function = next(function for function in GUARDED if dialect_of(function) == dialect)
    headers = examples.CREDENTIALS[dialect]
    key = headers["authorization"].removeprefix("Bearer ")
    assert_unauthenticated(function, {**headers, "authorization": f"{scheme} {key}"})


def test_rocketchat_wants_the_user_that_the_token_belongs_to() -> None:
    for wrong in ({"x-user-id": "aB3dE5gH7jK9mN2pQ"}, {"x-user-id": ""}, {"x-auth-token": "wrong"}):
        assert_unauthenticated("rocketchat.send", {**examples.ROCKETCHAT, **wrong})


def test_credentials_are_checked_before_the_body() -> None:
    for function in ("rocketchat.send", "repzo.create", "letterbucket.create", "mirasvit.create"):
        answer = call(function, raw="{", credentials={})
        assert answer.status == 401


def test_repzo_takes_its_key_as_a_bearer_token_too() -> None:
    for credentials in (AS_BEARER, {"authorization": "bearer  example-repzo-key-of-acme "}):
        assert call("repzo.check", credentials=credentials).status == 200


def test_letterbucket_tells_a_plan_without_the_api_from_one_without_the_module() -> None:
    for credentials, code in (
        (examples.NOT_FOR_API, "api_access_disabled"),
        (examples.NOT_FOR_MODULE, "api_module_access_disabled"),
    ):
        answer = call("letterbucket.create", credentials=credentials)
        assert answer.status == 403
        assert answer.json.keys() == {"success", "code", "message"}
        assert answer.json["code"] == code


def test_letterbucket_checks_the_plan_before_the_body() -> None:
    assert call("letterbucket.create", raw="{", credentials=examples.NOT_FOR_API).status == 403
    answer = call("letterbucket.create", raw="{")
    assert (answer.status, answer.json) == LETTERBUCKET_400


def test_rocketchat_needs_the_permission_to_send() -> None:
    answer = call("rocketchat.send", credentials=examples.MAY_NOT_SEND)
    text = "User does not have the permissions required for this action [error-unauthorized]"
    assert (answer.status, answer.json) == (403, {"success": False, "error": text})


def test_rocketchat_needs_a_login_only_to_unsubscribe_somebody() -> None:
    nobody = {"_id": "", "createdAt": ""}
    assert call("rocketchat.unsubscribe", json_body=nobody, credentials=examples.MAY_NOT_SEND).status == 200


def test_a_revoked_key_is_refused(aws: AWS) -> None:
    for item in aws.items("CredentialsTable"):
        if item.get("dialect") == {"S": "repzo"}:
            aws.dynamodb.put_item(TableName="CredentialsTable", Item={**item, "revoked": {"N": "1"}})
    assert_unauthenticated("repzo.check", examples.REPZO)
    aws.reset()
