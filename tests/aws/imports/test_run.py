"""An addition that dies and goes on, over the fake and over DynamoDB alike."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from optout.address import Address
from optout.aws.imports.store import DynamoDBImports
from optout.imports import control
from optout.imports.job import ADDED, Import, Imports, State, Tally
from optout.imports.run import ImportRun
from optout.runtime.fields import to_address
from optout.subscribers.subscriber import Subscribers
from optout.suppressions.suppression import Suppressions
from tests.support.engine import KEYED_HASH, Tables
from tests.support.fakes import InMemoryQueue, InMemorySubscribers, InMemorySuppressions
from tests.support.fakes.imports import InMemoryFiles, InMemoryImports

SIZE = ADDED + 10  # two batches: a packed one and a small one


class Killed(BaseException):
    """Nothing catches it."""


@dataclass
class DiesAfter:
    """The `Imports` port of a run that dies after so many saves."""

    imports: Imports
    saves: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.imports, name)

    def save(self, *arguments: Any) -> Import:
        saved = self.imports.save(*arguments)
        self.saves -= 1
        if self.saves == 0:
            raise Killed
        return saved


@dataclass
class Stored:
    """The ports of a run, and the subscribers."""

    imports: Any
    subscribers: Subscribers
    suppressions: Suppressions
    files: InMemoryFiles

    def run(self, number: int, imports: Any = None) -> None:
        ImportRun(imports or self.imports, self.files, self.suppressions, to_address).run(number, lambda: 300.0)


@pytest.fixture
def stored(anywhere: Tables | None) -> Stored:
    if anywhere is None:
        subscribers = InMemorySubscribers()
        return Stored(InMemoryImports(subscribers), subscribers, InMemorySuppressions(), InMemoryFiles())
    imports = DynamoDBImports(anywhere.client, anywhere.names["SubscribersTable"], KEYED_HASH)
    return Stored(imports, anywhere.subscribers(), anywhere.suppressions(), InMemoryFiles())


@pytest.mark.parametrize("saves", [1, 2])
def test_who_changes_address_after_a_worker_has_died_is_added_and_counted_once(stored: Stored, saves: int) -> None:
    number = control.begin(stored.imports, "acme", "weekly").number
    stored.files.upload(number, "\n".join(["email", *(f"p{at}@example.com" for at in range(SIZE))]).encode())
    arguments = stored.imports, stored.files, InMemoryQueue(), "acme", number
    control.check(*arguments)
    stored.run(number)
    control.start(*arguments)
    with pytest.raises(Killed):
        stored.run(number, DiesAfter(stored.imports, saves))
    *_, first = stored.subscribers.walk("acme", "weekly")
    moved = replace(first, address=Address.parse("new@example.com"))
    stored.subscribers.change(first, moved)
    stored.run(number)
    job = stored.imports.get(number)
    assert (job.state, job.addition.tally) == (State.FINISHED, Tally(rows=SIZE, new=SIZE))
    emails = [one.address.original for one in stored.subscribers.walk("acme", "weekly")][::-1]
    assert emails == ["new@example.com", *(f"p{at}@example.com" for at in range(1, SIZE))]
