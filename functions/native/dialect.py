"""Authentication and error format of the native API: a bearer key; errors with a code, a message and details."""

from collections.abc import Mapping
from typing import Any

from optout.access.credential import Credential, Credentials, require_known
from optout.access.limit import Limits, Window
from optout.errors import (
    AlreadyStarted,
    AlreadySubscribed,
    BadAddress,
    BadSender,
    BadToken,
    ConflictingState,
    FileChanged,
    Forbidden,
    Invalid,
    KeyReused,
    Malformed,
    MissingUnsubscribeLink,
    NoSuchRoute,
    NotChecked,
    NotFound,
    NotUploaded,
    OptoutError,
    Protected,
    Throttled,
    TooBroad,
    TooLarge,
    TooManyCampaigns,
    Unauthenticated,
    Unavailable,
    Unprocessable,
    WrongEncoding,
    WrongState,
)
from optout.web.dialect import ErrorResponse
from optout.web.request import Incoming, bearer

name = "native"
content_type = "application/json"
headers: Mapping[str, str] = {}
reads_json = True
lenient_json = False
# A test goes to any address, without a canary and without a breaker.
TESTS = "campaigns.test"
limits = Limits({TESTS: (Window(60, 10), Window(86_400, 200))})

_PLAIN: list[tuple[type[OptoutError], int, str, str]] = [  # the first match applies
    (Unauthenticated, 401, "unauthenticated", "A valid key is required: Authorization: Bearer KEY."),
    (NoSuchRoute, 404, "no_such_route", "No endpoint has this method and path."),
    (NotFound, 404, "not_found", "There is no such record."),
    (Protected, 403, "protected", "This is a hard bounce or a complaint. Changing it needs the permission 'override'."),
    (AlreadySubscribed, 409, "already_subscribed", "The newsletter already has a subscriber with this address."),
    (
        KeyReused,
        409,
        "idempotency_key_reused",
        "This Idempotency-Key was already used for a different request. Use a new one.",
    ),
    (NotUploaded, 409, "not_uploaded", "The file of this import has not been uploaded."),
    (NotChecked, 409, "not_checked", "Run the check first and wait until it has finished."),
    (FileChanged, 409, "changed", "The file has changed since the check. Check it again."),
    (AlreadyStarted, 409, "started", "This import has been started. Its file can no longer be checked."),
    (ConflictingState, 409, "conflict", "This conflicts with the current state of the resource."),
    (BadAddress, 400, "bad_address", "This is not an email address."),
    (BadSender, 403, "bad_sender", "This key may not send from that address."),
    (
        MissingUnsubscribeLink,
        400,
        "missing_unsubscribe_link",
        "The body of the email must contain the unsubscribe link: [unsubscribe].",
    ),
    (BadToken, 400, "bad_token", "The token is not valid."),
]
_INVALID: list[tuple[type[Invalid], int, str, str]] = [
    (TooLarge, 413, "too_large", "The request body is too large."),
    (WrongEncoding, 400, "malformed", "The request body is not UTF-8."),
    (Malformed, 400, "malformed", "The request body is not valid JSON."),
    (Unprocessable, 422, "unprocessable", "The request is well-formed, but a value in it is not accepted."),
    (Invalid, 400, "invalid", "The request is not valid."),
]


def authenticate(incoming: Incoming, credentials: Credentials) -> Credential:
    """``Authorization: Bearer`` with a key of this API."""
    return require_known(credentials, bearer(incoming.headers), name)


def refuse(error: OptoutError) -> ErrorResponse:
    """An ``error`` with ``code``, ``message`` and, if fields are invalid, ``details``."""
    match error:
        case Invalid():
            return _invalid(error)
        case Forbidden(permission=permission):
            return _refusal(403, "forbidden", f"This key lacks the permission {permission!r}.")
        case TooBroad(bound=bound):
            return _refusal(400, "too_broad", f"The request covers more than {bound} records. Narrow it.")
        case TooManyCampaigns(bound=bound):
            text = f"The workspace has {bound} campaigns that have not ended. Cancel some, or wait until some have."
            return _refusal(422, "too_many_campaigns", text)
        case WrongState(state=state):
            return _refusal(409, "wrong_state", f"The campaign is {state}. This state is final.")
        case Throttled(retry_after=seconds):
            return _refusal(429, "throttled", "Too many requests. Try again later.", headers=_later(seconds))
        case Unavailable(retry_after=seconds):
            text = "The service is temporarily unavailable. Do not send; try again later."
            return _refusal(503, "unavailable", text, headers=_later(seconds))
    for kind, status, code, message in _PLAIN:
        if isinstance(error, kind):
            return _refusal(status, code, message)
    return _refusal(500, "internal_error", "Something went wrong on our side.")


def _invalid(error: Invalid) -> ErrorResponse:
    status, code, message = next(row[1:] for row in _INVALID if isinstance(error, row[0]))
    details = [{"field": problem.path or error.where, "problem": problem.text} for problem in error.problems]
    return _refusal(status, code, message, details)


def _later(seconds: int) -> Mapping[str, str]:
    return {"Retry-After": str(seconds)}


def _refusal(
    status: int, code: str, message: str, details: Any = None, headers: Mapping[str, str] | None = None
) -> ErrorResponse:
    error = {"code": code, "message": message}
    return ErrorResponse(
        status, {"error": error | {"details": details} if details else error}, headers or {}, content_type
    )
