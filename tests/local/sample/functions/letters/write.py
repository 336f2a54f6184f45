"""Puts a letter into the queue and returns the length of a secret."""

import json
import os
from typing import Any

import boto3


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Accept the letter."""
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["LINK_KEYS"])["SecretString"]
    letter = json.loads(event.get("body") or "{}")
    if letter:
        boto3.client("sqs").send_message(QueueUrl=os.environ["LETTERS_QUEUE"], MessageBody=json.dumps(letter))
    return {"statusCode": 202, "body": json.dumps({"secret": len(secret)})}
