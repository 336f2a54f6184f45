"""What every endpoint shares: who asks, what they sent, and every error in the dialect's own voice.

An endpoint makes its app with `resolver(dialect)` and its handler with `entrypoint(app)`. A dialect is a module that
says how its clients prove who they are (`authenticate`) and how it says no (`refuse`); nothing here names one.
"""

import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol, TypeAlias
from urllib.parse import parse_qsl

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.request import Request
from aws_lambda_powertools.utilities.typing import LambdaContext

from optout import body, wiring
from optout.credential import Credential, Credentials
from optout.errors import InternalError, Invalid, Malformed, NoSuchRoute, OptoutError, Problem
from optout.runtime import logger, metrics
from optout.suppression import Origin

Event: TypeAlias = dict[str, Any]
Handler: TypeAlias = Callable[[Event, LambdaContext], dict[str, Any]]
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as a dialect says it; a ``body`` that is a text is sent as it is."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = _JSON


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, and how the history will name them."""

    credential: Credential
    origin: Origin

    @property
    def workspace(self) -> str:
        return self.credential.workspace


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a caller proves itself by: method, the URL as the caller wrote it, headers (names in lower case)."""

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
    """A voice whose clients prove who they are."""

    def authenticate(self, incoming: Incoming, credentials: Credentials) -> Credential:
        """The caller's credential; raises `Unauthenticated`."""
        ...


Guard: TypeAlias = Callable[[Incoming, Credentials], Credential]


class App(APIGatewayHttpResolver):
    """A resolver that knows how its callers are spoken to, who may call, and what a failed validation is to it."""

    def __init__(self, voice: Voice, guard: Guard | None, invalid: type[Invalid]) -> None:
        super().__init__(enable_validation=True, response_validation_error_http_code=500)
        self.voice = voice
        self.guard = guard
        self.invalid = invalid

    def caller(self, event: Event) -> "Caller":
        """Who is asking; at a door without a guard that is nobody in particular."""
        anybody = Credential("", "", self.voice.name)
        credential = self.guard(Incoming.of(event), wiring.credentials()) if self.guard else anybody
        return Caller(credential, origin(event, self.voice.name, credential.id))


def resolver(dialect: Dialect, invalid: type[Invalid] = Invalid) -> App:
    """An app for those whom the dialect knows; ``invalid`` is what a failed validation is to it."""
    return _app(dialect, dialect.authenticate, invalid)


def public_resolver(voice: Voice, invalid: type[Invalid] = Invalid) -> App:
    """An app for anybody."""
    return _app(voice, None, invalid)


def _app(voice: Voice, guard: Guard | None, invalid: type[Invalid]) -> App:
    """An app whose every error is in the dialect's voice."""
    app = App(voice, guard, invalid)

    @app.exception_handler(RequestValidationError)  # type: ignore[untyped-decorator]
    def failed_validation(error: RequestValidationError) -> Response[Any]:
        return _response(voice, _to_invalid(error, invalid))

    @app.exception_handler([OptoutError, NotFoundError])  # type: ignore[untyped-decorator]
    def known(error: OptoutError | NotFoundError) -> Response[Any]:
        return _response(voice, error if isinstance(error, OptoutError) else NoSuchRoute())

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator]
    def unknown(error: Exception) -> Response[Any]:
        report(error)
        return _response(voice, InternalError())

    return app


def entrypoint(app: App) -> Handler:
    """The Lambda handler of an app: first who asks, then what they sent, then the route."""
    voice = app.voice

    @metrics.log_metrics
    @logger.inject_lambda_context(clear_state=True)
    def handler(event: Event, context: LambdaContext) -> dict[str, Any]:
        try:
            app.context["caller"] = app.caller(event)
            result = app.resolve(_readable(event, app), context)
        except OptoutError as error:
            return answer(voice, error)
        except Exception as error:
            report(error)
            return answer(voice, InternalError())
        if result["headers"].get("Content-Type") == _JSON:
            result["headers"]["Content-Type"] = voice.content_type
        result["headers"].update(voice.headers)
        return result

    return handler


def answer(voice: Voice, error: OptoutError) -> dict[str, Any]:
    """A refusal as API Gateway takes it."""
    refusal = voice.refuse(error)
    headers = {"Content-Type": refusal.content_type, **refusal.headers, **voice.headers}
    return {"statusCode": refusal.status, "headers": headers, "body": _text(refusal), "isBase64Encoded": False}


def _caller(request: Request) -> Caller:
    caller: Caller = request.context["caller"]
    return caller


CallerOf = Annotated[Caller, Depends(_caller)]


def bearer(headers: Mapping[str, str]) -> str:
    """The token of an ``Authorization: Bearer`` header, "" when there is none."""
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def query(event: Event) -> list[tuple[str, str]]:
    """The query string's pairs in their order, repeated names and all; raises `Invalid` when there are too many."""
    try:
        return parse_qsl(event.get("rawQueryString", ""), keep_blank_values=True, max_num_fields=1000)
    except ValueError as error:
        raise Invalid("query", Problem("", "too_many", "There are too many parameters.")) from error


def origin(event: Mapping[str, Any], via: str, actor: str) -> Origin:
    """Where a request came from, for the history."""
    http = event.get("requestContext", {}).get("http", {})
    return Origin(via, actor, str(http.get("userAgent", ""))[:500], str(http.get("sourceIp", "")))


def report(error: Exception) -> None:
    """Log a bug by its type and place. Its text stays out: it may quote what somebody sent."""
    chain = [error, *filter(None, (error.__cause__, error.__context__))]
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    logger.error(
        "unexpected error",
        error_types=[type(link).__name__ for link in chain],
        at=[f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    )
    metrics.add_metric(name="UnexpectedError", unit="Count", value=1)


def _readable(event: Event, app: App) -> Event:
    """The event with a body that the resolver reads as JSON, whatever its content type says."""
    if not app.voice.reads_json:
        return event
    headers = event.get("headers") or {}
    text = ""
    try:
        text = body.text(event)
        root = body.parse(text) if text else {}
    except Malformed:
        if not app.voice.forgives_bad_json:
            raise
        root = body.form(text) if headers.get("content-type", "").startswith(_FORM) else {}
        text = json.dumps(root)
    if not isinstance(root, dict):  # the resolver would take an array for its first element
        raise app.invalid("body", Problem("", "model_type", "The body is not an object."))
    if not text and app.voice.forgives_bad_json:
        text = "{}"
    return {**event, "body": text, "isBase64Encoded": False, "headers": {**headers, "content-type": _JSON}}


def _to_invalid(error: RequestValidationError, kind: type[Invalid]) -> Invalid:
    problems = []
    where = "body"
    for problem in error.errors():
        where, *path = [str(step) for step in problem["loc"]] or ["body"]
        bounds = [bound for bound in (problem.get("ctx") or {}).values() if isinstance(bound, int)]
        problems.append(Problem(".".join(path), problem["type"], problem["msg"], next(iter(bounds), None)))
    return kind(where, *problems)


def _response(voice: Voice, error: OptoutError) -> Response[Any]:
    refusal = voice.refuse(error)
    return Response(
        status_code=refusal.status,
        content_type=refusal.content_type,
        body=_text(refusal),
        headers=dict(refusal.headers),
    )


def _text(refusal: Refusal) -> str:
    return refusal.body if isinstance(refusal.body, str) else json.dumps(refusal.body)
