"""The authentication of each package. The schemes of a package are alternatives, unless it is in ``_TOGETHER``."""

from typing import Any

from tools.openapi.endpoints import Endpoint

_BEARER = {"type": "http", "scheme": "bearer"}


def _header(name: str, description: str) -> dict[str, str]:
    return {"type": "apiKey", "in": "header", "name": name, "description": description}


SCHEMES: dict[str, dict[str, dict[str, str]]] = {
    "rocketchat": {
        "token": _header("X-Auth-Token", "The token of the user in X-User-Id."),
        "user": _header("X-User-Id", "The user that the token belongs to."),
    },
    "repzo": {
        "bearer": {**_BEARER, "description": "As Repzo's documentation has it."},
        "key": _header("api-key", "As Repzo's own client sends it."),
    },
    "letterbucket": {"bearer": {**_BEARER, "description": "A key that begins with sk_. It belongs to one newsletter."}},
    "mirasvit": {
        "bearer": {**_BEARER, "description": "An access token of an integration or of an administrator."},
        "oauth": _header("Authorization", "OAuth 1.0a: the header is a signature over the request."),
    },
    "native": {"bearer": {**_BEARER, "description": "A key of optout itself."}},
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
