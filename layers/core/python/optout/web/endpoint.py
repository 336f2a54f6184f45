"""Shared by all HTTP endpoints: authentication, rate limits, request parsing, and errors in the dialect's format.

An endpoint makes its app with `resolver(dialect)` and its handler with `entrypoint(app)`. A dialect is a module with
the clients' authentication (`authenticate`), their rate limits (`limits`) and the error format (`refuse`). Nothing
here names one.
"""

import json
import re
from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.request import Request
from aws_lambda_powertools.utilities.typing import LambdaContext

from optout import deadline
from optout.access.credential import Credential
from optout.access.limit import DEFAULT, Limits
from optout.errors import InternalError, Invalid, NoSuchRoute, OptoutError
from optout.runtime.observability import logger, metrics, report
from optout.web.dialect import JSON, Dialect, ErrorFormat, ErrorResponse, Guard
from optout.web.request import Caller, Event, Incoming, origin
from optout.web.route import for_method, routed
from optout.web.throttle import Throttle
from optout.web.validation import readable, to_invalid
from optout.wiring import access, clients

Handler: TypeAlias = Callable[[Event, LambdaContext], dict[str, Any]]


_UNLIMITED = Limits()


class App(APIGatewayHttpResolver):
    """A resolver with the error format, authentication and rate limits of one endpoint."""

    def __init__(
        self,
        error_format: ErrorFormat,
        guard: Guard | None,
        invalid: type[Invalid],
        limits: Limits,
        bucket: str = DEFAULT,
        root: type[Any] = dict,
    ) -> None:
        super().__init__(enable_validation=True, response_validation_error_http_code=500)
        self.error_format = error_format
        self.guard = guard
        self.invalid = invalid
        self.limits = limits
        self.bucket = bucket
        self.root = root

    @staticmethod
    def _compile_regex(rule: str, base_regex: str = "^{}$") -> re.Pattern[str]:
        """A parameter of a path is anything but a slash, as in API Gateway; an address may have one. Powertools itself
        leaves out ``# ? " ` ``, which addresses may have, too (aws-powertools/powertools-lambda-python#1098)."""
        pattern = re.sub(r"<(\w+)>", lambda name: f"(?P{name[0]}{'.' if name[1] == 'email' else '[^/]'}+)", rule)
        return re.compile(base_regex.format(pattern))

    def admit(self, event: Event, throttle: Throttle) -> Caller:
        """The caller; public endpoints get an anonymous credential. Raises the authentication or rate limit error."""
        if self.guard is None:
            throttle.count_login()
            credential = Credential("", "", self.error_format.name)
        else:
            credential = self.guard(Incoming.of(event), access.credentials())
            throttle.count_request(credential)
        return Caller(credential, origin(event, self.error_format.name, credential.id))


def resolver(dialect: Dialect, invalid: type[Invalid] = Invalid, bucket: str = DEFAULT, root: type[Any] = dict) -> App:
    """An app that authenticates its callers. ``invalid`` is the error of a failed validation, ``bucket`` the rate limit
    that counts the request, ``root`` the type of the whole body: ``dict`` or ``list``."""
    return _app(App(dialect, dialect.authenticate, invalid, dialect.limits, bucket, root))


def public_resolver(error_format: ErrorFormat, invalid: type[Invalid] = Invalid, limits: Limits = _UNLIMITED) -> App:
    """An app without authentication. A login limits wrong passwords with ``limits.bad_keys``."""
    return _app(App(error_format, None, invalid, limits))


def _app(app: App) -> App:
    """The app with handlers that answer every error in its format."""
    error_format = app.error_format

    @app.exception_handler(RequestValidationError)  # type: ignore[untyped-decorator]
    def failed_validation(error: RequestValidationError) -> Response[Any]:
        return _response(error_format, to_invalid(error, app.invalid))

    @app.exception_handler([OptoutError, NotFoundError])  # type: ignore[untyped-decorator]
    def known(error: OptoutError | NotFoundError) -> Response[Any]:
        mapped = app.context["throttle"].map_error(error) if isinstance(error, OptoutError) else NoSuchRoute()
        return _response(error_format, mapped)

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator]
    def unknown(error: Exception) -> Response[Any]:
        report(error)
        return _response(error_format, InternalError())

    return app


def entrypoint(app: App) -> Handler:
    """The Lambda handler of an app: authentication, rate limit, body, route."""

    @metrics.log_metrics
    @logger.inject_lambda_context(clear_state=True)
    def handler(event: Event, context: LambdaContext) -> dict[str, Any]:
        method, ip = event["requestContext"]["http"]["method"], origin(event, "", "").ip
        throttle = Throttle(app.error_format.name, app.limits, app.bucket, ip, method)
        with deadline.within(clients.settings().patience * context.get_remaining_time_in_millis() / 1000):
            result = _result(app, throttle, event, context)
            counted = throttle.count_response(result["statusCode"])
        result["headers"].update({**counted, **app.error_format.headers})
        return for_method(event, result)

    return handler


def _result(app: App, throttle: Throttle, event: Event, context: LambdaContext) -> dict[str, Any]:
    try:
        app.context["throttle"] = throttle
        app.context["caller"] = app.admit(event, throttle)
        result = app.resolve(routed(readable(event, app.error_format, app.invalid, app.root)), context)
    except OptoutError as error:
        return answer(app.error_format, throttle.map_error(error))
    except Exception as error:
        report(error)
        return answer(app.error_format, InternalError())
    if result["headers"].get("Content-Type") == JSON:
        result["headers"]["Content-Type"] = app.error_format.content_type
    return result


def answer(error_format: ErrorFormat, error: OptoutError) -> dict[str, Any]:
    """An error as an API Gateway response."""
    response = error_format.refuse(error)
    headers = {"Content-Type": response.content_type, **response.headers, **error_format.headers}
    return {"statusCode": response.status, "headers": headers, "body": _text(response), "isBase64Encoded": False}


def _caller(request: Request) -> Caller:
    caller: Caller = request.context["caller"]
    return caller


CallerOf = Annotated[Caller, Depends(_caller)]


def _response(error_format: ErrorFormat, error: OptoutError) -> Response[Any]:
    response = error_format.refuse(error)
    return Response(
        status_code=response.status,
        content_type=response.content_type,
        body=_text(response),
        headers=dict(response.headers),
    )


def _text(response: ErrorResponse) -> str:
    return response.body if isinstance(response.body, str) else json.dumps(response.body)
