"""Every leaf of the error tree has a body of the dialect's own shape, and the status of its table."""

import json
import re

import pytest

import links.dialect
from optout import errors
from optout.errors import OptoutError
from tests.contract.descriptions import DIALECTS, Described
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import call
from tests.support.handlers.error_samples import PROBLEMS, SAMPLES, tree


def test_the_tree_is_what_its_docstring_draws() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    assert sorted(drawn) == sorted(kind.__name__ for kind in tree(OptoutError))


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> Described:
    described: Described = request.param
    return described


@pytest.mark.parametrize("error", [*SAMPLES, *PROBLEMS], ids=lambda error: f"{type(error).__name__}{error.args}")
def test_every_fact_has_the_dialect_s_shape_and_status(dialect: Described, error: OptoutError) -> None:
    refusal = dialect.module.refuse(error)
    assert dialect.body_is_valid(refusal.body), refusal.body
    assert json.loads(json.dumps(refusal.body)) == refusal.body
    if error in SAMPLES:
        listed = (dialect.statuses[kind] for kind in type(error).__mro__ if kind in dialect.statuses)
        assert refusal.status == next(listed, 500)
    else:
        assert refusal.status in (400, 422)


@pytest.mark.parametrize(
    "error", [errors.Throttled(42), errors.Unavailable(42)], ids=lambda error: type(error).__name__
)
def test_who_is_to_come_back_is_told_when(dialect: Described, error: OptoutError) -> None:
    refusal = dialect.module.refuse(error)
    assert refusal.headers.get("Retry-After") == "42"


@pytest.mark.parametrize("error", [*SAMPLES, *PROBLEMS], ids=lambda error: f"{type(error).__name__}{error.args}")
def test_a_link_answers_every_fact_with_a_page_or_nothing(error: OptoutError) -> None:
    refusal = links.dialect.refuse(error)
    assert refusal.content_type == "text/html; charset=utf-8"
    assert refusal.body.startswith("<!doctype html>")


def test_a_bug_gets_the_dialect_s_500_and_no_detail(
    dialect: Described, aws: AWS, caplog: pytest.LogCaptureFixture
) -> None:
    broken = {"email": {"L": [{"S": "about-ada"}]}}  # a row that no code of ours wrote
    for item in aws.items(dialect.table):
        if "email" in item:
            aws.dynamodb.put_item(TableName=dialect.table, Item=item | broken)
    answer = call(dialect.reader)
    assert (answer.status, answer.json) == (500, dialect.module.refuse(errors.InternalError()).body)
    assert [record.message for record in caplog.records] == ["unexpected error"]
    assert "about-ada" not in str(vars(caplog.records[0]))


def test_a_bug_before_the_route_gets_the_same_500(dialect: Described, aws: AWS) -> None:
    for item in aws.items("CredentialsTable"):
        if "dialect" in item:
            del item["workspace"]
            aws.dynamodb.put_item(TableName="CredentialsTable", Item=item)
    answer = call(dialect.reader)
    assert (answer.status, answer.json) == (500, dialect.module.refuse(errors.InternalError()).body)
