"""Deploys the unmodified template.yaml by CloudFormation on the engine."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from local.engine import package

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client

LONGEST = 120.0
CAPABILITIES: list[Literal["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]] = [
    "CAPABILITY_IAM",
    "CAPABILITY_NAMED_IAM",
    "CAPABILITY_AUTO_EXPAND",
]


class DeploymentFailed(Exception):
    """CloudFormation refused the template or could not make a resource; the text says which and why."""


def deploy(
    cloudformation: "CloudFormationClient",
    s3: "S3Client",
    template: Path,
    stack: str,
    parameters: Mapping[str, str],
) -> None:
    """Create or update the stack, and wait until it is there."""
    key = package.package(s3, template)
    # By address, because a template of this size may not be sent inline.
    url = f"{s3.meta.endpoint_url}/{package.BUCKET}/{key}"
    change: Callable[..., object] = cloudformation.create_stack
    if stack in existing(cloudformation):
        change = cloudformation.update_stack
    try:
        change(
            StackName=stack,
            TemplateURL=url,
            Capabilities=CAPABILITIES,
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        )
    except cloudformation.exceptions.ClientError as error:
        if "No updates are to be performed" in str(error):
            return
        raise DeploymentFailed(f"{template.name} was refused: {error}") from error
    wait(cloudformation, stack)


def existing(cloudformation: "CloudFormationClient") -> set[str]:
    """The names of the stacks that can be updated."""
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    return {stack["StackName"] for page in pages for stack in page["Stacks"]}


def wait(cloudformation: "CloudFormationClient", stack: str) -> None:
    """Until the stack is complete."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        status = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return
        if not status.endswith("_IN_PROGRESS"):
            raise DeploymentFailed(f"{status}\n{failures(cloudformation, stack)}")
        time.sleep(0.1)
    raise DeploymentFailed(f"not complete after {LONGEST:.0f} seconds\n{failures(cloudformation, stack)}")


def failures(cloudformation: "CloudFormationClient", stack: str) -> str:
    """The resources that failed and why, earliest first."""
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    lines = [
        f"  {event.get('LogicalResourceId')} ({event.get('ResourceType')}): {event.get('ResourceStatusReason', '')}"
        for event in reversed(events)
        if event.get("ResourceStatus", "").endswith("_FAILED")
    ]
    return "\n".join(lines) or "  no resource says that it failed; the engine's log may know more"
