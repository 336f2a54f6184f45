"""A stack in an AWS account; region, profile and credentials come from the environment."""

from functools import cached_property
from typing import Any, cast

import boto3


class CloudStack:
    """A stack in an AWS account."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def resources(self) -> dict[str, str]:
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = [resource for page in pages for resource in page["StackResourceSummaries"]]
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}

    def client(self, service: str) -> Any:
        return boto3.client(cast("Any", service))
