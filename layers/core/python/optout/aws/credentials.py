"""Credentials in DynamoDB, by the SHA-256 of their key; the registry of workspaces stands beside them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from optout.aws import dynamodb
from optout.aws.dynamodb import pack, unpack
from optout.credential import Credential, hash_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_GOOD_FOR = 30.0  # seconds: a revoked key dies within a minute
_WORKSPACES = {"pk": "workspaces", "sk": "workspaces"}
_MOST = 1000


@dataclass(frozen=True)
class DynamoDBCredentials:
    """The `Credentials` port. A credential that was found is believed for half a minute."""

    client: "DynamoDBClient"
    table: str
    _found: dict[str, tuple[float, Credential]] = field(default_factory=dict)

    def find(self, key: str) -> Credential | None:
        key_hash = hash_key(key)
        known = self._found.get(key_hash)
        if known and known[0] > time.monotonic():
            return known[1]
        item = dynamodb.get(self.client, self.table, _pk(key_hash), "credential")
        if item is None or "revoked" in item:
            return None
        credential = Credential(
            key_hash=key_hash,
            workspace=item["workspace"],
            dialect=item["dialect"],
            user=item["user"],
            permissions=frozenset(item["permissions"]),
            newsletter=item["newsletter"],
            senders=tuple(item["senders"]),
        )
        if len(self._found) >= _MOST:
            self._found.clear()
        self._found[key_hash] = (time.monotonic() + _GOOD_FOR, credential)
        return credential

    def add(self, credential: Credential) -> None:
        item = {
            "pk": _pk(credential.key_hash),
            "sk": "credential",
            "workspace": credential.workspace,
            "dialect": credential.dialect,
            "user": credential.user,
            "permissions": sorted(credential.permissions),
            "newsletter": credential.newsletter,
            "senders": list(credential.senders),
        }
        with dynamodb.translated():
            self.client.update_item(
                TableName=self.table,
                Key=pack(_WORKSPACES),
                UpdateExpression="ADD #names :name",
                ExpressionAttributeNames={"#names": "names"},
                ExpressionAttributeValues=pack({":name": {credential.workspace}}),
            )
            self.client.put_item(TableName=self.table, Item=pack(item), ConditionExpression="attribute_not_exists(pk)")

    def workspaces(self) -> Sequence[str]:
        with dynamodb.translated():
            answer = self.client.get_item(TableName=self.table, Key=pack(_WORKSPACES))
        return sorted(unpack(answer.get("Item", {})).get("names", ()))


def _pk(key_hash: str) -> str:
    return f"key#{key_hash}"
