"""Campaigns, chunks and blocks as items: one partition per campaign.

    campaign           the campaign itself, its counters (n_…) and its progress
    content#<part>     the templates
    chunk#<chunk>      recipients in audience order, and the position where the walk continues
    open#<chunk>       a chunk in which a recipient may have no final status yet
    block#<chunk>#<index>#<part>   a claim with what events prove (accepted, and a version of the rejections among
                       it), and after the settle its outcomes
    doubt#<chunk>      a chunk with a claimed block that is not settled
    person#<hash>      the one of several subscriptions through which a person is sent to
    feedback#…         a bounce or complaint that was counted

One partition lists the campaigns that have not ended, another one all campaigns of a workspace. A campaign with an
idempotency key has a row under that key. Recipients are JSON text and outcomes compressed JSON: they are read and
written whole, and converting typed maps would cost more than the send itself.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from optout.aws.dynamodb import Item
from optout.campaigns.campaign import Campaign, IdempotencyKey, Parking, ParkReason, State
from optout.campaigns.ledger import Block, Chunk, Cursor, DeliveryStatus, Outcome, Outcomes, Recipient, Row
from optout.campaigns.ramp import Ramp
from optout.messages.link_token import LinkScope
from optout.scope import MessageClass

COUNTER = "n_"
REJECTIONS = "rejections"  # in a block that is not settled: raised with every proof of a rejection
UNENDED = "unended"  # the partition that lists


def pk_of(number: int) -> str:
    return f"{number:016d}"


def workspace_pk(workspace: str) -> str:
    return f"workspace#{workspace}"


def idempotency_pk(key: str) -> str:
    return f"idempotency#{key}"


def chunk_sk(index: int, kind: str = "chunk") -> str:
    return f"{kind}#{index:06d}"


def block_sk(block: Block) -> str:
    return f"block#{block.chunk:06d}#{block.index:04d}#{block.part:02d}"


def index_of(item: Item) -> int:
    """The chunk index of an item."""
    return int(item["sk"].split("#")[1])


def from_cursor(cursor: Cursor | None) -> str:
    return "" if cursor is None else f"{cursor.chunk}|{cursor.newsletter}|{cursor.after}"


def to_cursor(text: str) -> Cursor | None:
    if not text:
        return None
    chunk, newsletter, after = text.split("|")
    return Cursor(int(chunk), newsletter, int(after))


def from_outcomes(outcomes: Outcomes) -> bytes:
    short = {at: from_outcome(outcome) for at, outcome in outcomes.items()}
    return zlib.compress(json.dumps(short, separators=(",", ":")).encode())


def to_outcomes(data: Any) -> dict[int, Outcome]:
    short = json.loads(zlib.decompress(bytes(data)))
    return {int(at): _to_outcome(value) for at, value in short.items()}


def from_outcome(outcome: Outcome) -> str | list[str]:
    """For an email that was sent, only the message id is kept."""
    is_sent = outcome.status is DeliveryStatus.SENT
    return outcome.detail if is_sent else [outcome.status.value, outcome.detail]


def _to_outcome(value: Any) -> Outcome:
    return (
        Outcome(DeliveryStatus.SENT, value) if isinstance(value, str) else Outcome(DeliveryStatus(value[0]), value[1])
    )


def adding(counters: Mapping[str, int]) -> tuple[str, dict[str, str], dict[str, int]]:
    """The ADD clause for counters of a campaign, with its names and values; "" for none."""
    names = {f"#c{i}": COUNTER + name for i, name in enumerate(counters)}
    values = {f":c{i}": n for i, n in enumerate(counters.values())}
    clause = ", ".join(f"#c{i} :c{i}" for i in range(len(counters)))
    return f" ADD {clause}" if clause else "", names, values


def from_claim(number: int, block: Block, mark: str, now: int) -> Item:
    positions = list(block.positions)
    is_range = positions == list(range(positions[0], positions[-1] + 1)) if positions else False
    return {
        "pk": pk_of(number),
        "sk": block_sk(block),
        "at": f"{positions[0]}-{positions[-1]}" if is_range else ",".join(map(str, positions)),
        "mark": mark,
        "claimed": now,
        "accepted": {},
    }


def to_row(item: Item) -> Row:
    _, chunk, index, part = item["sk"].split("#")
    block = Block(int(chunk), int(index), int(part), _to_positions(item["at"]))
    outcomes = to_outcomes(item["outcomes"]) if "outcomes" in item else None
    proven = {int(at): _to_outcome(value) for at, value in item.get("accepted", {}).items()}
    return Row(block, item["claimed"], outcomes, proven)


def _to_positions(text: str) -> Sequence[int]:
    first, dash, last = text.partition("-")
    if dash:
        return tuple(range(int(first), int(last) + 1))
    return tuple(int(at) for at in text.split(",") if at)


def from_chunk(number: int, chunk: Chunk) -> Item:
    people = [[person.number, person.email, person.name] for person in chunk.recipients]
    return {
        "pk": pk_of(number),
        "sk": chunk_sk(chunk.index),
        "recipients": json.dumps(people, ensure_ascii=False, separators=(",", ":")),
        "next": from_cursor(chunk.next),
        "block_size": chunk.block_size,
        "start": chunk.start,
        "newsletter": chunk.newsletter,
    }


def to_chunk(item: Item) -> Chunk:
    people = tuple(Recipient(*person) for person in json.loads(item["recipients"]))
    return Chunk(
        index_of(item),
        people,
        to_cursor(item["next"]),
        item["block_size"],
        item.get("start", 0),
        item.get("newsletter", ""),
    )


def from_campaign(campaign: Campaign) -> Item:
    return {
        "pk": pk_of(campaign.number),
        "sk": "campaign",
        "number": campaign.number,
        "workspace": campaign.workspace,
        "sender": campaign.sender,
        "topic": campaign.topic,
        "message_class": campaign.message_class.value,
        "link_scope": int(campaign.link_scope),
        "test_recipient": campaign.test_recipient,
        "query": campaign.query,
        "state": campaign.state.value,
        "walked_to": from_cursor(campaign.cursor),
        "chunks": campaign.chunks,
        "audience": 0,
        "progress": campaign.progress,
        "enqueued_at": campaign.enqueued_at,
        "attempts": campaign.attempts,
        "not_before": campaign.not_before,
        "ramp": from_ramp(campaign.ramp),
    }


def to_campaign(item: Item) -> Campaign:
    counters = {name.removeprefix(COUNTER): n for name, n in item.items() if name.startswith(COUNTER)}
    return Campaign(
        number=item["number"],
        workspace=item["workspace"],
        sender=item["sender"],
        topic=item["topic"],
        message_class=MessageClass(item["message_class"]),
        link_scope=LinkScope(item["link_scope"]),
        test_recipient=item["test_recipient"],
        query=item["query"],
        state=State(item["state"]),
        cursor=to_cursor(item["walked_to"]),
        chunks=item["chunks"],
        counters={**counters, "audience": item["audience"]},
        parking=_to_parking(item.get("parking")),
        progress=item["progress"],
        enqueued_at=item["enqueued_at"],
        attempts=item["attempts"],
        not_before=item.get("not_before", 0),
        ramp=_to_ramp(item.get("ramp")),
        excused=item.get("excused", {}),
    )


def from_listing(campaign: Campaign) -> Item:
    return {"pk": workspace_pk(campaign.workspace), "sk": pk_of(campaign.number)}


def from_idempotency_key(idempotency_key: IdempotencyKey, number: int) -> Item:
    return {
        "pk": idempotency_pk(idempotency_key.key),
        "sk": "key",
        "digest": idempotency_key.digest,
        "campaign": number,
    }


def to_idempotency_key(key: str, item: Item) -> tuple[IdempotencyKey, int]:
    return IdempotencyKey(key, item["digest"]), item["campaign"]


def from_ramp(ramp: Ramp | None) -> Item | None:
    return {"released": ramp.released, "ripe": ramp.ripe} if ramp else None


def _to_ramp(item: Item | None) -> Ramp | None:
    return Ramp(item["released"], item["ripe"]) if item else None


def from_parking(parking: Parking) -> Item:
    return {"reason": parking.reason.value, "cause": parking.cause, "until": parking.until}


def _to_parking(item: Item | None) -> Parking | None:
    return Parking(ParkReason(item["reason"]), item["cause"], item["until"]) if item else None
