"""Ringing for a job. A message is only a doorbell: it carries ids, DynamoDB has the truth."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from math import ceil
from random import uniform
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from optout.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_BATCH = 10
_ATTEMPTS = 5
_LONGEST_DELAY = 900  # seconds; SQS takes no more


@dataclass(frozen=True)
class SQSDoorbell:
    """The `Doorbell` port: one queue."""

    client: "SQSClient"
    url: str

    def ring(self, messages: Iterable[Mapping[str, int | str]], delay: float = 0) -> None:
        """Ten to a call; what one call leaves out is sent again."""
        stream, wait = iter(messages), min(_LONGEST_DELAY, ceil(delay))
        while batch := list(islice(stream, _BATCH)):
            entries: list[SendMessageBatchRequestEntryTypeDef] = [
                {"Id": str(i), "MessageBody": json.dumps(message), "DelaySeconds": wait}
                for i, message in enumerate(batch)
            ]
            for attempt in range(_ATTEMPTS):
                if attempt:
                    time.sleep(uniform(0, 0.1 * 2**attempt))
                failed = self._send(entries)
                entries = [entry for entry in entries if entry["Id"] in failed]
                if not entries:
                    break
            if entries:
                raise Unavailable

    def _send(self, entries: "list[SendMessageBatchRequestEntryTypeDef]") -> set[str]:
        try:
            answer = self.client.send_message_batch(QueueUrl=self.url, Entries=entries)
        except (ClientError, BotoCoreError) as error:
            raise Unavailable from error
        return {failure["Id"] for failure in answer.get("Failed", ())}
