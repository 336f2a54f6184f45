"""The product's handlers in this process, over the tables of a running local stack, with a meter at their clients."""

import importlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from benchmarks.meter import Meter
from local.settings import REGION, ROOT_KEY
from local.stack import Stack
from optout.queue import Message


class Running:
    """Calls endpoints as API Gateway does."""

    def __init__(self, stack: Stack, meter: Meter) -> None:
        self.stack, self.meter = stack, meter

    def call(
        self,
        function: str,
        method: str,
        path: str,
        *,
        query: str = "",
        body: Any = None,
        headers: Mapping[str, str],
        names: Mapping[str, str] | None = None,
    ) -> Any:
        """The JSON of an endpoint's response."""
        http = {
            "method": method,
            "path": path,
            "sourceIp": "203.0.113.24",
            "userAgent": "bench",
            "protocol": "HTTP/1.1",
        }
        event = {
            "version": "2.0",
            "routeKey": f"{method} {path}",
            "rawPath": path,
            "rawQueryString": query,
            "headers": {"host": "bench.example", "content-type": "application/json", **headers},
            "requestContext": {"http": http, "domainName": "bench.example", "stage": "$default", "requestId": "bench"},
            "pathParameters": dict(names or {}),
            "body": json.dumps(body) if body is not None else None,
            "isBase64Encoded": False,
        }
        answer = importlib.import_module(function).handler(event, _Context())
        if answer["statusCode"] >= 300:
            raise RuntimeError(f"{method} {path}: {answer['statusCode']} {answer['body']}")
        return json.loads(answer["body"]) if answer["body"] else None


class Silent:
    """A queue that drops its messages, because the stack's own workers would do some of the work uncounted."""

    def send(self, messages: Iterable[Message], delay: float = 0) -> None:
        pass


class _Context:
    function_name = "bench"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:bench"
    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@contextmanager
def running(stack: Stack) -> Iterator[Running]:
    """Handlers with the environment of the template."""
    variables: dict[str, str] = {}
    lambdas = stack.client("lambda")
    for name in stack.functions:
        made = lambdas.get_function_configuration(FunctionName=stack.resources[name])
        variables |= made.get("Environment", {}).get("Variables", {})
    own = {
        "AWS_ACCESS_KEY_ID": ROOT_KEY["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY["aws_secret_access_key"],
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": stack.engine_url,
        "AWS_ENDPOINT_URL_SESV2": stack.ses_url,
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        "POWERTOOLS_METRICS_DISABLED": "true",
        "NO_PROXY": "*",
    }
    with patch.dict(os.environ, variables | own):
        meter = Meter(stack.client("dynamodb"))
        from optout.wiring.clients import session

        meter.watch(session())
        yield Running(stack, meter)
