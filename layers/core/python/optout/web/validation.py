"""What a request says: its body as the resolver reads it, and a failed validation as one of our errors."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optout.errors import Invalid, Malformed, Problem
from optout.web import body
from optout.web.dialect import JSON

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

    from optout.web.dialect import Voice

_FORM = "application/x-www-form-urlencoded"


def readable(
    event: Mapping[str, Any], voice: "Voice", invalid: type[Invalid], wanted: type[Any] = dict
) -> dict[str, Any]:
    """The event with a body that the resolver reads as JSON, whatever its content type says."""
    if not voice.reads_json:
        return dict(event)
    headers = event.get("headers") or {}
    text = ""
    try:
        text = body.text(event)
        root = body.parse(text) if text else {}
    except Malformed:
        if not voice.forgives_bad_json:
            raise
        root = body.form(text) if headers.get("content-type", "").startswith(_FORM) else {}
        text = json.dumps(root)
    if not isinstance(root, wanted):  # where an object is wanted, the resolver would take an array's first element
        raise invalid("body", Problem("", "model_type", "The body is not what is wanted as a whole."))
    if not text and voice.forgives_bad_json:
        text = "{}"
    return {**event, "body": text, "isBase64Encoded": False, "headers": {**headers, "content-type": JSON}}


def to_invalid(error: "RequestValidationError", kind: type[Invalid]) -> Invalid:
    """Every problem that a validation found, with the bound that was broken."""
    problems = []
    where = "body"
    for problem in error.errors():
        where, *path = [str(step) for step in problem["loc"]] or ["body"]
        bounds = [bound for bound in (problem.get("ctx") or {}).values() if isinstance(bound, int)]
        problems.append(Problem(".".join(path), problem["type"], problem["msg"], next(iter(bounds), None)))
    return kind(where, *problems)
