"""Keeps web pages away from the local stack.

The embedded AWS answers anyone who reaches its port, and whoever reaches its control plane can run code as the user.
A page in a browser reaches 127.0.0.1 with plain cross-origin requests, or under a name of its own that resolves to
127.0.0.1. So a foreign Host is refused everywhere, and a browser's request everywhere but in the API's data plane.
"""

import re

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\]|([a-z0-9-]+\.)+localhost)(:\d+)?", re.ASCII)
# Complete: with less than an API and a stage the engine would take the request for one of its services.
DATA_PLANE = re.compile(r"/_aws/execute-api/[a-z0-9]{8,}/[^/]+/.*", re.ASCII | re.DOTALL)
OWN_PAGES = ("none", "same-origin")


def from_loopback_name(headers: Headers) -> bool:
    """Whether the request names this machine as its Host."""
    return LOOPBACK_HOST.fullmatch(headers.get("host", "").lower()) is not None


def from_browser_page(headers: Headers) -> bool:
    """Whether a page of another origin may have sent this: browsers say so, and no SDK does."""
    return "origin" in headers or headers.get("sec-fetch-site", "none") not in OWN_PAGES


def allowed(path: str, headers: Headers) -> bool:
    """Whether the engine may see this request."""
    if not from_loopback_name(headers):
        return False
    return DATA_PLANE.fullmatch(path) is not None or not from_browser_page(headers)


class BrowserGuard:
    """Answers 403 in place of the guarded application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = scope["type"] in ("http", "websocket") and not allowed(scope["path"], Headers(scope=scope))
        if not refused:
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            answer = PlainTextResponse("refused: a page in a browser, or a foreign Host\n", status_code=403)
            await answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})
