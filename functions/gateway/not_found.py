"""$default: an unknown path or method, refused in the error format of the dialect that the path belongs to."""

import re
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

import gateway.dialect
import letterbucket.dialect
import links.dialect
import mirasvit.dialect
import native.dialect
import repzo.dialect
import rocketchat.dialect
from optout.errors import NoSuchRoute
from optout.web.dialect import ErrorFormat
from optout.web.endpoint import answer
from optout.web.route import for_method

_DIALECTS: list[tuple[re.Pattern[str], ErrorFormat]] = [
    (re.compile(r"(/api/v1)?/subscribers(/|$)"), letterbucket.dialect),
    (re.compile(r"/api(/|$)"), rocketchat.dialect),
    (re.compile(r"(/v1)?/mail-unsubscribe(/|$)"), repzo.dialect),
    (re.compile(r"/rest(/|$)"), mirasvit.dialect),
    (re.compile(r"/optout/v1(/|$)"), native.dialect),
    (re.compile(r"/(u|c|mailer/unsubscribe)/"), links.dialect),
    (re.compile("/"), gateway.dialect),
]


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    method = event["requestContext"]["http"]["method"]
    dialect = next(dialect for path, dialect in _DIALECTS if path.match(event["rawPath"]))
    return for_method(event, answer(dialect, NoSuchRoute(method)))
