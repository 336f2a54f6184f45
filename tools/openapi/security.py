"""The authentication of each package. The schemes of a package are alternatives, unless it is in ``_TOGETHER``."""

from typing import Any

from tools.openapi.endpoints import Endpoint

_BEARER = {"type": "http", "scheme": "bearer"}


def _header(name: str, description: str) -> dict[str, str]:
    return {"type": "apiKey", "in": "header", "name": name, "description": description}


SCHEMES: dict[str, dict[str, dict[str, str]]] = {
    "rocketchat": {
        "token": _header("X-Auth-Token", "The token of the user in X-User-Id."),
        "user": _header("X-User-Id", "The id of the token's user."),
    },
    "repzo": {
        "bearer": {**_BEARER, "description": "A key, as in Repzo's documentation."},
        "key": _header("api-key", "A key, as sent by Repzo's own client."),
    },
    "letterbucket": {"bearer": {**_BEARER, "description": "A key of one newsletter; it starts with sk_."}},
    "mirasvit": {
        "bearer": {**_BEARER, "description": "An access token of an integration or of an administrator."},
        "oauth": _header("Authorization", "An OAuth 1.0a signature of the request."),
    },
    "native": {"bearer": {**_BEARER, "description": "A key of optout's own API."}},
}
_TOGETHER = {"rocketchat"}


def schemes(packages: set[str]) -> dict[str, Any]:
    """The schemes of these packages, with the package as a prefix of their names."""
    return {f"{package}.{name}": scheme for package in sorted(packages) for name, scheme in SCHEMES[package].items()}


def requirement(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    """The schemes that this endpoint accepts; empty without authentication."""
    if endpoint.app.guard is None:
        return []
    if endpoint.package not in SCHEMES:
        raise LookupError(f"{endpoint.name} requires authentication; add a scheme for {endpoint.package} to {__name__}")
    named: list[dict[str, list[str]]] = [{f"{endpoint.package}.{name}": []} for name in SCHEMES[endpoint.package]]
    return [{name: [] for one in named for name in one}] if endpoint.package in _TOGETHER else named
