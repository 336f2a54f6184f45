"""Credentials in DynamoDB, by the SHA-256 of their key, and the registry of workspaces."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from optout.access.credential import Credential, Key, Login, User, hash_key
from optout.access.limit import Window, Windows
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack, unpack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_CACHED_FOR = 30.0  # seconds: a revoked key stops working within a minute
_WORKSPACES = {"pk": "workspaces", "sk": "workspaces"}
_MOST = 1000


@dataclass(frozen=True)
class DynamoDBCredentials:
    """The `Credentials` port. Keys are cached for half a minute. Login tokens are not cached, because a logout must
    take effect at once."""

    client: "DynamoDBClient"
    table: str
    _found: dict[str, tuple[float, Credential]] = field(default_factory=dict)

    def find(self, key: str) -> Credential | None:
        key_hash = hash_key(key)
        known = self._found.get(key_hash)
        if known and known[0] > time.monotonic():
            return _live(known[1])
        item = dynamodb.get(self.client, self.table, _pk(key_hash), "credential")
        if item is None or "revoked" in item:
            return None
        credential = _to_credential(key_hash, item)
        if len(self._found) >= _MOST:
            self._found.clear()
        if not credential.expires:
            self._found[key_hash] = (time.monotonic() + _CACHED_FOR, credential)
        if credential.login and not self._is_current(credential):
            return None
        return _live(credential)

    def _is_current(self, token: Credential) -> bool:
        """Whether the token's login is still there, with the password that the token was given for."""
        user, _, salt = token.login.partition("$")
        item = dynamodb.get(self.client, self.table, f"login#{token.dialect}#{user}", "login")
        return item is not None and "revoked" not in item and item["password"].partition("$")[0] == salt

    def add(self, credential: Credential) -> None:
        item = {"pk": _pk(credential.key_hash), "sk": "credential", **_from_credential(credential)}
        items = [item]
        if not credential.expires:  # a key is listed, because it stays until it is revoked
            item["made"] = int(time.time())
            items.append({"pk": _keys_pk(credential.workspace), "sk": credential.key_hash})
        writes: list[TransactWriteItemTypeDef] = [
            {"Put": {"TableName": self.table, "Item": pack(one), "ConditionExpression": "attribute_not_exists(pk)"}}
            for one in items
        ]
        self._register(_WORKSPACES, credential.workspace)
        dynamodb.transact(self.client, writes, conflicts=False)

    def _register(self, names: Item, name: str) -> None:
        """Add a name to a set of names, which may have it already."""
        with dynamodb.map_errors():
            self.client.update_item(
                TableName=self.table,
                Key=pack(names),
                UpdateExpression="ADD #names :name",
                ExpressionAttributeNames={"#names": "names"},
                ExpressionAttributeValues=pack({":name": {name}}),
            )

    def revoke(self, key_hash: str) -> None:
        self._found.pop(key_hash, None)
        self._revoke({"pk": _pk(key_hash), "sk": "credential"})

    def _revoke(self, key: Item) -> bool:
        try:
            with dynamodb.map_errors():
                self.client.update_item(
                    TableName=self.table,
                    Key=pack(key),
                    UpdateExpression="SET revoked = :now",
                    ConditionExpression="attribute_exists(pk) AND attribute_not_exists(revoked)",
                    ExpressionAttributeValues=pack({":now": int(time.time())}),
                )
        except Lost:
            return False  # it is unknown, or already revoked
        return True

    def keys(self, workspace: str) -> Sequence[Key]:
        listed = dynamodb.partition(self.client, self.table, _keys_pk(workspace))
        places = [(_pk(item["sk"]), "credential") for item in listed]
        found = dynamodb.get_many(self.client, self.table, places)
        keys = [Key(_to_credential(_hash(item), item), item["made"], item.get("revoked", 0)) for item in found]
        return sorted(keys, key=lambda key: (key.made, key.credential.key_hash))

    def login(self, dialect: str, username: str) -> Login | None:
        item = dynamodb.get(self.client, self.table, _login_pk(dialect, username), "login")
        if item is None or "revoked" in item:
            return None
        return Login(dialect, username, item["password"], _to_credential("", item))

    def add_login(self, login: Login) -> None:
        workspace, place = login.grants.workspace, _login_place(login.dialect, login.username)
        item = {**place, "password": login.password, "made": int(time.time()), **_from_credential(login.grants)}
        self._register(_WORKSPACES, workspace)
        self._register({"pk": _users_pk(workspace), "sk": login.dialect}, login.username)
        with dynamodb.map_errors():
            self.client.put_item(
                TableName=self.table,
                Item=pack(item),
                ConditionExpression="attribute_not_exists(pk) OR attribute_exists(revoked)",
            )

    def users(self, workspace: str) -> Sequence[User]:
        registered = dynamodb.partition(self.client, self.table, _users_pk(workspace))
        names = {_login_pk(item["sk"], name): name for item in registered for name in item["names"]}
        found = dynamodb.get_many(self.client, self.table, [(pk, "login") for pk in names])
        users = [
            User(names[item["pk"]], _to_credential("", item), item.get("made", 0), item.get("revoked", 0))
            for item in found
            if item["workspace"] == workspace  # a user that was revoked may have been added again in another one
        ]
        return sorted(users, key=lambda user: (user.made, user.username))

    def revoke_login(self, dialect: str, username: str) -> bool:
        return self._revoke(_login_place(dialect, username))

    def workspaces(self) -> Sequence[str]:
        with dynamodb.map_errors():
            answer = self.client.get_item(TableName=self.table, Key=pack(_WORKSPACES))
        return sorted(unpack(answer.get("Item", {})).get("names", ()))


def _live(credential: Credential) -> Credential | None:
    return credential if not credential.expires or credential.expires > time.time() else None


def _from_credential(credential: Credential) -> Item:
    item: Item = {
        "workspace": credential.workspace,
        "dialect": credential.dialect,
        "user": credential.user,
        "permissions": sorted(credential.permissions),
        "newsletter": credential.newsletter,
        "senders": list(credential.senders),
    }
    if credential.consumer:
        item["consumer"] = credential.consumer
    if credential.expires:
        item["expires"] = credential.expires  # the TTL: DynamoDB deletes the item some time later
    if credential.login:
        item["login"] = credential.login
    if credential.limits:
        item["limits"] = {
            bucket: {str(window.seconds): window.allowed for window in windows}
            for bucket, windows in credential.limits.items()
        }
    return item


def _to_credential(key_hash: str, item: Item) -> Credential:
    return Credential(
        key_hash=key_hash,
        workspace=item["workspace"],
        dialect=item["dialect"],
        user=item["user"],
        permissions=frozenset(item["permissions"]),
        newsletter=item["newsletter"],
        senders=tuple(item["senders"]),
        consumer=item.get("consumer", ""),
        expires=item.get("expires", 0),
        login=item.get("login", ""),
        limits={bucket: _to_windows(stored) for bucket, stored in item.get("limits", {}).items()},
    )


def _to_windows(stored: Mapping[str, int]) -> Windows:
    """The windows, shortest first."""
    return tuple(Window(seconds, stored[str(seconds)]) for seconds in sorted(map(int, stored)))


def _pk(key_hash: str) -> str:
    return f"key#{key_hash}"


def _hash(item: Item) -> str:
    return str(item["pk"]).partition("#")[2]


def _keys_pk(workspace: str) -> str:
    return f"keys#{workspace}"


def _users_pk(workspace: str) -> str:
    return f"users#{workspace}"


def _login_place(dialect: str, username: str) -> Item:
    return {"pk": _login_pk(dialect, username), "sk": "login"}


def _login_pk(dialect: str, username: str) -> str:
    return f"login#{dialect}#{hash_key(username)}"
