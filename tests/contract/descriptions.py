"""What the shared contract needs to know of each dialect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import letterbucket.dialect
import mirasvit.dialect
import repzo.dialect
import rocketchat.dialect
from optout import errors, number
from optout.address import Address
from optout.scope import Mail
from optout.wiring.subscribers import subscribers
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.calls import Answer, call

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Described:
    """One dialect: how it refuses, how somebody leaves by it, and how it shows that somebody has left."""

    module: ModuleType
    statuses: Mapping[type[errors.OptoutError], int]
    required: frozenset[str]
    optional: frozenset[str]
    leave: Callable[[str], Answer]
    shows: Callable[[str, Headers], bool]
    reader: str  # the function that reads one record, and the table it reads
    table: str
    base: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    lift: Callable[[str], Answer] | None = None  # of one record, by its id in the dialect's spelling

    @property
    def name(self) -> str:
        return str(self.module.name)

    def body_is_valid(self, body: object) -> bool:
        return isinstance(body, dict) and self.required <= body.keys() <= self.required | self.optional


COMMON: dict[type[errors.OptoutError], int] = {
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.Invalid: 400,
    errors.TooLarge: 413,
    errors.TooBroad: 400,
    errors.NoSuchRoute: 404,
    errors.NotFound: 404,
    errors.Throttled: 429,
    errors.Unavailable: 503,
    errors.InternalError: 500,
}


def _repzo_leave(email: str) -> Answer:
    return call("repzo.create", json_body={"email": email})


def _repzo_lift(record_id: str) -> Answer:
    return call("repzo.delete", path_id=record_id)


def _repzo_shows(email: str, credentials: Headers) -> bool:
    answer = call("repzo.check", json_body={"email": email}, credentials=credentials)
    return bool(answer.json["data"]["is_unsubscribed"])


def _mirasvit_leave(email: str) -> Answer:
    return call("mirasvit.create", json_body={"unsubscription": {"email": email}})


def _mirasvit_shows(email: str, credentials: Headers) -> bool:
    """Its rows are read by id: those of the address that are in force and that it can say."""
    workspaces = {str(own): name for name, own in ((examples.WORKSPACE, MIRASVIT), (examples.OTHER_WORKSPACE, OTHER))}
    in_force = suppressions().state(workspaces[str(credentials)], Address.parse(email)).in_force
    ids = [str(entry.number) for entry in in_force.values()]
    return any(call("mirasvit.get", path_id=row, credentials=credentials).status == 200 for row in ids)


MIRASVIT, OTHER = examples.MIRASVIT, examples.OTHER_MIRASVIT


def _subscriber(email: str, workspace: str) -> Any:
    return subscribers().for_email(workspace, Address.parse(email))


def _letterbucket_leave(email: str) -> Answer:
    subscriber = _subscriber(email, examples.WORKSPACE)
    return call("letterbucket.unsubscribe", path_id=number.to_uuid(subscriber.number))


def _letterbucket_shows(email: str, credentials: Headers) -> bool:
    own = credentials == examples.LETTERBUCKET
    subscriber = _subscriber(email, examples.WORKSPACE if own else examples.OTHER_WORKSPACE)
    answer = call("letterbucket.get", path_id=number.to_uuid(subscriber.number), credentials=credentials)
    return bool(answer.json["data"]["status"] == "unsubscribed")


def _rocketchat_leave(email: str) -> Answer:
    subscriber = _subscriber(email, examples.WORKSPACE)
    body = {"_id": number.to_meteor_id(subscriber.number), "createdAt": str(subscriber.created)}
    return call("rocketchat.unsubscribe", json_body=body)


def _rocketchat_shows(email: str, credentials: Headers) -> bool:
    """It has no question of its own: who has left is not in the mailer's next audience."""
    workspace = examples.WORKSPACE if credentials == examples.ROCKETCHAT else examples.OTHER_WORKSPACE
    state = suppressions().state(workspace, Address.parse(email))
    return state.stopping(Mail("newsletter:weekly")) is not None


DIALECTS = [
    Described(
        repzo.dialect,
        {**COMMON, errors.Unprocessable: 422, errors.Protected: 403},
        frozenset({"success", "error"}),
        frozenset(),
        _repzo_leave,
        _repzo_shows,
        "repzo.get",
        "SuppressionsTable",
        "/v1/mail-unsubscribe",
        lift=_repzo_lift,
    ),
    Described(
        letterbucket.dialect,
        {**COMMON, errors.Unprocessable: 422, errors.AlreadySubscribed: 422, errors.Protected: 422},
        frozenset({"success", "code", "message"}),
        frozenset({"errors"}),
        _letterbucket_leave,
        _letterbucket_shows,
        "letterbucket.get",
        "SubscribersTable",
        "/api/v1/subscribers",
    ),
    Described(
        mirasvit.dialect,
        {**COMMON, errors.Forbidden: 401, errors.Protected: 400, errors.BadAddress: 400},
        frozenset({"message"}),
        frozenset({"parameters", "errors"}),
        _mirasvit_leave,
        _mirasvit_shows,
        "mirasvit.get",
        "SuppressionsTable",
        "/rest/V1/mst-email",
    ),
    Described(
        rocketchat.dialect,
        {**COMMON, errors.BadSender: 400, errors.MissingUnsubscribeLink: 400, errors.TooManyCampaigns: 400},
        frozenset({"success", "error"}),
        frozenset({"errorType", "details", "status", "message"}),
        _rocketchat_leave,
        _rocketchat_shows,
        "rocketchat.unsubscribe",
        "SubscribersTable",
        "/api/v1/mailer",
    ),
]
