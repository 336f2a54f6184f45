"""The operations of the SES v2 API, from botocore's service model: routes and request validation."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

import botocore.session
from botocore.validate import ParamValidator

from local.ses.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    path: re.Pattern[str]
    shape: Any


# An operation, and the parameters in the request's path.
Found = tuple[Operation, dict[str, str]]


class Operations:
    def __init__(self) -> None:
        model = botocore.session.get_session().get_service_model("sesv2")
        found = [_operation(model.operation_model(name)) for name in model.operation_names]
        # Fixed paths come before paths with placeholders.
        self._all = sorted(found, key=lambda operation: operation.path.pattern.count("(?P<"))
        self._validator = ParamValidator()

    def find(self, method: str, path: str) -> Found | None:
        for operation in self._all:
            match = operation.path.fullmatch(path) if operation.method == method else None
            if match:
                return operation, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def request(self, operation: Operation, in_path: Mapping[str, str], query: str, body: bytes) -> dict[str, Any]:
        """All parameters of a request. Raises `BadRequest` if the model does not allow them."""
        parameters = {**_object(body), **_query(operation.shape, query), **in_path}
        report = self._validator.validate(parameters, operation.shape)
        if report.has_errors():
            raise BadRequest(report.generate_report())
        if operation.shape is not None:
            _check_values(parameters, operation.shape)
        return parameters


def _operation(model: Any) -> Operation:
    path = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(model.http["requestUri"]))
    return Operation(model.name, model.http["method"], re.compile(path), model.input_shape)


def _object(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        value = json.loads(body)
    except ValueError as error:
        raise BadRequest("The request body is not valid JSON.") from error
    if not isinstance(value, dict):
        raise BadRequest("The request body must be a JSON object.")
    # SES treats null as absent.
    return {name: member for name, member in value.items() if member is not None}


def _query(shape: Any, query: str) -> dict[str, Any]:
    values = parse_qs(query, keep_blank_values=True)
    result: dict[str, Any] = {}
    for name, member in shape.members.items() if shape is not None else ():
        given = values.get(member.serialization.get("name", name))
        if member.serialization.get("location") == "querystring" and given:
            result[name] = given if member.type_name == "list" else _number(member, given[0])
    return result


def _number(member: Any, text: str) -> Any:
    if member.type_name != "integer":
        return text
    try:
        return int(text)
    except ValueError as error:
        raise BadRequest(f"'{text}' is not a number.") from error


def _check_values(value: Any, shape: Any) -> None:
    """Check enumerations and decode Base64 blobs in place; botocore's validator leaves both to the service."""
    if shape.type_name == "structure":
        for name, member in value.items():
            member_shape = shape.members[name]
            if member_shape.type_name == "blob":
                value[name] = _bytes(member)
            else:
                _check_values(member, member_shape)
    elif shape.type_name == "list":
        for member in value:
            _check_values(member, shape.member)
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        raise BadRequest(f"Value '{value}' failed to satisfy constraint: Member must be one of {shape.enum}")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("A blob is not valid Base64.") from error
