"""A campaign on the deployed stack, whose workers are replaced by those of another version while it is sent.

The engine kills running calls when a function's layers change. AWS lets them finish, so this test is harsher.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.engine import package
from local.ses.accepted import accepted
from local.stack import Stack
from optout import clock
from optout.aws import dynamodb
from optout.aws.campaigns.items import pk_of, to_row
from optout.aws.delivery.event_store import DynamoDBEventStore
from optout.aws.provider.account import SESAccount
from optout.aws.provider.send_limiter import DynamoDBSendLimiter
from optout.aws.queue import SQSQueue
from optout.campaigns.ledger import Row
from optout.campaigns.wake import Waker
from optout.delivery.reconcile import Reconciliation, Timeouts
from optout.delivery.sweep import Sweep
from tests.reliability import another_version
from tools.paths import ROOT

JOBS = ("JobsExpand", "JobsDeliver")
STALLED = 1_500  # milliseconds
ABANDONED = 120_000  # milliseconds: a living worker settles its claim long before


class Workers:
    """The functions that expand and deliver: those of this version or of the other one."""

    def __init__(self, stack: Stack, directory: Path) -> None:
        self._lambda, self._names = stack.client("lambda"), [stack.resources[job] for job in JOBS]
        found = self._lambda.get_function_configuration(FunctionName=self._names[0])["Layers"]
        self._this = [layer["Arn"] for layer in found]
        self._other = [*self._this[:-1], self._publish(directory)]
        self.are_others = False
        self.replaced: list[int] = [0]

    def _publish(self, directory: Path) -> str:
        core = directory / "core"
        shutil.copytree(ROOT / "layers" / "core", core, ignore=shutil.ignore_patterns("__pycache__"))
        optout = core / "python" / "optout"
        shutil.copy(str(another_version.__file__), optout / "another_version.py")
        with (optout / "__init__.py").open("a") as file:
            file.write("\nfrom optout.another_version import become\n\nbecome()\n")
        answer = self._lambda.publish_layer_version(LayerName="another", Content={"ZipFile": package.archive(core)})
        return str(answer["LayerVersionArn"])

    def replace(self, *, others: bool) -> None:
        """Kill the running workers, and continue with this version or the other one."""
        for name in self._names:
            self._lambda.update_function_configuration(FunctionName=name, Layers=self._other if others else self._this)
        self.are_others = others
        self.replaced.append(clock.now())

    def has_died(self, item: dynamodb.Item) -> bool:
        """Whether the worker of this claim has certainly died: it belongs to the version that is not running now, or
        the claim is older than the last replacement but one. A worker may start while its version is being replaced
        and die in the next replacement; then the age of the claim tells."""
        is_others, claimed = another_version.MARK in item, item["claimed"]
        return is_others is not self.are_others or claimed < max(self.replaced[-2], clock.now() - ABANDONED)


@dataclass
class Graveyard:
    """The `Campaigns` port, for looking after one campaign's blocks of workers that have died, and after no other."""

    port: Any
    number: int
    workers: Workers

    def __getattr__(self, name: str) -> Any:
        return getattr(self.port, name)

    def unended(self) -> Sequence[int]:
        return [self.number] if self.number in self.port.unended() else []

    def rows(self, number: int, chunk: int) -> Sequence[Row]:
        items = (item for item in self.items("block#") if int(item["sk"].split("#")[1]) == chunk)
        return [to_row(item) for item in items if "outcomes" in item or self.workers.has_died(item)]

    def left_behind(self) -> list[Row]:
        found = [item for item in self.items("block#") if "outcomes" not in item]
        return [to_row(item) for item in found if self.workers.has_died(item)]

    def items(self, prefix: str) -> Iterator[dynamodb.Item]:
        return dynamodb.query(
            self.port.client,
            TableName=self.port.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues=dynamodb.pack({":pk": pk_of(self.number), ":sk": prefix}),
            ConsistentRead=True,
        )


@dataclass
class Schedules:
    """Runs the schedules continuously instead of every minute."""

    stack: Stack
    graveyard: Graveyard
    _slots: DynamoDBSendLimiter = field(init=False)

    def __post_init__(self) -> None:
        self._slots = send_limiter(self.stack)

    def tick(self) -> None:
        resources, sqs = self.stack.resources, self.stack.client("sqs")
        expand, deliver = (SQSQueue(lambda: sqs, resources[queue]) for queue in ("ExpandQueue", "DeliverQueue"))
        campaigns: Any = self.graveyard
        Sweep(campaigns, self._slots, Waker(campaigns, expand, deliver), stalled_after=STALLED).sweep(clock.now())
        if self._all_are_told_of():
            client, table = self.stack.client("dynamodb"), resources["CampaignsTable"]
            event_store = DynamoDBEventStore(client, table, beat=0, settling=0)  # however young the event stream is
            event_store.mark_alive(clock.now())
            Reconciliation(campaigns, event_store, deliver, Timeouts(worker=0, event=0)).reconcile(clock.now())

    def _all_are_told_of(self) -> bool:
        """Whether the events of all emails of dead workers have arrived, so that a missing event means no email."""
        sent = {
            (row["tags"]["blk"], int(row["tags"]["idx"]))
            for row in accepted(self.stack.ses_url, cid=str(self.graveyard.number))
        }
        left = self.graveyard.left_behind()
        return all(at in row.proven or (row.block.id, at) not in sent for row in left for at in row.block.positions)


def send_limiter(stack: Stack, good_for: int = 60_000) -> DynamoDBSendLimiter:
    account = SESAccount(stack.client("sesv2"))
    return DynamoDBSendLimiter(stack.client("dynamodb"), stack.resources["CampaignsTable"], account, good_for)
