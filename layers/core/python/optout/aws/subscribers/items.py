"""Subscribers as DynamoDB items, in one partition per newsletter.

A subscriber has a number row, and an address row that keeps the address unique. The number row of a batch's first
subscriber may be packed: it contains the rows of the whole batch (``more``), so that one write makes the batch visible.
Readers pass all rows through `unpacked`, so packed and unpacked rows read the same.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

from optout.aws import dynamodb
from optout.aws.dynamodb import Item
from optout.aws.keyed_hash import KeyedHash
from optout.origin import Origin
from optout.subscribers.subscriber import Confirmation, Status, Subscriber

_MORE = "more"


def newsletter_pk(workspace: str, newsletter: str) -> str:
    return f"{workspace}#{newsletter}"


def row_sk(number: int) -> str:
    return f"{number:016d}"


def address_sk(hashed: str) -> str:
    return f"@{hashed}"  # sorts after every number


def address_row(subscriber: Subscriber, hashed: KeyedHash) -> Item:
    return {
        "pk": newsletter_pk(subscriber.workspace, subscriber.newsletter),
        "sk": address_sk(hashed(subscriber.address.key_form)),
        "number": subscriber.number,
    }


def confirmed_pk(workspace: str, newsletter: str) -> str:
    """The partition of a newsletter's confirmations, which are sorted by subscriber and time."""
    return f"{newsletter_pk(workspace, newsletter)}#confirmed"


def confirmed_sk(number: int, at: int) -> str:
    return f"{row_sk(number)}#{at:016d}"


def packed(rows: Sequence[Item]) -> Item:
    """The first row, which contains the others."""
    return {**rows[0], _MORE: json.dumps(rows[1:], ensure_ascii=False, separators=(",", ":"))}


def unpacked(items: Iterable[Item], *, newest_first: bool = False) -> Iterator[Item]:
    """The rows of the items, in the same order, with packed rows unpacked."""
    for item in items:
        rows = [item, *json.loads(item[_MORE])] if _MORE in item else [item]
        yield from reversed(rows) if newest_first else rows


def from_subscriber(subscriber: Subscriber) -> Item:
    return {
        "pk": newsletter_pk(subscriber.workspace, subscriber.newsletter),
        "sk": row_sk(subscriber.number),
        "workspace": subscriber.workspace,
        "newsletter": subscriber.newsletter,
        "number": subscriber.number,
        **dynamodb.from_address(subscriber.address),
        "name": subscriber.name,
        "status": subscriber.status.value,
        "created": subscriber.created,
        **({"former": [dynamodb.from_address(one) for one in subscriber.former]} if subscriber.former else {}),
    }


def to_subscriber(item: Item) -> Subscriber:
    return Subscriber(
        workspace=item["workspace"],
        newsletter=item["newsletter"],
        number=item["number"],
        address=dynamodb.to_address(item),
        name=item["name"],
        status=Status(item["status"]),
        created=item["created"],
        former=tuple(map(dynamodb.to_address, item.get("former", ()))),
    )


def from_confirmation(subscriber: Subscriber, confirmation: Confirmation, hashed: KeyedHash) -> Item:
    origin = confirmation.origin
    return {
        "pk": confirmed_pk(subscriber.workspace, subscriber.newsletter),
        "sk": confirmed_sk(subscriber.number, confirmation.at),
        **dynamodb.from_address(confirmation.address),
        "requested_at": confirmation.requested_at,
        "at": confirmation.at,
        "via": origin.via,
        "actor": origin.actor,
        "user_agent": origin.user_agent,
        "ip_hash": hashed.of_ip(origin.ip),
    }


def to_confirmation(item: Item) -> Confirmation:
    origin = Origin(item["via"], item["actor"], item["user_agent"], item["ip_hash"])
    return Confirmation(dynamodb.to_address(item), item["requested_at"], item["at"], origin)
