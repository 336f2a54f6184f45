"""Says what reached it."""

import json
import os
import sys
from typing import Any

import boto3
import pydantic
import sample


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The event, and where the code came from."""
    answer = {
        "event": event,
        "python": sys.executable,
        "path": sys.path,
        "boto3": boto3.__version__,
        "pydantic": pydantic.VERSION,
        "origin": sample.ORIGIN,
        "environment": dict(os.environ),
    }
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(answer)}
