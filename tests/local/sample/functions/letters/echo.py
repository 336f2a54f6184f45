"""Returns its event and its environment."""

import json
import os
import sys
from typing import Any

import boto3
import pydantic
import sample


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The event, the import path, library versions and environment variables."""
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
