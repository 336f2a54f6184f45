"""One address for people: the API at `/`, the mailbox at `/_local/`.

Passes on what it gets, unchanged: the raw path with its escapes, brackets in the query string, repeated headers, the
Host, the body's bytes. A client that signs any of these gets the answer that the deployed API would give; as the
deployed API does, it adds by which scheme it was asked.
"""

import argparse
import socket

import httpcore
import uvicorn
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from local.guard import from_loopback_name

# These belong to one connection, and each of the two has its own. The server and httpcore write them anew.
HOP_BY_HOP = {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
SCHEME = b"x-forwarded-proto"
LONGEST_ANSWER = 60.0


class Front:
    """The proxy as an ASGI application."""

    def __init__(self, api_url: str, local_url: str) -> None:
        self.api = httpcore.URL(api_url)
        self.local = httpcore.URL(local_url)
        self.pool = httpcore.AsyncConnectionPool(max_connections=100, retries=1)

    def target(self, scope: Scope) -> httpcore.URL:
        """Where the request goes: the bytes of its own target, behind those of the upstream's."""
        path: bytes = scope["raw_path"]
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        upstream = self.local if path.startswith(b"/_local/") or path == b"/_local" else self.api
        return httpcore.URL(
            scheme=upstream.scheme,
            host=upstream.host,
            port=upstream.port,
            target=upstream.target.rstrip(b"/") + path + query,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if not from_loopback_name(Headers(scope=scope)):
            await PlainTextResponse("refused: a foreign Host\n", status_code=403)(scope, receive, send)
            return
        try:
            response = await self.forward(scope, await Request(scope, receive).body())
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            response = PlainTextResponse(f"the local stack does not answer: {error!r}\n", status_code=502)
        await response(scope, receive, send)

    async def forward(self, scope: Scope, body: bytes) -> Response:
        """The upstream's answer."""
        headers = [(name, value) for name, value in scope["headers"] if name.lower() not in {*HOP_BY_HOP, SCHEME}]
        headers.append((SCHEME, scope["scheme"].encode()))
        if body and not any(name.lower() == b"content-length" for name, _ in headers):
            headers.append((b"content-length", str(len(body)).encode()))
        answer = await self.pool.request(
            scope["method"],
            self.target(scope),
            headers=headers,
            content=body,
            extensions={"timeout": {"connect": 5.0, "read": LONGEST_ANSWER, "write": 10.0, "pool": LONGEST_ANSWER}},
        )
        response = Response(answer.content, status_code=answer.status)
        response.raw_headers = [(name, value) for name, value in answer.headers if name.lower() not in HOP_BY_HOP]
        return response


def main() -> None:
    """Serve on an inherited listening socket until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--api", required=True, help="data plane of the HTTP API on the engine")
    parser.add_argument("--local", required=True, help="the SES stand-in")
    options = parser.parse_args()
    config = uvicorn.Config(
        Front(options.api, options.local),
        log_level="warning",
        lifespan="off",
        proxy_headers=False,  # nobody stands in front of this
        server_header=False,
        date_header=False,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=options.fd)])


if __name__ == "__main__":
    main()
