"""The HTTP server: uvicorn on one port, with a way to close a connection without a response (a fault)."""

import asyncio
import signal
import socket
import sys
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

CLOSE_EXTENSION = "local.ses.close"


class CuttableConnection(H11Protocol):
    """Lets the application close its connection, which ASGI does not provide."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # asyncio sets this only for sockets opened with an explicit protocol number. Without it the second packet of a
        # response waits about 40 ms for the client's delayed acknowledgement of the first.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        app = self.app

        async def with_close(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[CLOSE_EXTENSION] = transport.abort
            await app(scope, receive, send)

        self.app = with_close


class Guard:
    """Rejects requests that a web page of another site makes a browser send here."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._names = {"localhost", "127.0.0.1", "[::1]", host.lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._allows(scope):
            await _forbid(send)
            return
        await self._app(scope, receive, send)

    def _allows(self, scope: Scope) -> bool:
        headers = {name: value.decode("latin-1").lower() for name, value in scope["headers"]}
        host = headers.get(b"host", "")
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if name not in self._names and not name.endswith(".localhost"):
            return False
        if headers.get(b"sec-fetch-site", "none") not in ("none", "same-origin"):
            return False
        origin = f"http://{host}"
        return bool(headers.get(b"origin", origin) == origin)


async def _forbid(send: Send) -> None:
    body = b"Refused: the request comes from a web page of another site, or its Host header is not this machine.\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Server(uvicorn.Server):
    """Prints a line with its URL when it is ready; the process that started it waits for that line."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            print(f"ready http://{host}:{port}", flush=True)


def serve(app: ASGIApp, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    # uvicorn raises the signal again after its shutdown; with this handler the exit code is 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    listener = socket.create_server((host, port), backlog=2048)
    config = uvicorn.Config(
        Guard(app, host),
        http=CuttableConnection,
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=75,
        # Calls that hang on purpose must not delay the shutdown.
        timeout_graceful_shutdown=1,
    )
    Server(config).run(sockets=[listener])
