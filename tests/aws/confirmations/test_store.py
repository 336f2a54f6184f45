"""Confirmation requests: one contract for the fake and for DynamoDB; and the effect of a lost response."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from optout.address import Address
from optout.aws.confirmations.store import DynamoDBConfirmationRequests
from optout.confirmations.request import ConfirmationRequests, RequestLog
from optout.errors import Conflict
from tests.support.engine import KEYED_HASH, Tables
from tests.support.fakes import InMemoryConfirmationRequests
from tests.support.wire import Wire

ADA = Address.parse("ada@example.com")
FIRST = RequestLog(5, (7,))
SECOND = RequestLog(6, (7, 9))


@pytest.fixture
def confirmation_requests(anywhere: Tables | None) -> Iterator[ConfirmationRequests]:
    if anywhere is None:
        yield InMemoryConfirmationRequests()
    else:
        yield DynamoDBConfirmationRequests(anywhere.client, anywhere.names["SubscribersTable"], KEYED_HASH)


def test_nobody_has_been_asked_at_first(confirmation_requests: ConfirmationRequests) -> None:
    assert confirmation_requests.get("acme", "weekly", ADA) == RequestLog()


def test_what_was_written_is_there_for_every_spelling_of_the_address_and_nowhere_else(
    confirmation_requests: ConfirmationRequests,
) -> None:
    confirmation_requests.put("acme", "weekly", ADA, RequestLog(), FIRST)
    assert confirmation_requests.get("acme", "weekly", Address.parse("Ada@Example.com")) == FIRST
    for place in (("rival", "weekly", ADA), ("acme", "daily", ADA), ("acme", "weekly", Address.parse("a@b.example"))):
        assert confirmation_requests.get(*place) == RequestLog()


def test_who_read_something_older_writes_nothing(confirmation_requests: ConfirmationRequests) -> None:
    confirmation_requests.put("acme", "weekly", ADA, RequestLog(), FIRST)
    confirmation_requests.put("acme", "weekly", ADA, FIRST, SECOND)
    for before in (RequestLog(), FIRST):
        with pytest.raises(Conflict):
            confirmation_requests.put("acme", "weekly", ADA, before, RequestLog(8, (10,)))
    assert confirmation_requests.get("acme", "weekly", ADA) == SECOND


def test_a_claim_that_was_given_back_can_be_taken_again(confirmation_requests: ConfirmationRequests) -> None:
    confirmation_requests.put("acme", "weekly", ADA, RequestLog(), FIRST)
    confirmation_requests.put("acme", "weekly", ADA, FIRST, RequestLog())
    assert confirmation_requests.get("acme", "weekly", ADA) == RequestLog()
    confirmation_requests.put("acme", "weekly", ADA, RequestLog(), FIRST)
    assert confirmation_requests.get("acme", "weekly", ADA) == FIRST


def test_no_address_stands_in_the_table(tables: Tables) -> None:
    DynamoDBConfirmationRequests(tables.client, tables.names["SubscribersTable"], KEYED_HASH).put(
        "acme", "weekly", ADA, RequestLog(), FIRST
    )
    assert "ada" not in str(tables.items("SubscribersTable"))


class Echo(Wire):
    """A table that has taken the first write although its answer was lost."""

    def _answer(self, request: object, **more: object) -> object:  # type: ignore[override]
        if self.requests:
            self.answers.append({"__type": "ConditionalCheckFailedException", "Item": self.requests[0]["Item"]})
        return super()._answer(request, **more)  # type: ignore[arg-type]


def test_a_claim_whose_answer_was_lost_is_ours_when_it_is_tried_again() -> None:
    from botocore.config import Config
    from botocore.exceptions import ReadTimeoutError

    lost = ReadTimeoutError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com")
    wire = Echo("dynamodb", lost, config=Config(retries={"mode": "standard", "total_max_attempts": 2}))
    DynamoDBConfirmationRequests(wire.client, "t", KEYED_HASH).put("acme", "weekly", ADA, RequestLog(), FIRST)
    assert len(wire.requests) == 2
    assert wire.requests[0] == wire.requests[1]


def test_of_many_who_take_one_asking_up_at_once_one_does(engine: Tables) -> None:
    def take(worker: int) -> bool:
        confirmation_requests = DynamoDBConfirmationRequests(
            engine.client, engine.names["SubscribersTable"], KEYED_HASH
        )
        ready.wait()
        try:
            confirmation_requests.put("acme", "weekly", ADA, RequestLog(), RequestLog(5, (worker,)))
        except Conflict:
            return False
        return True

    for _ in range(5):
        ready = Barrier(10)
        with ThreadPoolExecutor(10) as pool:
            assert sum(pool.map(take, range(10))) == 1
        confirmation_requests = DynamoDBConfirmationRequests(
            engine.client, engine.names["SubscribersTable"], KEYED_HASH
        )
        confirmation_requests.put("acme", "weekly", ADA, confirmation_requests.get("acme", "weekly", ADA), RequestLog())
