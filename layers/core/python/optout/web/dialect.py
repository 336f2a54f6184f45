"""Voice, Dialect, error response."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from optout.access.credential import Credential, Credentials
from optout.access.limit import Limits
from optout.errors import OptoutError
from optout.web.request import Incoming

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as a dialect says it; a ``body`` that is a text is sent as it is."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


class Voice(Protocol):
    """How one product's clients are spoken to."""

    name: str
    content_type: str
    headers: Mapping[str, str]
    reads_json: bool
    forgives_bad_json: bool

    def refuse(self, error: OptoutError) -> Refusal:
        """Any fact of the error tree in the dialect's words."""
        ...


class Dialect(Voice, Protocol):
    """A voice whose clients prove who they are, and may ask so much and no more."""

    limits: Limits

    def authenticate(self, incoming: Incoming, credentials: Credentials) -> Credential:
        """The caller's credential; raises `Unauthenticated`."""
        ...


Guard: TypeAlias = Callable[[Incoming, Credentials], Credential]
