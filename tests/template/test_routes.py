"""Every route of a function's code is a route of the template, and the other way round."""

import ast
import re

import pytest

from tests.support.template import FUNCTIONS, functions, in_template, module_of
from tests.template.conftest import Transformed

DEFAULT = "GatewayNotFound"
METHODS = {"get", "head", "post", "put", "patch", "delete", "options"}


def in_code(handler: str) -> set[tuple[str, str]]:
    """Method and path of each decorator like ``@app.get("/u/<token>")``."""
    path = FUNCTIONS.joinpath(*module_of(handler).split(".")).with_suffix(".py")
    decorators = [
        decorator
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)
    ]
    return {
        (decorator.func.attr.upper(), re.sub("<([^>]+)>", r"{\1}", decorator.args[0].value))
        for decorator in decorators
        if isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in METHODS
        and isinstance(decorator.args[0], ast.Constant)
        and isinstance(decorator.args[0].value, str)
    }


@pytest.mark.parametrize("name", functions())
def test_code_and_template_agree(name: str) -> None:
    function = functions()[name]
    assert in_code(function["Handler"]) == in_template(function)


def test_one_function_takes_what_no_route_matches(transformed: Transformed) -> None:
    (api,) = transformed.of("AWS::ApiGatewayV2::Api").values()
    default = api["Body"]["paths"]["$default"]["x-amazon-apigateway-any-method"]
    assert DEFAULT in str(default["x-amazon-apigateway-integration"]["uri"])


def test_every_route_hands_over_events_of_the_second_format(transformed: Transformed) -> None:
    (api,) = transformed.of("AWS::ApiGatewayV2::Api").values()
    for path in api["Body"]["paths"].values():
        for method in path.values():
            assert method["x-amazon-apigateway-integration"]["payloadFormatVersion"] == "2.0"


def test_no_route_is_given_to_two_functions() -> None:
    routes = [route for function in functions().values() for route in in_template(function)]
    assert len(routes) == len(set(routes))
