"""The cost of delivering a thousand emails, as counts that do not depend on the machine."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from optout.campaigns.campaign import Campaign, State
from optout.campaigns.ledger import BLOCK, CHUNK, Block, Chunk, Cursor, DeliveryStatus, Outcome, Recipient
from optout.campaigns.screen import Message
from optout.delivery.deliver import Delivery
from optout.number import new as new_number
from optout.provider.send_rate import Account
from optout.scope import MessageClass
from tests.support.engine import Tables

MAILS = 1_000
NUMBER = 2**52 + 5


class Sender:
    """Takes everything, and answers with ids of SES's length."""

    def send(
        self, campaign: Campaign, content: Mapping[str, str], block: Block, messages: Sequence[Message]
    ) -> Mapping[int, Outcome]:
        return {message.position: Outcome(DeliveryStatus.SENT, self._id()) for message in messages}

    @staticmethod
    def _id() -> str:
        one, two, three, four, five = (secrets.token_hex(size) for size in (4, 2, 2, 2, 6))
        return f"0107019f4d5c6b7a-{one}-{two}-{three}-{four}-{five}-000000"


class Rich:
    """A provider without a rate limit."""

    def account(self) -> Account:
        return Account(100_000.0, -1, 0)


def campaign(tables: Tables) -> Delivery:
    """A campaign whose audience has been walked."""
    campaigns = tables.campaigns()
    campaigns.create(Campaign(NUMBER, "acme", "news@example.com", None), {"subject": "s", "html": "h", "text": "t"})
    before: Cursor = Cursor()
    for index in range(MAILS // CHUNK):
        people = tuple(Recipient(new_number(), f"person.{index}.{at}@example.com", "Ada") for at in range(CHUNK))
        after = Cursor(index + 1, "weekly", 1) if (index + 1) * CHUNK < MAILS else None
        chunk = Chunk(index, people, after)
        campaigns.put_chunk(NUMBER, chunk)
        assert campaigns.advance(NUMBER, before, chunk)
        before = after or before
    send_limiter = tables.send_limiter(Rich())
    send_limiter.lease(1, 1, MessageClass.MARKETING)  # the account is read once a minute, for all workers
    return Delivery(campaigns, tables.suppressions(), send_limiter, Sender())


def size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Bytes, a little too many rather than too few."""
    return sum(len(name) + len(next(iter(value.values()))) + 3 for name, value in item.items() if "M" not in value)


def test_a_mail_costs_a_twelfth_of_a_request_and_a_third_of_a_write_unit(tables: Tables) -> None:
    delivery, calls, units = campaign(tables), Counter[str](), Counter[str]()

    def note(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        calls[model.name] += 1
        if model.name == "TransactWriteItems":
            units["write"] += 2 * len(params["TransactItems"])  # of 1 KB each, as all but the outcomes are
        elif model.name in ("PutItem", "UpdateItem", "DeleteItem"):
            units["write"] += 1

    tables.client.meta.events.register("before-parameter-build.dynamodb", note)
    for index in range(MAILS // CHUNK):
        delivery.deliver(NUMBER, index, lambda: 900.0)
    sends, requests = MAILS // BLOCK, calls.total()
    blocks = [item for item in tables.items("CampaignsTable") if item["sk"]["S"].startswith("block#")]
    units["write"] += 2 * sum(ceil(size(item) / 1024) - 1 for item in blocks)
    found = delivery.campaigns.get(NUMBER)
    assert found
    assert (found.state, found.counters["sent"]) == (State.FINISHED, MAILS)
    assert (requests + sends) / MAILS <= 0.08, calls
    assert units["write"] / MAILS <= 0.3, units
