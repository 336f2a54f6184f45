"""Tries a call that its role does not allow."""

import os
from typing import Any

import boto3
from botocore.exceptions import ClientError


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The error code."""
    try:
        boto3.client("dynamodb").put_item(TableName=os.environ["LETTERS_TABLE"], Item={"pk": {"S": "forbidden"}})
    except ClientError as error:
        return {"statusCode": 200, "body": error.response["Error"]["Code"]}
    return {"statusCode": 200, "body": "stored"}
