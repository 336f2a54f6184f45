"""Rows of the list as these tests need them: made at a chosen time, in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mirasvit.search.criteria import Condition, Field, Filter, SearchCriteria
from mirasvit.search.plan import plan
from optout.address import Address
from optout.number import EPOCH
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.suppressions.reason import Reason
from optout.suppressions.search import find
from optout.suppressions.suppression import Action, Cause, Change, Suppression, Suppressions
from tests.support.fakes.suppressions import InMemorySuppressions

WORKSPACE = "acme"
NOON = 1_787_572_800_000  # 2026-08-24 12:00:00


@dataclass(frozen=True)
class Row:
    """What a test says about a row; times in epoch milliseconds."""

    email: str = "ada@reader.example"
    scope: Scope = EVERYTHING
    created: int = NOON
    modified: int = NOON

    def at(self, number: int) -> Suppression:
        address = Address.parse(self.email)
        cause = Cause(Reason.UNSUBSCRIBED, self.created, self.modified)
        return Suppression(WORKSPACE, number, address, self.scope, (cause,), "", "", self.created, self.modified)


def number_at(created: int, low: int = 0) -> int:
    """A number of a record made then."""
    return (created - EPOCH << 12) + low


def store(rows: Iterable[Row]) -> InMemorySuppressions:
    """The list with these rows; rows of one millisecond are numbered in their order."""
    made = InMemorySuppressions()
    for low, row in enumerate(sorted(rows, key=lambda row: row.created)):
        record = row.at(number_at(row.created, low))
        before = made.state(WORKSPACE, record.address)
        entry = record.entry
        after = replace(before, version=before.version + 1, in_force={**before.in_force, row.scope: entry})
        made.commit(before, after, Change(Action.SUPPRESSED, after.version, row.created, Origin("test"), record))
    return made


def one(field: str, condition: str, value: str | None = "") -> Filter:
    """A filter."""
    return Filter(Field(field), Condition(condition), value)


def criteria(*groups: Sequence[Filter]) -> SearchCriteria:
    return SearchCriteria(groups)


def found(suppressions: Suppressions, wanted: SearchCriteria) -> list[Suppression]:
    """The rows that a search finds, in its order."""
    return list(find(suppressions, WORKSPACE, plan(wanted)).records)
