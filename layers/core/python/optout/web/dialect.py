"""The interface of a dialect: its error format, authentication and rate limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from optout.access.credential import Credential, Credentials
from optout.access.limit import Limits
from optout.errors import OptoutError
from optout.web.request import Incoming

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """An error in a dialect's format. A ``body`` of type ``str`` is sent as it is, any other as JSON."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


class ErrorFormat(Protocol):
    """How one API answers: names, headers and errors.

    ``reads_json``: bodies are parsed before the route. ``lenient_json``: a body that is not JSON counts as an empty
    object, and a form as an object.
    """

    name: str
    content_type: str
    headers: Mapping[str, str]
    reads_json: bool
    lenient_json: bool

    def refuse(self, error: OptoutError) -> ErrorResponse:
        """Map any error of `optout.errors` to a response."""
        ...


class Dialect(ErrorFormat, Protocol):
    """The error format, authentication and rate limits of one API."""

    limits: Limits

    def authenticate(self, incoming: Incoming, credentials: Credentials) -> Credential:
        """Return the caller's credential; raises `Unauthenticated`."""
        ...


Guard: TypeAlias = Callable[[Incoming, Credentials], Credential]
