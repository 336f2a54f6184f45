"""The suppression list in DynamoDB.

Items: a row per record in force, a tombstone per lifted record, the state and the history of each address, and fences
that count the records (see `aws.fences`). Keys contain a keyed hash of the address, never the address.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from optout.address import Address
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack
from optout.aws.fences import Fence, counted, fences_before, locate
from optout.aws.keyed_hash import KeyedHash
from optout.aws.suppressions.fences import RecordFences
from optout.aws.suppressions.items import (
    from_change,
    from_in_force,
    from_record,
    history_sk,
    lifted_pk,
    naming_text,
    record_sk,
    records_pk,
    to_change,
    to_record,
    to_state,
)
from optout.number import ANYWHERE, LIMIT, Between
from optout.suppressions.state import AddressState
from optout.suppressions.suppression import VERSIONS, Action, Change, Names, Suppression, View

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import DeleteTypeDef, PutTypeDef, TransactWriteItemTypeDef

_EMAIL_INDEX = "email-index"
_TRIGGERS_INDEX = "triggers-index"


@dataclass(frozen=True)
class DynamoDBSuppressions:
    """The `Suppressions` port."""

    client: "DynamoDBClient"
    table: str
    keyed_hash: KeyedHash
    _fences: RecordFences = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_fences", RecordFences(self.client, self.table))

    def next_number(self, workspace: str) -> int:
        return self._fences.next_number(workspace)

    def get(self, workspace: str, record: int) -> Suppression | None:
        item = dynamodb.get(self.client, self.table, records_pk(workspace), record_sk(record))
        return to_record(item) if item else None

    def get_many(self, workspace: str, records: Collection[int]) -> Sequence[Suppression]:
        keys = [(records_pk(workspace), record_sk(record)) for record in records]
        return [to_record(item) for item in dynamodb.get_many(self.client, self.table, keys)]

    def page(
        self, workspace: str, view: View, offset: int, limit: int, *, newest_first: bool, between: Between = ANYWHERE
    ) -> tuple[Sequence[Suppression], int]:
        fences = self._fences.all(workspace)
        before = self._rank(workspace, fences, view, between.above)
        through = self._rank(workspace, fences, view, between.below - 1)
        behind = counted(fences, view) - through if newest_first else before
        start, skip = locate(fences, view, behind + offset, newest_first=newest_first)
        if offset >= through - before or not limit:
            return (), through - before
        if not offset:  # nothing to skip: the page starts with the range
            start, skip = (between.below if newest_first else between.above), 0
        above, below = (between.above, start) if newest_first else (start, between.below)
        rows = self._rows(workspace, view, Between(above, below), newest_first=newest_first, limit=skip + limit)
        return [to_record(item) for item in islice(rows, skip, skip + limit)], through - before

    def walk(
        self, workspace: str, view: View, *, newest_first: bool, between: Between = ANYWHERE, naming: Names = ()
    ) -> Iterator[Suppression]:
        return map(to_record, self._rows(workspace, view, between, newest_first=newest_first, naming=naming))

    def for_email(self, workspace: str, address: Address) -> Sequence[Suppression]:
        items = dynamodb.query(
            self.client,
            TableName=self.table,
            IndexName=_EMAIL_INDEX,
            KeyConditionExpression="email_key = :key",
            ExpressionAttributeValues=pack({":key": self._address_pk(workspace, address)}),
        )
        return [to_record(item) for item in items]

    def state(self, workspace: str, address: Address) -> AddressState:
        item = dynamodb.get(self.client, self.table, self._address_pk(workspace, address), "state")
        return to_state(workspace, address, item)

    def states(self, workspace: str, addresses: Iterable[Address]) -> Mapping[Address, AddressState]:
        keys = {address: self._address_pk(workspace, address) for address in addresses}
        found = self._states(keys.values())
        return {address: to_state(workspace, address, found.get(pk)) for address, pk in keys.items()}

    def states_in(self, workspaces: Iterable[str], address: Address) -> Mapping[str, AddressState]:
        keys = {workspace: self._address_pk(workspace, address) for workspace in workspaces}
        found = self._states(keys.values())
        return {workspace: to_state(workspace, address, found.get(pk)) for workspace, pk in keys.items()}

    def _states(self, pks: Iterable[str]) -> Mapping[str, Item]:
        items = dynamodb.get_many(self.client, self.table, [(pk, "state") for pk in pks])
        return {item["pk"]: item for item in items}

    def commit(self, before: AddressState, after: AddressState, change: Change) -> None:
        pk = self._address_pk(after.workspace, after.address)
        writes: list[TransactWriteItemTypeDef] = [
            {"Put": self._put_state(pk, before, after)},
            *self._write_record(pk, change),
            {"Put": self._put(from_change(change, pk, self._hash_ip(change)), "attribute_not_exists(pk)")},
            *self._fences.writes(change),
        ]
        try:
            dynamodb.transact(self.client, writes, conflicts=False)
        except Lost:
            self._fences.forget(after.workspace)
            raise
        self._fences.noted(change)

    def history(
        self, workspace: str, address: Address, *, newest_first: bool = False, below: int = VERSIONS
    ) -> Iterator[Change]:
        return self._changes(self._address_pk(workspace, address), below, newest_first=newest_first)

    def history_of(self, workspace: str, record: int, *, below: int = VERSIONS) -> Iterator[Change]:
        if item := dynamodb.get(self.client, self.table, records_pk(workspace), record_sk(record)):
            address_pk = item["email_key"]
        elif item := dynamodb.get(self.client, self.table, lifted_pk(workspace), record_sk(record)):
            address_pk = item["address_pk"]
        else:
            return
        for change in self._changes(address_pk, below, newest_first=True):
            if change.record.number == record:
                yield change
                if change.action is Action.SUPPRESSED:
                    return  # everything older is about other records

    def _changes(self, address_pk: str, below: int, *, newest_first: bool) -> Iterator[Change]:
        values = {":pk": address_pk, ":first": history_sk(0), ":last": history_sk(below - 1)}
        items = dynamodb.query(
            self.client,
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues=pack(values),
            ConsistentRead=True,
            ScanIndexForward=not newest_first,
        )
        return map(to_change, items)

    def _address_pk(self, workspace: str, address: Address) -> str:
        return f"{workspace}#address#{self.keyed_hash(address.key_form)}"

    def _put(self, item: Item, condition: str, values: Mapping[str, object] | None = None) -> "PutTypeDef":
        put: PutTypeDef = {"TableName": self.table, "Item": pack(item), "ConditionExpression": condition}
        if values:
            put["ExpressionAttributeValues"] = pack(values)
        return put

    def _put_state(self, pk: str, before: AddressState, after: AddressState) -> "PutTypeDef":
        entries = {scope.key: from_in_force(entry) for scope, entry in after.in_force.items()}
        item = {"pk": pk, "sk": "state", "version": after.version, "in_force": entries}
        if before.version == 0:
            return self._put(item, "attribute_not_exists(pk)")
        return self._put(item, "version = :before", {":before": before.version})

    def _write_record(self, address_pk: str, change: Change) -> "list[TransactWriteItemTypeDef]":
        """The writes of a change to its record; an override does not change it."""
        record = change.record
        item = {**from_record(record), "email_key": address_pk}
        if View.TRIGGERS.shows(record.scope):
            item["triggers_key"] = record.workspace
        condition, values = "revision = :before", {":before": record.revision - 1}
        match change.action:
            case Action.OVERRIDDEN:
                return []
            case Action.SUPPRESSED:
                return [{"Put": self._put(item, "attribute_not_exists(pk)")}]
            case Action.LIFTED:
                key = {"pk": item["pk"], "sk": item["sk"]}
                tombstone = {"pk": lifted_pk(record.workspace), "sk": item["sk"], "address_pk": address_pk}
                return [
                    {"Delete": self._delete(key, condition, values)},
                    {"Put": self._put(tombstone, "attribute_not_exists(pk)")},
                ]
        return [{"Put": self._put(item, condition, values)}]

    def _delete(self, key: Item, condition: str, values: Mapping[str, object]) -> "DeleteTypeDef":
        return {
            "TableName": self.table,
            "Key": pack(key),
            "ConditionExpression": condition,
            "ExpressionAttributeValues": pack(values),
        }

    def _hash_ip(self, change: Change) -> str:
        return self.keyed_hash.of_ip(change.origin.ip)

    def _rank(self, workspace: str, fences: Sequence[Fence], view: View, number: int) -> int:
        """The number of records up to a number: whole fences are added up, the rest is read (one query)."""
        if not number:
            return 0
        if number >= LIMIT - 1:
            return counted(fences, view)
        full, rest = fences_before(fences, number)
        if rest is None:
            return counted(full, view)
        between = Between(rest.start - 1, number + 1)
        return counted(full, view) + sum(1 for _ in self._rows(workspace, view, between, newest_first=False))

    def _rows(
        self,
        workspace: str,
        view: View,
        between: Between,
        *,
        newest_first: bool,
        limit: int | None = None,
        naming: Names = (),
    ) -> Iterator[Item]:
        """The records in a range of numbers: from the table, or from the index of the narrower view."""
        if between.above + 1 >= between.below:
            return iter(())
        first, last = between.above + 1, between.below - 1
        request: dict[str, Any] = {"TableName": self.table, "ScanIndexForward": not newest_first}
        if view is View.ALL:
            values: Item = {":pk": records_pk(workspace), ":first": record_sk(first), ":last": record_sk(last)}
            request |= {"KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last", "ConsistentRead": True}
        else:
            values = {":pk": workspace, ":first": first, ":last": last}
            request |= {
                "KeyConditionExpression": "triggers_key = :pk AND #number BETWEEN :first AND :last",
                "ExpressionAttributeNames": {"#number": "number"},
                "IndexName": _TRIGGERS_INDEX,
            }
        if naming:
            named = {f":name{index}": naming_text(name) for index, name in enumerate(naming)}
            values |= named
            request["FilterExpression"] = " OR ".join(f"contains(#scope, {key})" for key in named)
            request.setdefault("ExpressionAttributeNames", {})["#scope"] = "scope"
        if limit is not None:
            request["Limit"] = limit
        return dynamodb.query(self.client, **request, ExpressionAttributeValues=pack(values))
