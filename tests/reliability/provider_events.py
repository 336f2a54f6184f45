"""A configuration set of one's own in the engine, whose events end in a queue."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from local import clients
from local.stack import Stack


class Events:
    """A configuration set of one's own in the engine, whose events end in a queue."""

    def __init__(self, stack: Stack) -> None:
        self.configuration_set = f"events-{uuid.uuid4().hex[:8]}"
        self._sqs, sns = stack.client("sqs"), stack.client("sns")
        ses = clients.client("sesv2", stack.engine_url)
        topic = sns.create_topic(Name=self.configuration_set)["TopicArn"]
        attributes = {"VisibilityTimeout": "5"}
        self._url = self._sqs.create_queue(QueueName=self.configuration_set, Attributes=attributes)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        ses.create_configuration_set(ConfigurationSetName=self.configuration_set)
        ses.create_configuration_set_event_destination(
            ConfigurationSetName=self.configuration_set,
            EventDestinationName="feedback",
            EventDestination={
                "Enabled": True,
                "MatchingEventTypes": ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT"],
                "SnsDestination": {"TopicArn": topic},
            },
        )

    def receive(self) -> list[Any]:
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        return list(answer.get("Messages", []))

    def delete(self, messages: Sequence[Any]) -> None:
        entries = [{"Id": str(i), "ReceiptHandle": one["ReceiptHandle"]} for i, one in enumerate(messages)]
        if entries:
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
