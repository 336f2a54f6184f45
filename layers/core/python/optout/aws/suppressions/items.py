"""Records, states and history rows of the suppression list as DynamoDB items."""

import json

from optout.address import Address
from optout.aws import dynamodb
from optout.aws.dynamodb import Item
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.suppressions.reason import Reason
from optout.suppressions.state import AddressState, InForce, Stated
from optout.suppressions.suppression import Action, Cause, Change, Suppression


def records_pk(workspace: str) -> str:
    return f"{workspace}#records"


def lifted_pk(workspace: str) -> str:
    """The partition of the tombstones: one per lifted record, naming the partition of its history."""
    return f"{workspace}#lifted"


def record_sk(number: int) -> str:
    return f"{number:016d}"


def history_sk(version: int) -> str:
    return f"history#{version:08d}"


def naming_text(name: str) -> str:
    """The part of a scope's text that names a topic or namespace, or everything ("*")."""
    return name if name == EVERYTHING.key else json.dumps(name, ensure_ascii=False)


def from_record(record: Suppression) -> Item:
    return {
        "pk": records_pk(record.workspace),
        "sk": record_sk(record.number),
        "workspace": record.workspace,
        "number": record.number,
        **dynamodb.from_address(record.address),
        "scope": record.scope.key,
        "causes": [_from_cause(cause) for cause in record.causes],
        "user_agent": record.user_agent,
        "ip": record.ip,
        "created": record.created,
        "modified": record.modified,
        "revision": record.revision,
    }


def to_record(item: Item) -> Suppression:
    return Suppression(
        workspace=item["workspace"],
        number=item["number"],
        address=dynamodb.to_address(item),
        scope=Scope.parse(item["scope"]),
        causes=_to_causes(item),
        user_agent=item["user_agent"],
        ip=item["ip"],
        created=item["created"],
        modified=item["modified"],
        revision=item["revision"],
    )


def _from_cause(cause: Cause) -> Item:
    return {
        "reason": cause.reason.value,
        "since": cause.since,
        "last": cause.last,
        "via": cause.via,
        "actor": cause.actor,
        "why": cause.why,
    }


def _to_causes(item: Item) -> tuple[Cause, ...]:
    """A row of the first version has one reason, without an origin of its own."""
    if "causes" not in item:
        return (Cause(Reason(item["reason"]), item["created"], item["modified"], why=item["why"]),)
    return tuple(Cause(**{**cause, "reason": Reason(cause["reason"])}) for cause in item["causes"])


def from_in_force(entry: InForce) -> Item:
    reasons = {reason.value: list(stated) for reason, stated in entry.reasons.items()}
    return {"number": entry.number, "since": entry.since, "reasons": reasons}


def _to_in_force(item: Item) -> InForce:
    """An entry of the first version has one reason."""
    stored = item.get("reasons") or {item["reason"]: (item["since"], item["since"])}
    return InForce(item["number"], item["since"], {Reason(name): Stated(*times) for name, times in stored.items()})


def to_state(workspace: str, address: Address, item: Item | None) -> AddressState:
    if item is None:
        return AddressState(workspace, address)
    in_force = {Scope.parse(key): _to_in_force(entry) for key, entry in item["in_force"].items()}
    return AddressState(workspace, address, item["version"], in_force)


def from_change(change: Change, address_pk: str, ip_hash: str) -> Item:
    """A history row: the change with its whole record."""
    item = {
        **from_record(change.record),
        "pk": address_pk,
        "sk": history_sk(change.version),
        "version": change.version,
        "action": change.action.value,
        "about": [reason.value for reason in change.reasons],
        "at": change.at,
        "via": change.origin.via,
        "actor": change.origin.actor,
        "origin_user_agent": change.origin.user_agent,
        "origin_ip": ip_hash,
    }
    return item | {"note": change.note} if change.note else item


def to_change(item: Item) -> Change:
    origin = Origin(item["via"], item["actor"], item["origin_user_agent"], item["origin_ip"])
    action, record, note = Action(item["action"]), to_record(item), item.get("note", "")
    reasons = tuple(map(Reason, item["about"])) if "about" in item else (record.reason,)
    return Change(action, item["version"], item["at"], origin, record, reasons, note)
