"""The connection between a boto3 client and AWS, under a test's control: it answers or fails as planned."""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

Answer = Mapping[str, Any] | Exception | tuple[int, str, str]


class _Raw(BytesIO):
    """The raw response that botocore expects."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


class Wire:
    """Plays its answers one by one: a body (an error's with its ``__type``), an exception, or (status, error code,
    message). Keeps the requests."""

    def __init__(self, service: str, *answers: Answer, config: Config | None = None) -> None:
        self.answers = deque(answers)
        self.requests: list[dict[str, Any]] = []
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        config = config or Config(retries={"total_max_attempts": 1})
        self.client: Any = boto3.client(service, region_name="us-east-1", config=config, **keys)  # type: ignore[call-overload]
        self.client.meta.events.register("before-send", self._answer)

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        self.requests.append(json.loads(request.body or b"{}"))  # type: ignore[arg-type]
        answer = self.answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, tuple):
            status, code, message = answer
            body = {"__type": code, "message": message}
        else:
            code, body = answer.get("__type", ""), dict(answer)
            status = 400 if code else 200
        headers = {"content-type": "application/json"} | ({"x-amzn-errortype": code} if code else {})
        return AWSResponse(request.url, status, headers, _Raw(json.dumps(body).encode()))  # type: ignore[arg-type]
