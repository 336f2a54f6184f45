"""Job queues in SQS."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from math import ceil
from random import uniform
from typing import TYPE_CHECKING

from optout import deadline
from optout.aws.errors import map_errors
from optout.errors import Unavailable
from optout.queue import Message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_BATCH = 10
_ATTEMPTS = 5
_LONGEST_DELAY = 900  # seconds; SQS takes no more


@dataclass(frozen=True)
class SQSQueue:
    """The `Queue` port. ``client`` is called at the first message: most requests enqueue nothing."""

    client: Callable[[], "SQSClient"]
    url: str

    def send(self, messages: Iterable[Message], delay: float = 0) -> None:
        """Ten messages per call; those that a call rejects are sent again."""
        stream, wait = iter(messages), min(_LONGEST_DELAY, ceil(delay))
        while batch := list(islice(stream, _BATCH)):
            entries: list[SendMessageBatchRequestEntryTypeDef] = [
                {"Id": str(i), "MessageBody": json.dumps(message), "DelaySeconds": wait}
                for i, message in enumerate(batch)
            ]
            for attempt in range(_ATTEMPTS):
                if attempt:
                    deadline.sleep(uniform(0, 0.1 * 2**attempt))
                failed = self._send(entries)
                entries = [entry for entry in entries if entry["Id"] in failed]
                if not entries:
                    break
            if entries:
                raise Unavailable

    def _send(self, entries: "list[SendMessageBatchRequestEntryTypeDef]") -> set[str]:
        with map_errors():
            answer = self.client().send_message_batch(QueueUrl=self.url, Entries=entries)
        return {failure["Id"] for failure in answer.get("Failed", ())}
