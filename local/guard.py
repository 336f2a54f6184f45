"""Protects the local stack from web pages.

The AWS emulator (the engine) authenticates no caller, and its control plane can run code as the user. A web page can
reach 127.0.0.1 with cross-origin requests, or through a domain name that resolves to 127.0.0.1 (DNS rebinding).
Requests whose Host is not this machine are therefore rejected everywhere, and requests from a web page everywhere but
in the API's data plane.
"""

import re

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\]|([a-z0-9-]+\.)+localhost)(:\d+)?", re.ASCII)
# API id and stage are required: without them the engine would route the request to one of its services.
DATA_PLANE = re.compile(r"/_aws/execute-api/[a-z0-9]{8,}/[^/]+/.*", re.ASCII | re.DOTALL)
OWN_PAGES = ("none", "same-origin")
REFUSED = "Refused: the request comes from a web page, or its Host header is not this machine.\n"


def from_loopback_name(headers: Headers) -> bool:
    """Whether the Host header names this machine."""
    return LOOPBACK_HOST.fullmatch(headers.get("host", "").lower()) is not None


def from_browser_page(headers: Headers) -> bool:
    """Whether a page of another origin may have sent the request. Browsers set these headers; SDKs do not."""
    return "origin" in headers or headers.get("sec-fetch-site", "none") not in OWN_PAGES


def allowed(path: str, headers: Headers) -> bool:
    """Whether the request may reach the engine."""
    if not from_loopback_name(headers):
        return False
    return DATA_PLANE.fullmatch(path) is not None or not from_browser_page(headers)


class BrowserGuard:
    """ASGI middleware that answers 403 to requests that are not allowed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = scope["type"] in ("http", "websocket") and not allowed(scope["path"], Headers(scope=scope))
        if not refused:
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse(REFUSED, status_code=403)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})
