"""Writes to DynamoDB that lose, cross others, or lose their answer."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from optout.address import Address
from optout.aws.campaigns.store import DynamoDBCampaigns
from optout.aws.subscribers.store import DynamoDBSubscribers
from optout.aws.suppressions.store import DynamoDBSuppressions
from optout.campaigns.campaign import Campaign, State
from optout.campaigns.ledger import CHUNK, Block, Chunk, DeliveryStatus, Outcome, Recipient
from optout.errors import AlreadySubscribed, Conflict, OptoutError, Unavailable
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.subscribers.subscriber import Status, Subscriber
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from tests.support.engine import KEYED_HASH, Tables
from tests.support.wire import Answer, Wire

BLOCK = Block(0, 0, 0, (0, 1))
SENT = {0: Outcome(DeliveryStatus.SENT, "id")}
CAMPAIGN = Campaign(7, "acme", "news@example.com", None)
CONDITION = 400, "ConditionalCheckFailedException", "x"
ROW = Subscriber("acme", "weekly", 5, Address.parse("ada@example.com"), None, Status.ACTIVE, 1000)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def cancelled(*codes: str) -> Mapping[str, Any]:
    """A transaction that failed, with a code per write."""
    reasons = [{"Code": code} for code in codes]
    return {"__type": "TransactionCanceledException", "message": "x", "CancellationReasons": reasons}


def campaigns(*answers: Answer) -> tuple[DynamoDBCampaigns, Wire]:
    wire = Wire("dynamodb", *answers)
    return DynamoDBCampaigns(wire.client, "t", KEYED_HASH), wire


def test_a_write_that_crossed_a_transaction_is_tried_again() -> None:
    conflict = 400, "TransactionConflictException", "x"
    store, wire = campaigns(conflict, conflict, {})
    assert store.move(CAMPAIGN, State.CANCELLED)
    assert len(wire.requests) == 3


def test_a_failed_condition_is_final() -> None:
    store, wire = campaigns(CONDITION)
    assert not store.move(CAMPAIGN, State.CANCELLED)
    assert len(wire.requests) == 1


def test_a_settle_that_crossed_others_is_tried_again_as_it_was() -> None:
    store, wire = campaigns(cancelled("None", "TransactionConflict"), {})
    assert store.settle(7, BLOCK, SENT)
    assert wire.requests[0]["TransactItems"] == wire.requests[1]["TransactItems"]


def test_a_settle_that_always_crosses_others_is_not_taken_for_settled_before() -> None:
    store, wire = campaigns(*[cancelled("None", "TransactionConflict")] * 12)
    with pytest.raises(Unavailable):
        store.settle(7, BLOCK, SENT)
    assert not wire.answers


@pytest.mark.parametrize("other", ["None", "TransactionConflict"])
def test_a_settle_whose_condition_failed_was_settled_before(other: str) -> None:
    settled = {"Item": {"pk": {"S": "7"}, "outcomes": {"B": "eA=="}}}
    store, _ = campaigns(cancelled("ConditionalCheckFailed", other), settled)
    assert not store.settle(7, BLOCK, SENT)


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_was_throttled_is_tried_again(code: str) -> None:
    store, wire = campaigns(cancelled(code, "None"), {})
    assert store.settle(7, BLOCK, SENT)
    assert not wire.answers


IN_PROGRESS = 400, "TransactionInProgressException", "x"


def test_all_attempts_of_one_transaction_carry_one_token_and_another_has_another() -> None:
    """DynamoDB answers a repeated token with the success of the first attempt: no attempt loses to its own success."""
    store, wire = campaigns(IN_PROGRESS, cancelled("None", "TransactionConflict"), IN_PROGRESS, {}, {})
    assert store.settle(7, BLOCK, SENT)
    assert store.settle(7, BLOCK, SENT)
    *first, second = [request["ClientRequestToken"] for request in wire.requests]
    assert len(set(first)) == 1
    assert second not in first


def claim(store: DynamoDBCampaigns) -> bool:
    return store.claim(7, BLOCK).won


def settle_and_claim(store: DynamoDBCampaigns) -> bool:
    return store.settle_and_claim(7, BLOCK, SENT, Block(0, 1, 0, (2,))).won


@pytest.mark.parametrize("way", [claim, settle_and_claim])
def test_a_claim_that_is_in_progress_is_asked_about_again_and_not_made_again(
    way: Callable[[DynamoDBCampaigns], bool],
) -> None:
    store, wire = campaigns(IN_PROGRESS, {})
    assert way(store)
    assert wire.requests[0] == wire.requests[1]


def test_a_campaign_whose_storing_is_in_progress_is_stored_once() -> None:
    store, wire = campaigns(IN_PROGRESS, {})
    store.create(CAMPAIGN, {"subject": "Hello"})
    assert wire.requests[0] == wire.requests[1]


def test_an_opt_out_that_is_in_progress_is_written_once() -> None:
    wire = Wire("dynamodb", {"Items": []}, IN_PROGRESS, {})
    suppressions = DynamoDBSuppressions(wire.client, "t", KEYED_HASH)
    suppress(suppressions, "acme", ROW.address, EVERYTHING, Reason.ONE_CLICK, Origin("link"))
    assert wire.requests[-1] == wire.requests[-2]


def test_a_transaction_that_stays_in_progress_is_unavailable_and_not_lost() -> None:
    wire = Wire("dynamodb", {"Items": []}, *[IN_PROGRESS] * 8)
    with pytest.raises(Unavailable):
        DynamoDBSubscribers(wire.client, "t", KEYED_HASH).add(ROW)
    assert not wire.answers


@pytest.mark.parametrize(
    ("answer", "fact"),
    [
        (cancelled("ConditionalCheckFailed", "None"), AlreadySubscribed),
        (cancelled("ConditionalCheckFailed", "ConditionalCheckFailed"), AlreadySubscribed),
        (cancelled("None", "ConditionalCheckFailed"), Conflict),
        (cancelled("ThrottlingError", "None"), Conflict),
    ],
    ids=["address", "both", "number", "throttled"],
)
def test_adding_somebody_tells_the_address_from_the_number(answer: Answer, fact: type[OptoutError]) -> None:
    taken = {"Responses": {"t": [{"pk": {"S": "acme#weekly"}, "sk": {"S": "@"}, "number": {"N": "4"}}]}}
    wire = Wire("dynamodb", {"Items": []}, answer, taken)  # the newsletter's fence, the transaction, the existing rows
    with pytest.raises(fact):
        DynamoDBSubscribers(wire.client, "t", KEYED_HASH).add(ROW)


def test_a_cancelled_campaign_that_never_was_leaves_nothing(tables: Tables) -> None:
    assert not tables.campaigns().move(CAMPAIGN, State.CANCELLED)
    assert tables.items("CampaignsTable") == []


def test_a_full_chunk_is_stored(tables: Tables) -> None:
    store, name = tables.campaigns(), "\u00e9" * 60
    chunk = Chunk(0, tuple(Recipient(2**52 + at, f"{at:040d}@example.com", name) for at in range(CHUNK)), None)
    store.put_chunk(7, chunk)
    assert store.chunk(7, 0) == chunk
