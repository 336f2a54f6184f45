"""A configuration set of one's own in the engine: bounces and complaints end in a queue, Send and Delivery events in
files, as those of template.yaml do."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from local.engine import clients
from local.stack import Stack
from optout.aws.delivery.sent_files import S3SentFiles

_ROLE = "arn:aws:iam::000000000000:role/events"


class Events:
    """``files`` are the unread ones."""

    def __init__(self, stack: Stack) -> None:
        self.configuration_set = name = f"events-{uuid.uuid4().hex[:8]}"
        self._sqs, self._s3 = stack.client("sqs"), stack.client("s3")
        self.files = S3SentFiles(self._s3, name)
        ses = clients.client("sesv2", stack.engine_url)
        ses.create_configuration_set(ConfigurationSetName=name)
        for destination, kinds, place in (
            ("feedback", ["BOUNCE", "COMPLAINT"], {"SnsDestination": {"TopicArn": self._topic(stack)}}),
            ("sent", ["SEND", "DELIVERY"], {"KinesisFirehoseDestination": self._stream(stack)}),
        ):
            ses.create_configuration_set_event_destination(
                ConfigurationSetName=name,
                EventDestinationName=destination,
                EventDestination={"Enabled": True, "MatchingEventTypes": kinds, **place},
            )

    def _topic(self, stack: Stack) -> str:
        sns = stack.client("sns")
        topic = str(sns.create_topic(Name=self.configuration_set)["TopicArn"])
        attributes = {"VisibilityTimeout": "60"}
        self._url = self._sqs.create_queue(QueueName=self.configuration_set, Attributes=attributes)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return topic

    def _stream(self, stack: Stack) -> dict[str, str]:
        self._s3.create_bucket(Bucket=self.configuration_set)
        made = stack.client("firehose").create_delivery_stream(
            DeliveryStreamName=self.configuration_set,
            DeliveryStreamType="DirectPut",
            ExtendedS3DestinationConfiguration={
                "BucketARN": f"arn:aws:s3:::{self.configuration_set}",
                "RoleARN": _ROLE,
                "Prefix": "sent/",
                "CompressionFormat": "GZIP",
            },
        )
        return {"DeliveryStreamArn": made["DeliveryStreamARN"], "IamRoleArn": _ROLE}

    def unread(self) -> list[str]:
        """The first of the files that are there."""
        found = self._s3.list_objects_v2(Bucket=self.configuration_set, MaxKeys=20).get("Contents", ())
        return [entry["Key"] for entry in found]

    def receive(self) -> list[Any]:
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        return list(answer.get("Messages", []))

    def delete(self, messages: Sequence[Any]) -> None:
        entries = [{"Id": str(i), "ReceiptHandle": one["ReceiptHandle"]} for i, one in enumerate(messages)]
        if entries:
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
