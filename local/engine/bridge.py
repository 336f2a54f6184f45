"""Creates the routes, integrations and CORS settings of a SAM HttpApi, which the engine's CloudFormation leaves out.

The engine reports CREATE_COMPLETE nevertheless. The routes come from the processed template, after every deployment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.engine.intrinsics import Intrinsics

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client

INTEGRATION = "x-amazon-apigateway-integration"
ANY_METHOD = "x-amazon-apigateway-any-method"
CORS = "x-amazon-apigateway-cors"
DEFAULT_PATH = "$default"


@dataclass(frozen=True)
class Route:
    """One route of the API and its Lambda integration."""

    method: str
    path: str
    integration: str
    payload: str

    @property
    def key(self) -> str:
        """The route's key in API Gateway."""
        return DEFAULT_PATH if self.path == DEFAULT_PATH else f"{self.method} {self.path}"

    @property
    def function(self) -> str:
        """The function's name, from the integration's URI (.../function:NAME/invocations)."""
        return self.integration.rpartition(":function:")[2].partition("/")[0]


def definition(processed: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The logical id and the OpenAPI body of the template's one HTTP API."""
    found = [
        (name, resource["Properties"]["Body"])
        for name, resource in processed["Resources"].items()
        if resource["Type"] == "AWS::ApiGatewayV2::Api" and "Body" in resource["Properties"]
    ]
    if len(found) != 1:
        raise ValueError(f"the template has {len(found)} HTTP APIs; the local stack supports exactly one")
    return found[0]


def routes(body: dict[str, Any]) -> Iterator[Route]:
    """The routes of a resolved OpenAPI body."""
    for path, item in body["paths"].items():
        for method, operation in item.items():
            if not isinstance(operation, dict) or INTEGRATION not in operation:
                continue
            if operation.get("security"):
                raise NotImplementedError(f"{method} {path}: the local stack does not support authorizers")
            integration = operation[INTEGRATION]
            verb = "ANY" if method == ANY_METHOD else method.upper()
            yield Route(
                verb,
                DEFAULT_PATH if path.strip("/") == DEFAULT_PATH else path,
                integration["uri"],
                integration.get("payloadFormatVersion", "2.0"),
            )


def clear(gateway: "ApiGatewayV2Client", api_id: str) -> None:
    """Delete the routes and integrations of an earlier deployment."""
    for route in gateway.get_routes(ApiId=api_id, MaxResults="500")["Items"]:
        gateway.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    for integration in gateway.get_integrations(ApiId=api_id, MaxResults="500")["Items"]:
        gateway.delete_integration(ApiId=api_id, IntegrationId=integration["IntegrationId"])


def add(gateway: "ApiGatewayV2Client", api_id: str, route: Route) -> None:
    """Create one route with its integration. API Gateway has no route that ends in a slash, and the engine has."""
    if route.path.endswith("/") and route.path != "/":
        raise ValueError(f"API Gateway refuses the route {route.key}: a path cannot end in a slash")
    integration = gateway.create_integration(
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=route.integration,
        IntegrationMethod="POST",
        PayloadFormatVersion=route.payload,
    )
    gateway.create_route(ApiId=api_id, RouteKey=route.key, Target=f"integrations/{integration['IntegrationId']}")


def bridge(gateway: "ApiGatewayV2Client", processed: dict[str, Any], intrinsics: Intrinsics) -> tuple[str, list[Route]]:
    """Create the API's routes and CORS settings; the API's id and its routes."""
    logical_id, body = definition(processed)
    api_id = intrinsics.references[logical_id]
    body = intrinsics.resolve(body)
    clear(gateway, api_id)
    made = list(routes(body))
    for route in made:
        add(gateway, api_id, route)
    if cors := body.get(CORS):
        configuration: Any = {name[0].upper() + name[1:]: value for name, value in cors.items()}
        gateway.update_api(ApiId=api_id, CorsConfiguration=configuration)
    return api_id, made
