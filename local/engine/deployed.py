"""The description of a deployed stack, from CloudFormation."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.engine.intrinsics import Intrinsics
from local.settings import ACCOUNT, REGION

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


@dataclass(frozen=True)
class Deployed:
    """A stack's outputs, parameters, resources (logical to physical id), functions and processed template."""

    outputs: dict[str, str]
    parameters: dict[str, str]
    resources: dict[str, str]
    functions: dict[str, str]
    template: dict[str, Any]

    def intrinsics(self, stack: str) -> Intrinsics:
        """A resolver for the template's references."""
        pseudo = {
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::AccountId": ACCOUNT,
            "AWS::StackName": stack,
            "AWS::URLSuffix": "amazonaws.com",
        }
        return Intrinsics({**pseudo, **self.parameters, **self.resources}, self._attribute)

    def _attribute(self, resource: str, attribute: str) -> str:
        if resource not in self.functions or attribute != "Arn":
            raise NotImplementedError(f"{resource}.{attribute}: an API can only refer to the Arn of a function")
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.functions[resource]}"


def describe(cloudformation: "CloudFormationClient", stack: str) -> Deployed:
    """Describe the stack."""
    description = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    made = [resource for page in pages for resource in page["StackResourceSummaries"]]
    processed: Any = cloudformation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    return Deployed(
        {item["OutputKey"]: item["OutputValue"] for item in description.get("Outputs", [])},
        {item["ParameterKey"]: item["ParameterValue"] for item in description.get("Parameters", [])},
        {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in made},
        {i["LogicalResourceId"]: i["PhysicalResourceId"] for i in made if i["ResourceType"] == "AWS::Lambda::Function"},
        json.loads(processed) if isinstance(processed, str) else processed,
    )
