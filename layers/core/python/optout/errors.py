"""Every fact that can stop a request, as one exception tree.

OptoutError
├── Unauthenticated           nobody we know is asking
│   └── BadLogin              no such user, or another password
├── Forbidden                 somebody we know, but not allowed to (permission)
├── Invalid                   the request cannot be understood or accepted (problems)
│   ├── Malformed             not parsable at all
│   ├── Unprocessable         understood, but a field of it fails
│   └── TooLarge              bigger than the service takes
├── TooBroad                  a search that would read more than one request may (bound)
├── BadAddress                not an email address
├── BadSender                 not a sender this credential may use
├── MissingUnsubscribeLink    a mail body without its way out
├── BadToken                  a link token that we did not mint
├── NotFound                  no such record, as far as this caller can see (id)
│   └── NoSuchRoute           no such path or method
├── AtOdds                    what is asked for does not fit what is there
│   ├── AlreadySubscribed     the address is in this newsletter
│   ├── WrongState            the campaign has ended (state)
│   ├── KeyReused             the key of the request came with another one before
│   ├── NotUploaded           the file of the import is not there
│   ├── NotChecked            it has not been checked to its end
│   ├── FileChanged           it is not the one that was checked
│   └── AlreadyStarted        its people are being added, or have been
├── Protected                 a hard bounce or complaint, which nobody lifts by API
├── Throttled                 too much at once (retry_after, seconds)
├── Unavailable               a store did not answer; ask again (retry_after, seconds)
├── Conflict                  somebody else wrote first; a use case tries again
├── NotSent                   the provider refused a whole block; nothing of it went out (cause)
├── InDoubt                   the provider's answer was lost; the block may have gone out
└── InternalError             a bug of ours; the caller learns nothing else
"""

from dataclasses import dataclass


class OptoutError(Exception):
    """The root: catch it to catch every fact above."""


class Unauthenticated(OptoutError):
    """No credential, or none that we know."""


class BadLogin(Unauthenticated):
    """Which of the two was wrong, nobody is told."""


class Forbidden(OptoutError):
    """A known caller without the permission, or with one that is switched off."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field.

    ``path`` leads to it ("" is the whole), ``kind`` is pydantic's error type, ``limit`` the bound it broke.
    """

    path: str
    kind: str
    text: str
    limit: int | None = None


class Invalid(OptoutError):
    """The request cannot be accepted; ``where`` is body, query or path."""

    def __init__(self, where: str, *problems: Problem) -> None:
        super().__init__(where)
        self.where = where
        self.problems = problems


class Malformed(Invalid):
    """The body is not JSON that anybody could have meant; ``detail`` is the parser's text."""

    def __init__(self, detail: str) -> None:
        super().__init__("body", Problem("", "json_invalid", detail))
        self.detail = detail


class Unprocessable(Invalid):
    """The body is what it should be, except for what its fields say."""


class TooLarge(Invalid):
    """The body is larger than the service takes."""

    def __init__(self) -> None:
        super().__init__("body", Problem("", "too_large", "The request body is too large."))


class TooBroad(OptoutError):
    """The search has to be narrowed; ``bound`` is how many records one may look at."""

    def __init__(self, bound: int) -> None:
        super().__init__(f"more than {bound}")
        self.bound = bound


class BadAddress(OptoutError):
    """Not an email address."""


class BadSender(OptoutError):
    """Not an address, or not one that this credential may send from."""


class MissingUnsubscribeLink(OptoutError):
    """A mail body must say how to leave."""


class BadToken(OptoutError):
    """Unknown, malformed, forged: the same thing to whoever asks."""


class NotFound(OptoutError):
    """No such record in what this caller may see."""

    def __init__(self, identifier: str = "") -> None:
        super().__init__("not found")
        self.identifier = identifier


class NoSuchRoute(NotFound):
    """No endpoint has this method and path."""

    def __init__(self, method: str = "") -> None:
        super().__init__()
        self.method = method


class AtOdds(OptoutError):
    """What is asked for does not fit what is there."""


class AlreadySubscribed(AtOdds):
    """The newsletter has a subscriber with this address."""


class WrongState(AtOdds):
    """The campaign has ended, so it cannot be stopped or go on; ``state`` is how."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class KeyReused(AtOdds):
    """The key of a request has come before, with another request."""


class NotUploaded(AtOdds):
    """The file of the import has not come, or is gone."""


class NotChecked(AtOdds):
    """Only what was checked to its end can be added."""


class FileChanged(AtOdds):
    """Only the file that was checked can be added, and this is another."""


class AlreadyStarted(AtOdds):
    """The people of the import are being added, or have been: there is nothing to check any more."""


class Protected(OptoutError):
    """Only an override permission lifts this."""


class Throttled(OptoutError):
    """Too many requests; ``retry_after`` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("throttled")
        self.retry_after = retry_after


class Unavailable(OptoutError):
    """A store failed; nothing is known, so nothing is claimed. ``retry_after`` in seconds."""

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__("unavailable")
        self.retry_after = retry_after


class Conflict(OptoutError):
    """A conditional write lost; read again and decide again."""


class NotSent(OptoutError):
    """Certainly not accepted: the claim may be given back.

    ``cause`` is the provider's error code, ``text`` its words, ``wait`` the seconds after which to ask again, if known.
    """

    def __init__(self, cause: str, text: str = "", wait: float = 0) -> None:
        super().__init__(cause)
        self.cause = cause
        self.text = text
        self.wait = wait


class InDoubt(OptoutError):
    """Perhaps accepted. Only the provider's own Send events can tell; a second attempt could be a second mail."""


class InternalError(OptoutError):
    """A bug of ours. The log has the cause, the caller does not."""
