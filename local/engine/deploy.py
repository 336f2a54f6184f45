"""Deploys the unmodified template.yaml with CloudFormation on the engine."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from local.engine import package
from local.poll import poll

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
    """CloudFormation rejected the template or could not create a resource; the text says which and why."""


def deploy(
    cloudformation: "CloudFormationClient",
    s3: "S3Client",
    template: Path,
    stack: str,
    parameters: Mapping[str, str],
) -> None:
    """Create or update the stack and wait until it is complete. Raises `DeploymentFailed`."""
    key = package.package(s3, template)
    # By URL, because CloudFormation does not accept a template of this size inline.
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
        raise DeploymentFailed(f"CloudFormation rejected {template.name}: {error}") from error
    wait(cloudformation, stack)


def existing(cloudformation: "CloudFormationClient") -> set[str]:
    """The names of the stacks that can be updated."""
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    return {stack["StackName"] for page in pages for stack in page["Stacks"]}


def wait(cloudformation: "CloudFormationClient", stack: str) -> None:
    """Wait until the stack is complete. Raises `DeploymentFailed`."""

    def complete() -> bool:
        status = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        if status.endswith("_IN_PROGRESS"):
            return False
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise DeploymentFailed(f"the deployment ended as {status}:\n{failures(cloudformation, stack)}")
        return True

    if not poll(complete, LONGEST):
        raise DeploymentFailed(
            f"the deployment was not complete after {LONGEST:.0f} seconds:\n{failures(cloudformation, stack)}"
        )


def failures(cloudformation: "CloudFormationClient", stack: str) -> str:
    """The failed resources and their errors, earliest first."""
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    lines = [
        f"  {event.get('LogicalResourceId')} ({event.get('ResourceType')}): {event.get('ResourceStatusReason', '')}"
        for event in reversed(events)
        if event.get("ResourceStatus", "").endswith("_FAILED")
    ]
    return (
        "\n".join(lines) or "  no resource reports an error; see engine.log in the stack's directory below .local/run"
    )
