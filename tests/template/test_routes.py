"""Every route of a function's code is a route of the template, and the other way round."""

import ast
import re

import pytest

from tests.support.template import FUNCTIONS, functions, in_template, module_of
from tests.template.conftest import Transformed
from tools.openapi.endpoints import SLASH

DEFAULT = "GatewayNotFound"
SLASHED = (
    "Repzo",
    "Rocketchat",
    "Mirasvit",
    "Links",
)  # Express, Rocket.Chat's own router and Magento's ignore the slash
ANY_ADDRESS = "/optout/v1/addresses/{proxy+}"  # an address with a slash, which API Gateway decodes before it routes
ROUTES = 300  # of one HTTP API
RESOURCES = 500  # of one stack, after SAM's transformation
METHODS = {"get", "post", "put", "patch", "delete", "options"}


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
    """But for what `optout.web.route` makes equal: HEAD, and a slash at the end."""
    function = functions()[name]
    routes = {
        (method, path.removesuffix(SLASH))
        for method, path in in_template(function)
        if method != "HEAD" and path != ANY_ADDRESS
    }
    assert in_code(function["Handler"]) == routes


@pytest.mark.parametrize("name", functions())
def test_head_goes_wherever_get_goes(name: str) -> None:
    routes = in_template(functions()[name])
    paths = {method: {path for other, path in routes if other == method} for method in ("GET", "HEAD")}
    assert paths["HEAD"] == paths["GET"]


@pytest.mark.parametrize("name", [name for name in functions() if name.startswith(SLASHED)])
def test_a_slash_at_the_end_is_routed_where_the_original_takes_it(name: str) -> None:
    routes = in_template(functions()[name])
    assert {(method, path.removesuffix(SLASH) + end) for method, path in routes for end in ("", SLASH)} == routes


def test_no_route_ends_in_a_slash_because_api_gateway_refuses_it() -> None:
    paths = {path for function in functions().values() for _, path in in_template(function)}
    assert not {path for path in paths if path.endswith("/")}


def test_the_api_and_the_stack_keep_within_the_quotas_of_aws(transformed: Transformed) -> None:
    (api,) = transformed.of("AWS::ApiGatewayV2::Api").values()
    assert sum(map(len, api["Body"]["paths"].values())) <= ROUTES
    assert len(transformed.resources) <= RESOURCES


def test_one_function_takes_what_no_route_matches(transformed: Transformed) -> None:
    (api,) = transformed.of("AWS::ApiGatewayV2::Api").values()
    default = api["Body"]["paths"]["/$default"]["x-amazon-apigateway-any-method"]
    assert DEFAULT in str(default["x-amazon-apigateway-integration"]["uri"])


def test_every_route_hands_over_events_of_the_second_format(transformed: Transformed) -> None:
    (api,) = transformed.of("AWS::ApiGatewayV2::Api").values()
    for path in api["Body"]["paths"].values():
        for method in path.values():
            assert method["x-amazon-apigateway-integration"]["payloadFormatVersion"] == "2.0"


def test_no_route_is_given_to_two_functions() -> None:
    routes = [route for function in functions().values() for route in in_template(function)]
    assert len(routes) == len(set(routes))
