"""Stores letters from the queue."""

import json
import os
from typing import Any

import boto3


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Store one row per letter; failed letters return to the queue."""
    table = boto3.resource("dynamodb").Table(os.environ["LETTERS_TABLE"])
    failed = []
    for record in event["Records"]:
        letter = json.loads(record["body"])
        if letter.get("bad"):
            failed.append({"itemIdentifier": record["messageId"]})
        else:
            table.put_item(Item=letter)
    return {"batchItemFailures": failed}


def tick(event: dict[str, Any], context: Any) -> None:
    """Runs on the schedule."""
    print("tick")
