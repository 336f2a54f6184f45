"""MongoDB's matching over the few fields, as naively as it can be said: the yardstick for `optout.selector`."""

import re
from datetime import datetime
from typing import Any

from optout.subscribers.subscriber import Subscriber

MISSING = None


def matches(query: dict[str, Any], subscriber: Subscriber, status: str) -> bool:
    """Whether a subscriber is selected by a query that is already known to be valid."""
    person = {
        "email": subscriber.address.original.encode().lower().decode(),
        "name": subscriber.name,
        "username": subscriber.address.local.encode().lower().decode(),
        "active": status == "active",
        "status": status,
        "createdAt": ("date", subscriber.created),
        "newsletter": subscriber.newsletter,
    }
    return _all(query, person)


def _all(query: dict[str, Any], person: dict[str, Any]) -> bool:
    for key, wanted in query.items():
        if key == "$and":
            fine = all(_all(part, person) for part in wanted)
        elif key == "$or":
            fine = any(_all(part, person) for part in wanted)
        elif key == "$nor":
            fine = not any(_all(part, person) for part in wanted)
        else:
            name = "email" if key == "emails.address" else key
            fine = _field(wanted, person[name], name in ("email", "username"))
        if not fine:
            return False
    return True


def _field(wanted: Any, found: Any, is_email: bool) -> bool:
    if not isinstance(wanted, dict) or "$date" in wanted:
        return _equal(_literal(wanted, is_email), found)
    return all(
        _operator(name, operand, wanted.get("$options"), found, is_email)
        for name, operand in wanted.items()
        if name != "$options"
    )


def _operator(name: str, operand: Any, options: str | None, found: Any, is_email: bool) -> bool:
    if name == "$not":
        return not _field(operand, found, is_email)
    if name == "$exists":
        return (found is not MISSING) == bool(operand)
    if name in ("$in", "$nin"):
        return any(_equal(_literal(one, is_email), found) for one in operand) == (name == "$in")
    if name == "$regex":
        return isinstance(found, str) and bool(re.search(operand, found, re.I if options == "i" or is_email else 0))
    literal = _literal(operand, is_email)
    if name == "$eq":
        return _equal(literal, found)
    if name == "$ne":
        return not _equal(literal, found)
    if name in ("$gte", "$lte") and _equal(literal, found):
        return True
    if type(literal) is not type(found) or literal is None:
        return False
    return bool(found > literal) if name in ("$gt", "$gte") else bool(found < literal)


def _equal(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _literal(value: Any, is_email: bool) -> Any:
    if isinstance(value, dict):
        at = value["$date"]
        if isinstance(at, dict):
            at = int(at["$numberLong"])
        elif isinstance(at, str):
            at = round(datetime.fromisoformat(at).timestamp() * 1000)
        return ("date", at)
    if isinstance(value, str) and is_email:
        return value.encode().lower().decode()
    return value
