"""All errors that end a request, as one exception tree.

OptoutError
├── Unauthenticated           no valid credential
│   └── BadLogin              unknown user or wrong password
├── Forbidden                 the credential lacks a permission (permission)
├── Invalid                   the request is not valid (problems)
│   ├── Malformed             the body cannot be parsed
│   │   └── WrongEncoding     the body is not UTF-8
│   ├── Unprocessable         a field of a well-formed body is invalid
│   └── TooLarge              the body is too large
├── TooBroad                  the search would read too many records (bound)
├── TooManyCampaigns          too many campaigns of the workspace have not ended (bound)
├── BadAddress                not an email address
├── BadSender                 not a sender address of this credential
├── MissingUnsubscribeLink    the body of an email has no unsubscribe link
├── BadToken                  not a link token of ours
├── NotFound                  no such record within the caller's view (id)
│   └── NoSuchRoute           no endpoint with this method and path
├── ConflictingState          the request conflicts with the stored state
│   ├── AlreadySubscribed     the newsletter has this address already
│   ├── WrongState            the campaign has ended (state)
│   ├── KeyReused             the idempotency key belongs to another request
│   ├── NotUploaded           the import has no file
│   ├── NotChecked            the check of the import has not finished
│   ├── FileChanged           the file was replaced after the check
│   └── AlreadyStarted        the import is adding subscribers, or has added them
├── Protected                 a hard bounce or complaint, which needs an override permission
├── Throttled                 too many requests (retry_after, seconds)
├── Unavailable               a store did not answer; try again (retry_after, seconds)
├── Conflict                  a conditional write lost; the use case tries again
├── NotSent                   the provider refused a whole block and sent none of it (cause)
├── InDoubt                   the provider's answer was lost; the block may have been sent
└── InternalError             a bug of ours, without details for the caller

The first sentence of a docstring describes the error response in the API document.
"""

from dataclasses import dataclass


class OptoutError(Exception):
    """The base class of all errors."""


class Unauthenticated(OptoutError):
    """The credential is missing, unknown, expired or revoked."""


class BadLogin(Unauthenticated):
    """The user is unknown or the password is wrong. The caller does not learn which."""


class Forbidden(OptoutError):
    """The credential lacks a permission. ``permission`` is its name."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


@dataclass(frozen=True, slots=True)
class Problem:
    """The error of one field.

    ``path`` names the field ("" is the whole input), ``kind`` is pydantic's error type, ``limit`` the limit that was
    exceeded.
    """

    path: str
    kind: str
    text: str
    limit: int | None = None


class Invalid(OptoutError):
    """The request is not valid. ``where`` is body, query or path."""

    def __init__(self, where: str, *problems: Problem) -> None:
        super().__init__(where)
        self.where = where
        self.problems = problems


class Malformed(Invalid):
    """The body is not valid JSON. ``detail`` is the parser's message."""

    def __init__(self, detail: str) -> None:
        super().__init__("body", Problem("", "json_invalid", detail))
        self.detail = detail


class WrongEncoding(Malformed):
    """The body is not UTF-8."""

    def __init__(self) -> None:
        super().__init__("The body is not UTF-8.")


class Unprocessable(Invalid):
    """The body is well-formed, but a field has an invalid value."""


class TooLarge(Invalid):
    """The request body is too large."""

    def __init__(self) -> None:
        super().__init__("body", Problem("", "too_large", "The request body is too large."))


class TooBroad(OptoutError):
    """The search matches too many records. ``bound`` is the number of records that one search may read."""

    def __init__(self, bound: int) -> None:
        super().__init__(f"more than {bound}")
        self.bound = bound


class TooManyCampaigns(OptoutError):
    """Too many campaigns of the workspace have not ended. ``bound`` is the number of those that it may have."""

    def __init__(self, bound: int) -> None:
        super().__init__(f"{bound} or more")
        self.bound = bound


class BadAddress(OptoutError):
    """The text is not an email address."""


class BadSender(OptoutError):
    """The sender is not an email address, or this credential may not send from it."""


class MissingUnsubscribeLink(OptoutError):
    """The body of the email has no unsubscribe link."""


class BadToken(OptoutError):
    """The token is not valid. Unknown, malformed and forged tokens get the same answer."""


class NotFound(OptoutError):
    """There is no such record. Records outside the caller's view count as missing."""

    def __init__(self, identifier: str = "") -> None:
        super().__init__("not found")
        self.identifier = identifier


class NoSuchRoute(NotFound):
    """No endpoint has this method and path."""

    def __init__(self, method: str = "") -> None:
        super().__init__()
        self.method = method


class ConflictingState(OptoutError):
    """The request conflicts with the current state of the resource."""


class AlreadySubscribed(ConflictingState):
    """The newsletter has a subscriber with this address."""


class WrongState(ConflictingState):
    """The campaign has ended and can no longer be paused, resumed or cancelled. ``state`` is its final state."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class KeyReused(ConflictingState):
    """The idempotency key was already used for a different request."""


class NotUploaded(ConflictingState):
    """The file of the import has not been uploaded, or was deleted."""


class NotChecked(ConflictingState):
    """The check of the file has not finished."""


class FileChanged(ConflictingState):
    """The file is not the one that was checked."""


class AlreadyStarted(ConflictingState):
    """The import is adding its subscribers or has added them, so the file can no longer be checked."""


class Protected(OptoutError):
    """The suppression is protected. Removing it needs an override permission."""


class Throttled(OptoutError):
    """Too many requests. ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("throttled")
        self.retry_after = retry_after


class Unavailable(OptoutError):
    """A store did not answer, so the result is unknown. ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__("unavailable")
        self.retry_after = retry_after


class Conflict(OptoutError):
    """A conditional write lost against another one. The use case reads again and decides again."""


class NotSent(OptoutError):
    """The provider certainly did not accept the block, so its claim may be released.

    ``cause`` is the provider's error code, ``text`` its message, ``wait`` the seconds until the next attempt, if known.
    """

    def __init__(self, cause: str, text: str = "", wait: float = 0) -> None:
        super().__init__(cause)
        self.cause = cause
        self.text = text
        self.wait = wait


class InDoubt(OptoutError):
    """The provider may have accepted the block. Only its Send events can tell; a second attempt could send every email
    twice."""


class InternalError(OptoutError):
    """A bug of ours. The log has the cause; the caller does not learn it."""
