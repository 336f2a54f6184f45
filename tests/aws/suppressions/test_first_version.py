"""Rows that were written before a record kept several reasons: each is read as one reason, and takes another one."""

from collections.abc import Iterator
from typing import Any

import pytest

from optout.address import Address
from optout.aws.dynamodb import pack, unpack
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.suppressions.reason import Reason
from optout.suppressions.state import Stated
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Action, Cause, Suppressions
from tests.support.engine import Tables

ADA = Address.parse("Ada@Example.com")
ORIGIN = Origin("link", "cid", "Mail/1.0", "192.0.2.7")


@pytest.fixture
def store(tables: Tables) -> Suppressions:
    """One person, with the rows as the first version wrote them."""
    store = tables.suppressions()
    suppress(store, "acme", ADA, EVERYTHING, Reason.UNSUBSCRIBED, ORIGIN, why="Too many")
    for item in items(tables):
        if causes := item.pop("causes", None):
            item |= {"reason": causes[0]["reason"], "why": causes[0]["why"]}
        for entry in item.get("in_force", {}).values():
            entry["reason"] = next(iter(entry.pop("reasons")))
        item.pop("about", None)
        tables.client.put_item(TableName=tables.names["SuppressionsTable"], Item=pack(item))
    return store


def items(tables: Tables) -> Iterator[dict[str, Any]]:
    found = tables.client.scan(TableName=tables.names["SuppressionsTable"], ConsistentRead=True)
    return map(unpack, found["Items"])


def test_a_row_of_the_first_version_is_one_reason(store: Suppressions) -> None:
    (record,) = store.for_email("acme", ADA)
    at = record.created
    assert record.causes == (Cause(Reason.UNSUBSCRIBED, at, at, why="Too many"),)
    assert store.get("acme", record.number) == record
    assert store.state("acme", ADA).in_force[EVERYTHING].reasons == {Reason.UNSUBSCRIBED: Stated(at, at)}


def test_a_history_of_the_first_version_is_about_the_reason_of_its_record(store: Suppressions) -> None:
    (change,) = store.history("acme", ADA)
    assert (change.action, change.reasons, change.record.why) == (
        Action.SUPPRESSED,
        (Reason.UNSUBSCRIBED,),
        "Too many",
    )


def test_a_record_of_the_first_version_takes_another_reason(store: Suppressions) -> None:
    done = suppress(store, "acme", ADA, EVERYTHING, Reason.BOUNCED, ORIGIN)
    assert done.action is Action.STRENGTHENED
    assert done.record.reasons == {Reason.UNSUBSCRIBED, Reason.BOUNCED}
    assert list(store.for_email("acme", ADA)) == [done.record]
