"""The body in the form the resolver reads, and a failed validation as one of our errors."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optout.errors import Invalid, Malformed, Problem
from optout.web import body
from optout.web.dialect import JSON, ErrorFormat

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

_MOST_PROBLEMS = 100  # a body of one megabyte may have 100,000 unknown fields
_FORM = "application/x-www-form-urlencoded"


def readable(
    event: Mapping[str, Any], error_format: ErrorFormat, invalid: type[Invalid], wanted: type[Any] = dict
) -> dict[str, Any]:
    """The event with a JSON body, whatever its content type says."""
    if not error_format.reads_json:
        return dict(event)
    headers = event.get("headers") or {}
    text = body.text(event)  # a text in another encoding is refused also where JSON is read leniently
    try:
        root = body.parse(text) if text else {}
    except Malformed:
        if not error_format.lenient_json:
            raise
        root = body.form(text, "strict") if headers.get("content-type", "").lower().startswith(_FORM) else {}
        text = json.dumps(root)
    if not isinstance(root, wanted):  # the resolver would use the first element of an array
        raise invalid("body", Problem("", "model_type", "The body has the wrong type."))
    if not text and error_format.lenient_json:
        text = "{}"
    return {**event, "body": text, "isBase64Encoded": False, "headers": {**headers, "content-type": JSON}}


def to_invalid(error: "RequestValidationError", kind: type[Invalid]) -> Invalid:
    """The first problems of a failed validation, each with the limit that was exceeded."""
    problems = []
    where = "body"
    for problem in error.errors()[:_MOST_PROBLEMS]:
        where, *path = [str(step) for step in problem["loc"]] or ["body"]
        bounds = [bound for bound in (problem.get("ctx") or {}).values() if isinstance(bound, int)]
        problems.append(Problem(".".join(path), problem["type"], problem["msg"], next(iter(bounds), None)))
    return kind(where, *problems)
