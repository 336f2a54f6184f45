"""Imports in the table of the subscribers, one item each, in partitions that no workspace's name can begin."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from optout.address import Address
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack
from optout.aws.keyed_hash import KeyedHash
from optout.aws.subscribers.holds import Holds
from optout.aws.subscribers.items import address_sk, newsletter_pk
from optout.imports.csv_rows import Place, Trouble
from optout.imports.job import File, Import, Intent, Reading, State, Tally

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
        holds = Holds(self.client, self.table)
        rows = dynamodb.get_many(self.client, self.table, [(pk, sk) for sk in asked])
        return {asked[row["sk"]] for row in rows if holds.number(row) is not None}

    def _put(self, job: Import, condition: str, values: Item | None = None) -> None:
        """Write the item. A write whose answer was lost fails when it is tried again: what is there then tells."""
        item = _from_import(job)
        request: dict[str, Any] = {"ExpressionAttributeValues": pack(values)} if values else {}
        try:
            with dynamodb.translated():
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
    for name, reading in (("check", job.check), ("addition", job.addition)):
        if reading:
            item[name] = _from_reading(reading)
    if job.intents:
        item["intents"] = {str(intent.first): _from_intent(intent) for intent in job.intents}
    if job.trouble:
        item["trouble"] = job.trouble.value
    return item


def _to_import(item: Item) -> Import:
    intents = sorted(item.get("intents", {}).items(), key=lambda entry: int(entry[0]))
    return Import(
        workspace=item["workspace"],
        newsletter=item["newsletter"],
        number=item["number"],
        state=State(item["state"]),
        file=File(**item["file"]) if "file" in item else None,
        check=_to_reading(item["check"]) if "check" in item else None,
        addition=_to_reading(item["addition"]) if "addition" in item else None,
        intents=tuple(_to_intent(int(first), intent) for first, intent in intents),
        trouble=Trouble(item["trouble"]) if "trouble" in item else None,
        version=item["version"],
    )


def _from_reading(reading: Reading) -> Item:
    finished = {} if reading.finished is None else {"finished": reading.finished}
    return {
        "index": reading.index,
        "started": reading.started,
        "updated": reading.updated,
        **finished,
        **reading.place._asdict(),
        **reading.tally._asdict(),
    }


def _to_reading(item: Item) -> Reading:
    times = item["started"], item["updated"]
    return Reading(item["index"], *times, *_progress(item), finished=item.get("finished"))


def _from_intent(intent: Intent) -> Item:
    return {**dynamodb.from_address(intent.address), **intent.after._asdict(), **intent.tally._asdict()}


def _to_intent(first: int, item: Item) -> Intent:
    return Intent(first, dynamodb.to_address(item), *_progress(item))


def _progress(item: Item) -> tuple[Place, Tally]:
    return Place(*(item[name] for name in Place._fields)), Tally(*(item[name] for name in Tally._fields))
