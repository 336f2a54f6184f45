"""The path of Send and Delivery events: SES, Firehose, S3, a queue. Each admits only the one before it."""

import json
from typing import Any

from tests.support.template import resources, template
from tests.template.conftest import Transformed


def test_a_file_is_packed_and_written_within_a_minute() -> None:
    (stream,) = resources("AWS::KinesisFirehose::DeliveryStream").values()
    destination = stream["ExtendedS3DestinationConfiguration"]
    assert stream["DeliveryStreamType"] == "DirectPut"
    assert stream["DeliveryStreamEncryptionConfigurationInput"] == {"KeyType": "AWS_OWNED_CMK"}
    assert destination["CompressionFormat"] == "GZIP"
    assert destination["BufferingHints"] == {"IntervalInSeconds": 60, "SizeInMBs": 5}


def test_only_our_bucket_may_write_to_the_queue_of_files() -> None:
    policy = resources("AWS::SQS::QueuePolicy")["SentQueuePolicy"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    condition = statement["Condition"]
    _, names = condition["ArnEquals"]["aws:SourceArn"]["Fn::Sub"]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert names == {"Bucket": resources("AWS::S3::Bucket")["SentBucket"]["BucketName"]}
    assert condition["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_the_queue_lets_the_bucket_in_before_the_bucket_tries_it_out() -> None:
    assert template()["Resources"]["SentBucket"]["DependsOn"] == "SentQueuePolicy"
    assert "SentBucket" not in json.dumps(resources("AWS::SQS::QueuePolicy")["SentQueuePolicy"])


def test_every_file_that_the_stream_leaves_is_told_of() -> None:
    (stream,) = resources("AWS::KinesisFirehose::DeliveryStream").values()
    prefix = stream["ExtendedS3DestinationConfiguration"]["Prefix"]
    bucket = resources("AWS::S3::Bucket")["SentBucket"]
    (told,) = bucket["NotificationConfiguration"]["QueueConfigurations"]
    assert told["Filter"] == {"S3Key": {"Rules": [{"Name": "prefix", "Value": prefix}]}}
    assert told["Event"] == "s3:ObjectCreated:*"


def trust(role: str, transformed: Transformed) -> tuple[Any, set[str]]:
    """The service that may assume a role, and the conditions that are checked."""
    (statement,) = transformed.resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    return statement["Principal"]["Service"], set(statement["Condition"]["StringEquals"])


def test_only_our_configuration_set_may_put_events_and_only_into_our_stream(transformed: Transformed) -> None:
    (statement,) = transformed.statements("SentPublisherRole")
    assert trust("SentPublisherRole", transformed) == ("ses.amazonaws.com", {"aws:SourceAccount", "aws:SourceArn"})
    assert statement["Action"] == "firehose:PutRecordBatch"
    arn, names = statement["Resource"]["Fn::Sub"]
    assert arn == "arn:${AWS::Partition}:firehose:${AWS::Region}:${AWS::AccountId}:deliverystream/${Stream}"
    (stream,) = transformed.of("AWS::KinesisFirehose::DeliveryStream").values()
    assert names == {"Stream": stream["DeliveryStreamName"]}


def test_the_stream_may_write_to_its_bucket_and_no_other(transformed: Transformed) -> None:
    assert trust("SentStreamRole", transformed) == ("firehose.amazonaws.com", {"sts:ExternalId"})
    for statement in transformed.statements("SentStreamRole"):
        assert "SentBucket" in json.dumps(statement["Resource"])
        assert all(action.startswith("s3:") for action in statement["Action"])


def test_somebody_is_told_when_events_are_late_or_refused() -> None:
    metrics = {
        alarm["MetricName"]
        for alarm in resources("AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == "AWS/Firehose"
    }
    assert metrics == {"DeliveryToS3.DataFreshness", "ThrottledRecords"}
