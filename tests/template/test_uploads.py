"""The buckets: private, emptied after some days, and open to each function only as far as it needs."""

import json
from typing import Any

import pytest

from tests.support.template import as_list, functions, resources
from tests.template.conftest import Transformed

USES = {
    "NativeImportsCreate": {("s3:PutObject", "uploads")},
    "NativeImportsCheck": {("s3:GetObject", "uploads"), ("s3:ListBucket", "")},
    "NativeImportsStart": {("s3:GetObject", "uploads"), ("s3:ListBucket", "")},
    "NativeImportsRejected": {("s3:GetObject", "rejected"), ("s3:ListBucket", "")},
    "JobsImportFile": {
        ("s3:GetObject", "uploads"),
        ("s3:GetObject", "seen"),
        ("s3:PutObject", "rejected"),
        ("s3:PutObject", "seen"),
        ("s3:ListBucket", ""),
    },
    "JobsReconcile": {("s3:ListBucket", "")},
    "FeedbackSentEvents": {("s3:GetObject", "sent"), ("s3:DeleteObject", "sent"), ("s3:ListBucket", "")},
}
DAYS = {"ImportsBucket": 30, "SentBucket": 7}
BUCKETS = resources("AWS::S3::Bucket")


@pytest.mark.parametrize("bucket", BUCKETS.values(), ids=BUCKETS)
def test_a_bucket_is_closed_and_encrypted(bucket: dict[str, Any]) -> None:
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]


@pytest.mark.parametrize("name", BUCKETS)
def test_everything_in_a_bucket_is_forgotten_after_its_days(name: str) -> None:
    (rule,) = BUCKETS[name]["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", DAYS[name])
    assert not rule.keys() & {"Prefix", "TagFilters", "ObjectSizeGreaterThan"}


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_reached_by_tls_only(name: str) -> None:
    policy = resources("AWS::S3::BucketPolicy")[f"{name}Policy"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Deny", "s3:*", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


@pytest.mark.parametrize("name", functions())
def test_a_function_reaches_what_it_needs_of_the_bucket(name: str, transformed: Transformed) -> None:
    used = {
        (action, json.dumps(resource).partition("/")[2].partition("/")[0])
        for statement in transformed.statements(f"{name}Role")
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
        if action.startswith("s3:")
    }
    assert used == USES.get(name, set())
