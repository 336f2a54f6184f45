"""Short ways to ask our own API, and to bring about what it is asked about."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from optout.address import Address
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Change, Suppression
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.calls import Answer, Event, call, load

ADA = "ada@reader.example"
LEFT = "left@reader.example"


def stop(
    email: str = ADA,
    scope: Scope = EVERYTHING,
    reason: Reason = Reason.UNSUBSCRIBED,
    *,
    why: str = "",
    via: str = "feedback",
    workspace: str = examples.WORKSPACE,
    repeat: bool = False,
) -> Suppression:
    """Somebody leaves, or is taken off the list."""
    origin = Origin(via, "an-actor", "Mail/1.0", "192.0.2.7")
    address = Address.parse(email)
    return suppress(suppressions(), workspace, address, scope, reason, origin, why=why, repeat=repeat).record


def changes(email: str = ADA) -> list[Change]:
    """What the store says happened to an address."""
    return list(suppressions().history(examples.WORKSPACE, Address.parse(email)))


def check(*entries: Mapping[str, Any], credentials: Mapping[str, str] = examples.NATIVE) -> Answer:
    """Ask about mails to ADA, or to whom an entry names."""
    body = {"addresses": [{"email": ADA, **entry} for entry in entries]}
    return call("native.suppressions.check", json_body=body, credentials=credentials)


def history(record: object, credentials: Mapping[str, str] = examples.NATIVE) -> Answer:
    return call("native.suppressions.history", path_id=str(record), credentials=credentials)


def explain(
    email: str = ADA, query: str = "", credentials: Mapping[str, str] = examples.NATIVE, **parameters: str
) -> Answer:
    raw = urlencode({"email": email, **parameters}) + (f"&{query}" if query else "")
    return call("native.suppressions.explain", asked("native.suppressions.explain", raw), credentials=credentials)


def explain_by_path(path: str) -> Answer:
    """Ask as an HTTP API hands it over: the path decoded but for %25."""
    function = "native.suppressions.explain_by_path"
    return call(function, asked(function, ""), path_id=path)


def asked(function: str, query: str) -> Event:
    """The function's event with this query: as it was written, and decoded."""
    event, given = load(function), parse_qsl(query, keep_blank_values=True)
    event["rawQueryString"] = query
    event["queryStringParameters"] = {
        name: ",".join(value for other, value in given if other == name) for name, _ in given
    }
    return event
