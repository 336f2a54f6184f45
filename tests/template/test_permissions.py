"""Each function has one narrow role."""

import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from optout.access.limit import Limits
from optout.web.endpoint import App
from tests.support.template import as_list, functions, module_of
from tests.template.conftest import Transformed

WRITES = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}
MAY_SUPPRESS = {
    "RepzoCreate",
    "RepzoDelete",
    "RepzoRemove",
    "LetterbucketUnsubscribe",
    "LetterbucketUpdate",
    "MirasvitCreate",
    "MirasvitDelete",
    "RocketchatUnsubscribe",
    "LinksOneClick",
    "LinksConfirm",  # lifts the opt-out from its newsletter
    "FeedbackBounces",
    "NativeSuppressionsCheck",  # writes the history of an override
}
MAY_LIFT = {"LetterbucketUpdate", "LinksConfirm", "MirasvitDelete", "RepzoDelete", "RepzoRemove"}
MAY_SIGN_IN = {"MirasvitToken", "RocketchatLogin"}
MAY_SIGN_OUT = {"RocketchatLogout"}
WITHOUT_CREDENTIALS = {
    "GatewayNotFound",
    "GatewayOpenapi",
    "GatewayDocs",
    "LinksUnsubscribePage",
    "LinksMailer",
    "LinksOneClick",
    "LinksConfirmPage",
    "LinksConfirm",
    "JobsSendConfirmation",
    "JobsExpand",
    "JobsImportFile",
    "JobsDeliver",
    "JobsSweep",
    "JobsReconcile",
    "FeedbackSentEvents",
}
SCHEDULED = {"JobsSweep", "JobsReconcile"}
MANAGED = {"AWSLambdaBasicExecutionRole", "AWSLambdaSQSQueueExecutionRole"}


def statements(transformed: Transformed) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every policy document, with the logical id of the resource that holds it."""

    def walk(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            if "Effect" in value and ("Action" in value or "NotAction" in value):
                yield value
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    for name, resource in transformed.resources.items():
        for statement in walk(resource.get("Properties", {})):
            yield name, statement


def may(transformed: Transformed, function: str, actions: set[str], table: str) -> bool:
    """Whether a function's role allows one of the actions on a table."""
    return any(
        actions & set(as_list(statement["Action"])) and f'"{table}"' in json.dumps(statement["Resource"])
        for statement in transformed.statements(f"{function}Role")
    )


def test_every_function_has_a_role_of_its_own(transformed: Transformed) -> None:
    for name, made in transformed.of("AWS::Lambda::Function").items():
        assert made["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}


def test_managed_policies_are_those_that_logs_and_queues_need(transformed: Transformed) -> None:
    for role in transformed.of("AWS::IAM::Role").values():
        assert {arn.rpartition("/")[2] for arn in role.get("ManagedPolicyArns", ())} <= MANAGED


def test_no_statement_allows_every_action(transformed: Transformed) -> None:
    for name, statement in statements(transformed):
        assert "NotAction" not in statement
        actions = set(as_list(statement["Action"]))
        wide = {action for action in actions if action == "*" or action.endswith(":*")}
        if statement["Effect"] == "Deny":
            continue
        assert not wide, name


def test_every_resource_is_meant_only_where_the_action_knows_none(transformed: Transformed) -> None:
    for name, statement in statements(transformed):
        if "*" in as_list(statement.get("Resource", [])):
            assert set(as_list(statement["Action"])) == {"ses:GetAccount"}, name


def test_no_statement_names_everybody(transformed: Transformed) -> None:
    for _, statement in statements(transformed):
        assert statement["Effect"] == "Deny" or '"*"' not in json.dumps(statement.get("Principal", ""))


def test_only_these_functions_may_write_suppressions(transformed: Transformed) -> None:
    writers = {name for name in functions() if may(transformed, name, WRITES, "SuppressionsTable")}
    assert writers == MAY_SUPPRESS


def test_only_who_lifts_may_delete_what_is_in_the_list(transformed: Transformed) -> None:
    deleting = {name for name in functions() if may(transformed, name, {"dynamodb:DeleteItem"}, "SuppressionsTable")}
    assert deleting == MAY_LIFT


def test_only_who_signs_somebody_in_may_write_credentials(transformed: Transformed) -> None:
    writers = {name for name in functions() if may(transformed, name, WRITES, "CredentialsTable")}
    assert writers == MAY_SIGN_IN | MAY_SIGN_OUT


def test_who_counts_may_count_and_nothing_else(transformed: Transformed) -> None:
    for name, function in functions().items():
        allowed = {
            action
            for statement in transformed.statements(f"{name}Role")
            if '"LimitsTable"' in json.dumps(statement["Resource"])
            for action in as_list(statement["Action"])
        }
        app = getattr(importlib.import_module(module_of(function["Handler"])), "app", None)
        limits = app.limits if isinstance(app, App) else Limits()
        counts = limits.windows.get(getattr(app, "bucket", "")) or limits.errors or limits.bad_keys or limits.misses
        assert allowed == ({"dynamodb:GetItem", "dynamodb:UpdateItem"} if counts else set()), name


def test_every_guarded_endpoint_may_read_credentials(transformed: Transformed) -> None:
    readers = {name for name in functions() if may(transformed, name, {"dynamodb:GetItem"}, "CredentialsTable")}
    assert readers == functions().keys() - WITHOUT_CREDENTIALS


def test_only_who_carries_mail_may_send_and_only_in_our_configuration_set(transformed: Transformed) -> None:
    for name in functions():
        for statement in transformed.statements(f"{name}Role"):
            if {"ses:SendEmail", "ses:SendBulkEmail"} & set(as_list(statement["Action"])):
                assert name in {"JobsDeliver", "JobsSendConfirmation"}
                assert "configuration-set/${ConfigurationSet}" in json.dumps(statement["Resource"])


@pytest.mark.parametrize("secret", ["LinkKeys", "AddressPepper"])
def test_a_secret_is_read_by_whoever_needs_it(secret: str, transformed: Transformed) -> None:
    readers = {
        name
        for name in functions()
        for statement in transformed.statements(f"{name}Role")
        if f'"Ref": "{secret}"' in json.dumps(statement["Resource"])
    }
    if secret == "LinkKeys":
        links = {"LinksUnsubscribePage", "LinksOneClick", "LinksConfirmPage", "LinksConfirm"}
        assert readers == links | {"JobsDeliver", "JobsSendConfirmation"}
    else:
        pages = {"LinksMailer"}
        assert not readers & (pages | {"GatewayNotFound", "RocketchatSend", "RepzoGet"})


def test_no_variable_holds_a_secret(transformed: Transformed) -> None:
    for made in transformed.of("AWS::Lambda::Function").values():
        for name, value in made["Environment"]["Variables"].items():
            if isinstance(value, str):
                assert not any(word in name.lower() for word in ("key", "secret", "token", "password", "pepper")), name
            assert "resolve:" not in json.dumps(value), f"{name} would hold the secret itself"


def test_nothing_but_the_api_a_queue_or_its_schedule_may_call_a_function(transformed: Transformed) -> None:
    for permission in transformed.of("AWS::Lambda::Permission").values():
        scheduled = permission["FunctionName"]["Ref"] in SCHEDULED
        assert permission["Principal"] == ("events.amazonaws.com" if scheduled else "apigateway.amazonaws.com")
        assert permission["SourceArn"]
