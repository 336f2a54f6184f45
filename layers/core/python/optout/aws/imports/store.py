"""Import jobs in the subscribers table: one item each, in partitions that cannot collide with a workspace."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from optout.address import Address
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack
from optout.aws.keyed_hash import KeyedHash
from optout.aws.subscribers.items import address_sk, newsletter_pk
from optout.aws.subscribers.reservations import Reservations
from optout.imports.csv_rows import FileError, Place
from optout.imports.job import File, Import, Pass, PlannedBatch, State, Tally

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SK = "import"


@dataclass(frozen=True)
class DynamoDBImports:
    """The `Imports` port."""

    client: "DynamoDBClient"
    table: str
    keyed_hash: KeyedHash

    def create(self, job: Import) -> None:
        self._put(job, "attribute_not_exists(pk)")

    def get(self, number: int) -> Import | None:
        item = dynamodb.get(self.client, self.table, _pk(number), _SK)
        return _to_import(item) if item else None

    def save(self, job: Import) -> Import:
        after = replace(job, version=job.version + 1)
        self._put(after, "version = :before", {":before": job.version})
        return after

    def present(self, workspace: str, newsletter: str, addresses: Collection[Address]) -> Collection[Address]:
        pk = newsletter_pk(workspace, newsletter)
        asked = {address_sk(self.keyed_hash(address.key_form)): address for address in addresses}
        reservations = Reservations(self.client, self.table)
        rows = dynamodb.get_many(self.client, self.table, [(pk, sk) for sk in asked])
        return {asked[row["sk"]] for row in rows if reservations.number(row) is not None}

    def _put(self, job: Import, condition: str, values: Item | None = None) -> None:
        """Write the item. After a lost answer the client's retry fails its condition; then the write has succeeded if
        the stored item is equal."""
        item = _from_import(job)
        request: dict[str, Any] = {"ExpressionAttributeValues": pack(values)} if values else {}
        try:
            with dynamodb.map_errors():
                self.client.put_item(
                    TableName=self.table,
                    Item=pack(item),
                    ConditionExpression=condition,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **request,
                )
        except Lost as lost:
            if lost.item != item:
                raise


def _pk(number: int) -> str:
    return f"#import#{number:016d}"


def _from_import(job: Import) -> Item:
    item: Item = {
        "pk": _pk(job.number),
        "sk": _SK,
        "workspace": job.workspace,
        "newsletter": job.newsletter,
        "number": job.number,
        "state": job.state.value,
        "version": job.version,
    }
    if job.file:
        item["file"] = job.file._asdict()
    for name, current in (("check", job.check), ("addition", job.addition)):
        if current:
            item[name] = _from_pass(current)
    if job.planned:
        item["planned"] = {str(batch.first): _from_planned(batch) for batch in job.planned}
    if job.error:
        item["error"] = job.error.value
    return item


def _to_import(item: Item) -> Import:
    planned = sorted(item.get("planned", {}).items(), key=lambda entry: int(entry[0]))
    return Import(
        workspace=item["workspace"],
        newsletter=item["newsletter"],
        number=item["number"],
        state=State(item["state"]),
        file=File(**item["file"]) if "file" in item else None,
        check=_to_pass(item["check"]) if "check" in item else None,
        addition=_to_pass(item["addition"]) if "addition" in item else None,
        planned=tuple(_to_planned(int(first), batch) for first, batch in planned),
        error=FileError(item["error"]) if "error" in item else None,
        version=item["version"],
    )


def _from_pass(current: Pass) -> Item:
    finished = {} if current.finished is None else {"finished": current.finished}
    return {
        "index": current.index,
        "started": current.started,
        "updated": current.updated,
        **finished,
        **current.place._asdict(),
        **current.tally._asdict(),
    }


def _to_pass(item: Item) -> Pass:
    times = item["started"], item["updated"]
    return Pass(item["index"], *times, *_progress(item), finished=item.get("finished"))


def _from_planned(batch: PlannedBatch) -> Item:
    return {**dynamodb.from_address(batch.address), **batch.after._asdict(), **batch.tally._asdict()}


def _to_planned(first: int, item: Item) -> PlannedBatch:
    return PlannedBatch(first, dynamodb.to_address(item), *_progress(item))


def _progress(item: Item) -> tuple[Place, Tally]:
    return Place(*(item[name] for name in Place._fields)), Tally(*(item[name] for name in Tally._fields))
