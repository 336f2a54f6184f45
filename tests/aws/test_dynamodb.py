"""Shared by the DynamoDB stores: a failure is never an empty result, and reads are complete."""

import time
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from optout.address import Address
from optout.aws import dynamodb
from optout.aws.suppressions.store import DynamoDBSuppressions
from optout.errors import Unavailable
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.suppressions.check import check
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from tests.support.engine import KEYED_HASH
from tests.support.wire import Answer, Wire

ADA = Address.parse("ada@example.com")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


SILENT: list[Answer] = [
    (400, "ProvisionedThroughputExceededException", "x"),
    (400, "ThrottlingException", "x"),
    (400, "RequestLimitExceeded", "x"),
    (400, "ResourceNotFoundException", "x"),
    (400, "ValidationException", "x"),
    (500, "InternalServerError", "x"),
    (503, "ServiceUnavailable", "x"),
    ReadTimeoutError(endpoint_url="x"),
    EndpointConnectionError(endpoint_url="x"),
]


@pytest.mark.parametrize("answer", SILENT, ids=str)
def test_a_store_that_does_not_answer_is_unavailable_and_never_a_no(answer: Answer) -> None:
    calls: list[Any] = [
        lambda store: check(store, "acme", ADA),
        lambda store: store.get("acme", 5),
        lambda store: store.states("acme", [ADA]),
        lambda store: list(store.history("acme", ADA)),
        lambda store: suppress(store, "acme", ADA, EVERYTHING, Reason.MANUAL, Origin("command")),
    ]
    for call in calls:
        with pytest.raises(Unavailable):
            call(DynamoDBSuppressions(Wire("dynamodb", answer).client, "t", KEYED_HASH))


def test_a_silent_index_that_recovers_half_way_gives_no_no() -> None:
    wire = Wire("dynamodb", {"Items": []}, (500, "InternalServerError", "x"))
    with pytest.raises(Unavailable):
        check(DynamoDBSuppressions(wire.client, "t", KEYED_HASH), "acme", ADA)


def test_the_state_is_read_strongly_consistent() -> None:
    wire = Wire("dynamodb", {"Items": []}, {}, {"Responses": {}})
    store = DynamoDBSuppressions(wire.client, "t", KEYED_HASH)
    check(store, "acme", ADA)
    store.states("acme", [ADA])
    assert wire.requests[1]["ConsistentRead"] is True
    assert wire.requests[2]["RequestItems"]["t"]["ConsistentRead"] is True


def test_what_an_answer_leaves_out_is_asked_for_again() -> None:
    keys = [(f"p{at}", "s") for at in range(3)]
    left = {"t": {"Keys": [{"pk": {"S": "p1"}, "sk": {"S": "s"}}], "ConsistentRead": True}}
    wire = Wire(
        "dynamodb",
        {"Responses": {"t": [{"pk": {"S": "p0"}}]}, "UnprocessedKeys": left},
        {"Responses": {"t": [{"pk": {"S": "p1"}}]}},
    )
    assert [item["pk"] for item in dynamodb.get_many(wire.client, "t", keys)] == ["p0", "p1"]
    assert wire.requests[1]["RequestItems"]["t"]["Keys"] == left["t"]["Keys"]
    assert wire.requests[1]["RequestItems"]["t"]["ConsistentRead"] is True


def test_what_is_always_left_out_is_unavailable() -> None:
    keys: Any = {"Keys": [{"pk": {"S": "p"}, "sk": {"S": "s"}}]}
    wire = Wire("dynamodb", *[{"Responses": {}, "UnprocessedKeys": {"t": keys}}] * 20)
    with pytest.raises(Unavailable):
        list(dynamodb.get_many(wire.client, "t", [("p", "s")]))


def test_a_hundred_keys_go_to_a_call_and_none_twice() -> None:
    wire = Wire("dynamodb", {"Responses": {}}, {"Responses": {}})
    list(dynamodb.get_many(wire.client, "t", [(f"p{at % 150}", "s") for at in range(300)]))
    assert [len(request["RequestItems"]["t"]["Keys"]) for request in wire.requests] == [100, 50]


def test_every_page_of_a_query_is_read() -> None:
    last = {"pk": {"S": "p0"}, "sk": {"S": "s"}}
    wire = Wire("dynamodb", {"Items": [{"n": {"N": "1"}}], "LastEvaluatedKey": last}, {"Items": [{"n": {"N": "2"}}]})
    assert [item["n"] for item in dynamodb.query(wire.client, TableName="t")] == [1, 2]
    assert wire.requests[1]["ExclusiveStartKey"] == last


@given(
    value=st.recursive(
        st.integers(0, 2**53) | st.text(max_size=5) | st.booleans() | st.none(),
        lambda inner: st.dictionaries(st.text(min_size=1, max_size=3), inner, max_size=3),
        max_leaves=6,
    )
)
def test_an_item_is_unpacked_as_it_was_packed(value: Any) -> None:
    assert dynamodb.unpack(dynamodb.pack({"value": value})) == {"value": value}
