"""Import jobs in the subscribers table: one item each, in partitions that cannot collide with a workspace. The
subscribers that a job adds are written in one transaction with it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from optout.address import Address
from optout.aws import dynamodb
from optout.aws.dynamodb import Item, Lost, pack
from optout.aws.fences import Fences
from optout.aws.keyed_hash import KeyedHash
from optout.aws.subscribers.add import Additions
from optout.aws.subscribers.items import address_row, address_sk, from_subscriber, newsletter_pk
from optout.aws.subscribers.reservations import Reservations
from optout.imports.job import File, Import, Pass, State, Survey, Tally
from optout.imports.lines import Place
from optout.imports.rejection import FileError, RowError
from optout.subscribers.subscriber import Subscriber

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef

_SK = "import"


@dataclass(frozen=True)
class DynamoDBImports:
    """The `Imports` port."""

    client: "DynamoDBClient"
    table: str
    keyed_hash: KeyedHash
    _additions: Additions = field(init=False)

    def __post_init__(self) -> None:
        fences, reservations = Fences(self.client, self.table), Reservations(self.client, self.table)
        object.__setattr__(self, "_additions", Additions(self.client, self.table, fences, reservations))

    def create(self, job: Import) -> None:
        self._put(self._write(job, "attribute_not_exists(pk)"))

    def get(self, number: int) -> Import | None:
        item = dynamodb.get(self.client, self.table, _pk(number), _SK)
        return _to_import(item) if item else None

    def save(self, job: Import, new: Sequence[Subscriber] = ()) -> Import:
        after = replace(job, version=job.version + 1)
        put = self._write(after, "version = :before", {":before": job.version})
        if new:
            addresses = [address_row(one, self.keyed_hash) for one in new]
            self._additions.add(addresses, [from_subscriber(one) for one in new], {"Put": put})
        else:
            self._put(put)
        return after

    def next_number(self, workspace: str, newsletter: str) -> int:
        return self._additions.fences.next_number(newsletter_pk(workspace, newsletter))

    def present(self, workspace: str, newsletter: str, addresses: Collection[Address]) -> Collection[Address]:
        pk = newsletter_pk(workspace, newsletter)
        asked = {address_sk(self.keyed_hash(address.key_form)): address for address in addresses}
        rows = dynamodb.get_many(self.client, self.table, [(pk, sk) for sk in asked])
        return {asked[row["sk"]] for row in rows if self._additions.reservations.number(row) is not None}

    def _write(self, job: Import, condition: str, values: Item | None = None) -> "PutTypeDef":
        put: PutTypeDef = {
            "TableName": self.table,
            "Item": pack(_from_import(job)),
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if values:
            put["ExpressionAttributeValues"] = pack(values)
        return put

    def _put(self, put: "PutTypeDef") -> None:
        """Write the item. After a lost answer the client's retry fails its condition; then the write has succeeded if
        the stored item is equal."""
        try:
            with dynamodb.map_errors():
                self.client.put_item(**put)
        except Lost as lost:
            if lost.item != dynamodb.unpack(put["Item"]):
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
    if job.survey:
        item["survey"] = _from_survey(job.survey)
    if job.error:
        item["error"] = job.error.value
    return item


def _to_import(item: Item) -> Import:
    return Import(
        workspace=item["workspace"],
        newsletter=item["newsletter"],
        number=item["number"],
        state=State(item["state"]),
        file=File(**item["file"]) if "file" in item else None,
        check=_to_pass(item["check"]) if "check" in item else None,
        addition=_to_pass(item["addition"]) if "addition" in item else None,
        error=FileError(item["error"]) if "error" in item else None,
        version=item["version"],
        survey=_to_survey(item["survey"]) if "survey" in item else None,
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
        "reasons": dict(current.reasons),
    }


def _to_pass(item: Item) -> Pass:
    times = item["started"], item["updated"]
    place, tally = Place(*(item[name] for name in Place._fields)), Tally(*(item[name] for name in Tally._fields))
    reasons = {RowError(error): count for error, count in item.get("reasons", {}).items()}  # not in older items
    return Pass(item["index"], *times, place, tally, finished=item.get("finished"), reasons=reasons)


def _from_survey(survey: Survey) -> Item:
    counts = {"index": survey.index, "rows": survey.rows, "marks": survey.marks, "done": survey.done}
    return {**counts, **survey.place._asdict()}


def _to_survey(item: Item) -> Survey:
    place = Place(item["offset"], item["line"])
    return Survey(item["index"], place, item["rows"], item["marks"], item["done"])
