"""The routes of a processed template, with resolved references."""

from typing import Any

import pytest

from local.engine import bridge
from local.engine.intrinsics import Intrinsics

URI = {"Fn::Sub": "arn:${AWS::Partition}:apigateway:x:lambda:path/2015-03-31/functions/${Echo.Arn}/invocations"}
INTEGRATION = {bridge.INTEGRATION: {"uri": URI, "payloadFormatVersion": "2.0"}}


def attribute(resource: str, name: str) -> str:
    return f"{name}-of:function:{resource}-1"


INTRINSICS = Intrinsics({"AWS::Partition": "aws", "Echo": "echo-1"}, attribute)


def routes(paths: dict[str, Any]) -> list[bridge.Route]:
    return list(bridge.routes(INTRINSICS.resolve({"paths": paths})))


def test_a_route_knows_its_key_and_its_function() -> None:
    (route,) = routes({"/a/{b}": {"get": INTEGRATION}})
    assert (route.key, route.function) == ("GET /a/{b}", "Echo-1")


@pytest.mark.parametrize("path", ["$default", "/$default"])
def test_the_default_route_has_its_own_key(path: str) -> None:
    (route,) = routes({path: {bridge.ANY_METHOD: INTEGRATION}})
    assert route.key == "$default"


def test_any_method_is_a_method() -> None:
    (route,) = routes({"/a": {bridge.ANY_METHOD: INTEGRATION}})
    assert route.key == "ANY /a"


def test_an_authorizer_is_refused_and_not_left_out() -> None:
    with pytest.raises(NotImplementedError, match="authorizers"):
        routes({"/a": {"get": {**INTEGRATION, "security": [{"keys": []}]}}})


def test_a_template_without_an_api_is_refused() -> None:
    with pytest.raises(ValueError, match="0 HTTP APIs"):
        bridge.definition({"Resources": {}})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Echo"}, "echo-1"),
        ({"Fn::GetAtt": ["Echo", "Arn"]}, "Arn-of:function:Echo-1"),
        ({"Fn::GetAtt": "Echo.Arn"}, "Arn-of:function:Echo-1"),
        ({"Fn::Sub": "${Echo} ${!Echo}"}, "echo-1 ${Echo}"),
        ({"Fn::Sub": ["${a}-${Echo}", {"a": {"Ref": "Echo"}}]}, "echo-1-echo-1"),
        ({"Fn::Join": [":", ["a", {"Ref": "Echo"}]]}, "a:echo-1"),
        ([{"a": {"Ref": "Echo"}}, 1, None], [{"a": "echo-1"}, 1, None]),
    ],
)
def test_references_are_resolved(value: object, expected: object) -> None:
    assert INTRINSICS.resolve(value) == expected


def test_an_unknown_function_is_refused_and_not_passed_on() -> None:
    with pytest.raises(NotImplementedError, match="Fn::Transform"):
        INTRINSICS.resolve({"Fn::Transform": {}})
