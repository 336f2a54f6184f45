"""Fences: the open fence always knows the total, with any writers and any cached fences."""

from collections import Counter
from random import Random

import pytest

from optout.aws import dynamodb, fences
from optout.aws.dynamodb import Lost
from optout.aws.fences import EVERY, Fences, Rows, counted
from tests.support.engine import Tables


@pytest.fixture(autouse=True)
def _five_fill_a_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fences, "FULL", 5)


class Clerk:
    """One process, whose cached open fence may be stale."""

    def __init__(self, tables: Tables) -> None:
        self.client = tables.client
        self.fences = Fences(tables.client, tables.names["SubscribersTable"])

    def add(self, count: int, counters: tuple[str, ...] = (EVERY,)) -> int:
        """The number of the first of some new rows."""
        while True:
            first = self.fences.next_number("list")
            rows = Rows("list", first, first + count - 1, count, counters)
            if self._wrote(self.fences.adding(rows)):
                self.fences.note(rows)
                return first

    def remove(self, row: int, counters: tuple[str, ...] = (EVERY,)) -> None:
        while not self._wrote(self.fences.removing("list", row, counters)):
            pass

    def _wrote(self, writes: object) -> bool:
        try:
            with dynamodb.map_errors():
                self.client.transact_write_items(TransactItems=writes)  # type: ignore[arg-type]
        except Lost:
            self.fences.forget("list")
            return False
        return True


def total(tables: Tables) -> dict[str, int]:
    """The total of the open fence, which must equal the sum of all fences."""
    found = Fences(tables.client, tables.names["SubscribersTable"])
    newest = next(found.newest("list", 1))
    for name, count in newest.through.items():
        assert counted(found.all("list"), name) == count
    return dict(newest.through)


@pytest.mark.parametrize("seed", range(3))
def test_the_open_fence_knows_the_total_whoever_adds_and_removes(tables: Tables, seed: int) -> None:
    random, clerks = Random(seed), [Clerk(tables) for _ in range(3)]
    there: dict[int, tuple[str, ...]] = {}
    for _ in range(40):
        clerk = random.choice(clerks)
        if there and random.random() < 0.4:
            row = random.choice(list(there))
            clerk.remove(row, there.pop(row))
        else:
            counters = random.choice([(EVERY,), (EVERY, "some")])
            count = random.choice([1, 1, 1, 3, 8])
            first = clerk.add(count, counters)
            there |= {first + at: counters for at in range(count)}
        expected = Counter(name for counters in there.values() for name in counters)
        assert Counter(total(tables)) == expected


def test_what_was_removed_since_is_not_taken_over_into_the_next_fence(tables: Tables) -> None:
    one, other = Clerk(tables), Clerk(tables)
    first = one.add(5)
    other.remove(first)  # the one still remembers five
    one.add(1)
    one.add(1)
    assert total(tables) == {EVERY: 6}


def test_what_came_before_and_was_removed_since_is_not_taken_over_either(tables: Tables) -> None:
    one, other = Clerk(tables), Clerk(tables)
    first = one.add(5)
    one.add(5)
    other.remove(first)
    one.add(1)
    assert total(tables) == {EVERY: 10}
