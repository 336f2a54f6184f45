"""The suppression list in DynamoDB.

Items: a record in force under its number, per address its state and its history, and fences that count the records
between two numbers (see `fences`). The keys hold a keyed hash of the address, never the address.
"""

import hmac
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from optout.address import Address
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack
from optout.aws.fences import Fences, window
from optout.number import LIMIT
from optout.scope import Scope
from optout.suppression import Action, AddressState, Change, InForce, Origin, Reason, Suppression, View

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

_EMAIL_INDEX = "email-index"
_TRIGGERS_INDEX = "triggers-index"


@dataclass(frozen=True)
class KeyedHash:
    """Turns what must not stand in a key or a log into a stable name, by a secret that is read when first needed."""

    read_secret: Callable[[], bytes]

    @cached_property
    def _secret(self) -> bytes:
        return self.read_secret()

    def __call__(self, text: str) -> str:
        return hmac.digest(self._secret, text.encode(), "sha256")[:16].hex()


@dataclass(frozen=True)
class DynamoDBSuppressions:
    """The `Suppressions` port."""

    client: "DynamoDBClient"
    table: str
    keyed_hash: KeyedHash
    _fences: Fences = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_fences", Fences(self.client, self.table))

    def next_number(self, workspace: str) -> int:
        return self._fences.next_number(workspace)

    def get(self, workspace: str, record: int) -> Suppression | None:
        item = dynamodb.get(self.client, self.table, _records_pk(workspace), _record_sk(record))
        return _to_record(item) if item else None

    def get_many(self, workspace: str, records: Collection[int]) -> Sequence[Suppression]:
        keys = [(_records_pk(workspace), _record_sk(record)) for record in records]
        return [_to_record(item) for item in dynamodb.get_many(self.client, self.table, keys)]

    def page(
        self, workspace: str, view: View, offset: int, limit: int, *, newest_first: bool
    ) -> tuple[Sequence[Suppression], int]:
        found = window(self._fences.all(workspace), view, offset, newest_first=newest_first)
        if found.first is None or not limit:
            return (), found.total
        above, below = (0, found.first) if newest_first else (found.first, LIMIT)
        rows = self._rows(workspace, view, above, below, newest_first=newest_first, limit=found.skip + limit)
        return [_to_record(item) for item in islice(rows, found.skip, found.skip + limit)], found.total

    def walk(self, workspace: str, view: View, above: int, below: int, *, newest_first: bool) -> Iterator[Suppression]:
        return map(_to_record, self._rows(workspace, view, above, below, newest_first=newest_first))

    def for_email(self, workspace: str, address: Address) -> Sequence[Suppression]:
        items = dynamodb.query(
            self.client,
            TableName=self.table,
            IndexName=_EMAIL_INDEX,
            KeyConditionExpression="email_key = :key",
            ExpressionAttributeValues=pack({":key": self._address_pk(workspace, address)}),
        )
        return [_to_record(item) for item in items]

    def state(self, workspace: str, address: Address) -> AddressState:
        item = dynamodb.get(self.client, self.table, self._address_pk(workspace, address), "state")
        return _to_state(workspace, address, item)

    def states(self, workspace: str, addresses: Iterable[Address]) -> Mapping[Address, AddressState]:
        keys = {address: self._address_pk(workspace, address) for address in addresses}
        items = dynamodb.get_many(self.client, self.table, [(pk, "state") for pk in keys.values()])
        found = {item["pk"]: item for item in items}
        return {address: _to_state(workspace, address, found.get(pk)) for address, pk in keys.items()}

    def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
        pk = self._address_pk(after.workspace, after.address)
        writes: list[TransactWriteItemTypeDef] = [
            {"Put": self._put_state(pk, before, after)},
            self._write_record(pk, change),
            {"Put": self._put(self._history_item(pk, change), "attribute_not_exists(pk)")},
            *self._fences.writes(change),
        ]
        try:
            with dynamodb.translated():
                self.client.transact_write_items(TransactItems=writes)
        except Lost:
            self._fences.forget(after.workspace)
            raise
        self._fences.note(change)

    def history(self, workspace: str, address: Address) -> Sequence[Change]:
        items = dynamodb.query(
            self.client,
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues=pack({":pk": self._address_pk(workspace, address), ":sk": "history#"}),
            ConsistentRead=True,
        )
        return [_to_change(item) for item in items]

    def _address_pk(self, workspace: str, address: Address) -> str:
        return f"{workspace}#address#{self.keyed_hash(address.key_form)}"

    def _put(self, item: Item, condition: str, values: Mapping[str, object] | None = None) -> "PutTypeDef":
        put: PutTypeDef = {"TableName": self.table, "Item": pack(item), "ConditionExpression": condition}
        if values:
            put["ExpressionAttributeValues"] = pack(values)
        return put

    def _put_state(self, pk: str, before: AddressState, after: AddressState) -> "PutTypeDef":
        entries = {
            scope.key: {"number": entry.number, "reason": entry.reason.value, "since": entry.since}
            for scope, entry in after.in_force.items()
        }
        item = {"pk": pk, "sk": "state", "version": after.version, "in_force": entries}
        if before.version == 0:
            return self._put(item, "attribute_not_exists(pk)")
        return self._put(item, "version = :before", {":before": before.version})

    def _write_record(self, address_pk: str, change: Change) -> "TransactWriteItemTypeDef":
        record = change.record
        item = {**_from_record(record), "email_key": address_pk}
        if View.TRIGGERS.shows(record.scope):
            item["triggers_key"] = record.workspace
        if change.action is Action.SUPPRESSED:
            return {"Put": self._put(item, "attribute_not_exists(pk)")}
        condition, values = "revision = :before", {":before": record.revision - 1}
        if change.action is not Action.LIFTED:
            return {"Put": self._put(item, condition, values)}
        return {  # its tombstone is the history row, which holds all of it
            "Delete": {
                "TableName": self.table,
                "Key": pack({"pk": item["pk"], "sk": item["sk"]}),
                "ConditionExpression": condition,
                "ExpressionAttributeValues": pack(values),
            }
        }

    def _rows(
        self, workspace: str, view: View, above: int, below: int, *, newest_first: bool, limit: int | None = None
    ) -> Iterator[Item]:
        """Records between two numbers: from the table itself, or from the index of the narrower view."""
        request: dict[str, Any] = {"TableName": self.table, "ScanIndexForward": not newest_first}
        if above + 1 >= below:
            return iter(())
        if view is View.ALL:
            values: Item = {":pk": _records_pk(workspace), ":from": _record_sk(above + 1), ":to": _record_sk(below - 1)}
            request |= {"KeyConditionExpression": "pk = :pk AND sk BETWEEN :from AND :to", "ConsistentRead": True}
        else:
            values = {":pk": workspace, ":from": above + 1, ":to": below - 1}
            request |= {
                "KeyConditionExpression": "triggers_key = :pk AND #number BETWEEN :from AND :to",
                "ExpressionAttributeNames": {"#number": "number"},
                "IndexName": _TRIGGERS_INDEX,
            }
        if limit is not None:
            request["Limit"] = limit
        return dynamodb.query(self.client, **request, ExpressionAttributeValues=pack(values))

    def _history_item(self, address_pk: str, change: Change) -> Item:
        origin = change.origin
        return {
            **_from_record(change.record),
            "pk": address_pk,
            "sk": f"history#{change.version:08d}",
            "version": change.version,
            "action": change.action.value,
            "at": change.at,
            "via": origin.via,
            "actor": origin.actor,
            "origin_user_agent": origin.user_agent,
            "origin_ip": self.keyed_hash(origin.ip) if origin.ip else "",
        }


def _records_pk(workspace: str) -> str:
    return f"{workspace}#records"


def _record_sk(number: int) -> str:
    return f"{number:016d}"


def _from_record(record: Suppression) -> Item:
    return {
        "pk": _records_pk(record.workspace),
        "sk": _record_sk(record.number),
        "workspace": record.workspace,
        "number": record.number,
        **dynamodb.from_address(record.address),
        "scope": record.scope.key,
        "reason": record.reason.value,
        "why": record.why,
        "user_agent": record.user_agent,
        "ip": record.ip,
        "created": record.created,
        "modified": record.modified,
        "revision": record.revision,
    }


def _to_record(item: Item) -> Suppression:
    return Suppression(
        workspace=item["workspace"],
        number=item["number"],
        address=dynamodb.to_address(item),
        scope=Scope.parse(item["scope"]),
        reason=Reason(item["reason"]),
        why=item["why"],
        user_agent=item["user_agent"],
        ip=item["ip"],
        created=item["created"],
        modified=item["modified"],
        revision=item["revision"],
    )


def _to_state(workspace: str, address: Address, item: Item | None) -> AddressState:
    if item is None:
        return AddressState(workspace, address)
    in_force = {
        Scope.parse(key): InForce(entry["number"], Reason(entry["reason"]), entry["since"])
        for key, entry in item["in_force"].items()
    }
    return AddressState(workspace, address, item["version"], in_force)


def _to_change(item: Item) -> Change:
    origin = Origin(item["via"], item["actor"], item["origin_user_agent"], item["origin_ip"])
    return Change(Action(item["action"]), item["version"], item["at"], origin, _to_record(item))
