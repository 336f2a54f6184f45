"""The request: its caller, and the parts that authentication reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from pydantic import BaseModel

from optout.access.credential import Credential
from optout.errors import Invalid, Problem
from optout.origin import Origin

Event: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller, and how the history names them."""

    credential: Credential
    origin: Origin

    @property
    def workspace(self) -> str:
        return self.credential.workspace


@dataclass(frozen=True, slots=True)
class Incoming:
    """The parts that authentication reads: method, the URL as the caller wrote it, headers (names in lower case)."""

    method: str
    url: str
    headers: Mapping[str, str]

    @classmethod
    def of(cls, event: Event) -> "Incoming":
        headers = event.get("headers") or {}
        host = headers.get("host") or event["requestContext"]["domainName"]
        query = f"?{event['rawQueryString']}" if event.get("rawQueryString") else ""
        url = f"{headers.get('x-forwarded-proto', 'https')}://{host}{event['rawPath']}{query}"
        return cls(event["requestContext"]["http"]["method"], url, headers)


def bearer(headers: Mapping[str, str]) -> str:
    """The token of an ``Authorization: Bearer`` header, "" when there is none."""
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def query(event: Event) -> list[tuple[str, str]]:
    """The pairs of the query string in their order, repeated names included; raises `Invalid` above 1,000, and for
    escapes that are not UTF-8."""
    text = event.get("rawQueryString", "")
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=1000, errors="strict")
    except UnicodeDecodeError as error:
        raise Invalid("query", Problem("", "not_utf_8", "The query is not UTF-8.")) from error
    except ValueError as error:
        raise Invalid("query", Problem("", "too_many", "There are too many parameters.")) from error


def refuse_unknown_filters(event: Event, row: type[BaseModel], *known: str) -> None:
    """Raise `Invalid` for a parameter with the name of a row's field that is not among the ``known`` ones.

    A list that ignores ``email=`` shows everybody to a client who asked for one. Other unknown parameters are ignored.
    """
    fields = {field.serialization_alias or name for name, field in row.model_fields.items()}
    for name, _ in query(event):
        word = name.partition("[")[0]
        if word in fields and word not in known:
            raise Invalid("query", Problem(word, "unknown_parameter", "This list cannot be filtered by this field."))


def origin(event: Mapping[str, Any], via: str, actor: str) -> Origin:
    """The origin of a request, for the history."""
    http = event.get("requestContext", {}).get("http", {})
    return Origin(via, actor, str(http.get("userAgent", ""))[:500], str(http.get("sourceIp", "")))
