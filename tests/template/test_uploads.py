"""The bucket of the uploaded files: closed to everybody, soon empty, and open to each function as far as it needs."""

import json

import pytest

from tests.template.conftest import Transformed
from tests.template.loading import functions, resources
from tests.template.test_permissions import as_list

USES = {
    "NativeImportCreate": {("s3:PutObject", "uploads")},
    "NativeImportCheck": {("s3:GetObject", "uploads"), ("s3:ListBucket", "")},
    "NativeImportStart": {("s3:GetObject", "uploads"), ("s3:ListBucket", "")},
    "NativeImportRejected": {("s3:GetObject", "rejected"), ("s3:ListBucket", "")},
    "JobsImportFile": {
        ("s3:GetObject", "uploads"),
        ("s3:GetObject", "seen"),
        ("s3:PutObject", "rejected"),
        ("s3:PutObject", "seen"),
        ("s3:ListBucket", ""),
    },
}


def test_the_bucket_is_closed_and_encrypted() -> None:
    (bucket,) = resources("AWS::S3::Bucket").values()
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]


def test_everything_in_the_bucket_is_forgotten_after_a_month() -> None:
    (bucket,) = resources("AWS::S3::Bucket").values()
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 30)
    assert not rule.keys() & {"Prefix", "TagFilters", "ObjectSizeGreaterThan"}


def test_the_bucket_is_reached_by_tls_only() -> None:
    (policy,) = resources("AWS::S3::BucketPolicy").values()
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
