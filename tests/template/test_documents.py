"""The `aws` commands of the documents exist: the service, the operation and every option."""

import json
import re
import shlex
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from tests.template.conftest import Transformed
from tools.paths import ROOT

_GLOBAL = {"--region", "--query", "--output", "--profile"}
_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def _commands() -> Iterator[tuple[str, str]]:
    for document in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for block in _BLOCK.findall(document.read_text()):
            lines = block.replace("\\\n", " ").splitlines()
            yield from ((document.name, line) for line in lines if line.startswith("aws "))


@cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def _options(shape: Any) -> set[str]:
    names = {"--" + xform_name(name, "-") for name in shape.members} if shape else set()
    return names | {"--no-" + name.removeprefix("--") for name in names} | _GLOBAL


@pytest.mark.parametrize(("document", "command"), list(_commands()))
def test_a_command_has_an_operation_and_options_that_aws_has(document: str, command: str) -> None:
    _, service, operation, *words = shlex.split(command)
    model = _model(service)
    (name,) = (name for name in model.operation_names if xform_name(name, "-") == operation)
    shape = model.operation_model(name).input_shape
    given = {word for word in words if word.startswith("--")}
    assert given <= _options(shape)
    required = {"--" + xform_name(one, "-") for one in shape.required_members} if shape else set()
    assert required <= given


def test_a_block_that_no_test_runs_says_so() -> None:
    for document in sorted((ROOT / "docs").glob("*.md")):
        for block in _BLOCK.findall(document.read_text()):
            calls_aws = re.search(r"^(aws |\./dev (deploy|smoke|orphans))", block, re.MULTILINE)
            assert not calls_aws or block.startswith("# needs an AWS account"), (document.name, block)


# CloudFormation's name of a service, where IAM has another one.
IAM_NAMES = {"ApiGatewayV2": "apigateway", "KinesisFirehose": "firehose"}


def test_the_deployer_may_manage_every_kind_of_resource(transformed: Transformed) -> None:
    services = {made["Type"].split("::")[1] for made in transformed.resources.values()}
    policy = json.loads((ROOT / "docs" / "deployer-policy.json").read_text())
    allowed = {action.split(":")[0] for statement in policy["Statement"] for action in statement["Action"]}
    assert {IAM_NAMES.get(service, service.lower()) for service in services} <= allowed
