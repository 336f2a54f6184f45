"""What every endpoint shares: who asks, what they sent, and every error in the dialect's own voice.

An endpoint makes its app with `resolver(dialect)` and its handler with `entrypoint(app)`. A dialect is a module that
says how its clients prove who they are (`authenticate`), how much they may ask (`limits`) and how it says no
(`refuse`); nothing here names one.
"""

import json
from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.request import Request
from aws_lambda_powertools.utilities.typing import LambdaContext

from optout.access.credential import Credential
from optout.access.limit import DEFAULT, Limits
from optout.errors import InternalError, Invalid, NoSuchRoute, OptoutError
from optout.runtime.observability import logger, metrics, report
from optout.web.dialect import JSON, Dialect, Guard, Refusal, Voice
from optout.web.request import Caller, Event, Incoming, origin
from optout.web.throttle import Visit
from optout.web.validation import readable, to_invalid
from optout.wiring import access

Handler: TypeAlias = Callable[[Event, LambdaContext], dict[str, Any]]


_UNLIMITED = Limits()


class App(APIGatewayHttpResolver):
    """A resolver that knows how its callers are spoken to, who may call how often, and what a failed validation is."""

    def __init__(
        self,
        voice: Voice,
        guard: Guard | None,
        invalid: type[Invalid],
        limits: Limits,
        bucket: str = DEFAULT,
        root: type[Any] = dict,
    ) -> None:
        super().__init__(enable_validation=True, response_validation_error_http_code=500)
        self.voice = voice
        self.guard = guard
        self.invalid = invalid
        self.limits = limits
        self.bucket = bucket
        self.root = root

    def admit(self, event: Event, visit: Visit) -> Caller:
        """Who is asking; at a door without a guard that is nobody in particular. Raises what keeps them out."""
        if self.guard is None:
            visit.knock()
            credential = Credential("", "", self.voice.name)
        else:
            credential = self.guard(Incoming.of(event), access.credentials())
            visit.enter(credential)
        return Caller(credential, origin(event, self.voice.name, credential.id))


def resolver(dialect: Dialect, invalid: type[Invalid] = Invalid, bucket: str = DEFAULT, root: type[Any] = dict) -> App:
    """An app for those whom the dialect knows; ``invalid`` is what a failed validation is to it, ``bucket`` which of
    its limits counts the request, ``root`` what a body is as a whole: an object, or an array."""
    return _app(App(dialect, dialect.authenticate, invalid, dialect.limits, bucket, root))


def public_resolver(voice: Voice, invalid: type[Invalid] = Invalid, limits: Limits = _UNLIMITED) -> App:
    """An app for anybody. Where passwords are tried, ``limits`` says how many may be wrong (``bad_keys``)."""
    return _app(App(voice, None, invalid, limits))


def _app(app: App) -> App:
    """The app, with every error in its dialect's voice."""
    voice = app.voice

    @app.exception_handler(RequestValidationError)  # type: ignore[untyped-decorator]
    def failed_validation(error: RequestValidationError) -> Response[Any]:
        return _response(voice, to_invalid(error, app.invalid))

    @app.exception_handler([OptoutError, NotFoundError])  # type: ignore[untyped-decorator]
    def known(error: OptoutError | NotFoundError) -> Response[Any]:
        return _response(voice, app.context["visit"].judge(error) if isinstance(error, OptoutError) else NoSuchRoute())

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator]
    def unknown(error: Exception) -> Response[Any]:
        report(error)
        return _response(voice, InternalError())

    return app


def entrypoint(app: App) -> Handler:
    """The Lambda handler of an app: first who asks and how often, then what they sent, then the route."""

    @metrics.log_metrics
    @logger.inject_lambda_context(clear_state=True)
    def handler(event: Event, context: LambdaContext) -> dict[str, Any]:
        method, ip = event["requestContext"]["http"]["method"], origin(event, "", "").ip
        visit = Visit(app.voice.name, app.limits, app.bucket, ip, method)
        result = _result(app, visit, event, context)
        result["headers"].update({**visit.leave(result["statusCode"]), **app.voice.headers})
        return result

    return handler


def _result(app: App, visit: Visit, event: Event, context: LambdaContext) -> dict[str, Any]:
    try:
        app.context["visit"] = visit
        app.context["caller"] = app.admit(event, visit)
        result = app.resolve(readable(event, app.voice, app.invalid, app.root), context)
    except OptoutError as error:
        return answer(app.voice, visit.judge(error))
    except Exception as error:
        report(error)
        return answer(app.voice, InternalError())
    if result["headers"].get("Content-Type") == JSON:
        result["headers"]["Content-Type"] = app.voice.content_type
    return result


def answer(voice: Voice, error: OptoutError) -> dict[str, Any]:
    """A refusal as API Gateway takes it."""
    refusal = voice.refuse(error)
    headers = {"Content-Type": refusal.content_type, **refusal.headers, **voice.headers}
    return {"statusCode": refusal.status, "headers": headers, "body": _text(refusal), "isBase64Encoded": False}


def _caller(request: Request) -> Caller:
    caller: Caller = request.context["caller"]
    return caller


CallerOf = Annotated[Caller, Depends(_caller)]


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
