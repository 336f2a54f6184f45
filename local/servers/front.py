"""A reverse proxy, so that the API (at `/`) and the mailbox (at `/_local/`) share one address.

It forwards requests unchanged: the raw path with its escapes, brackets in the query string, repeated headers, the Host
and the bytes of the body. Requests that a client has signed therefore work as they do on AWS. Like API Gateway, it adds
X-Forwarded-Proto.
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

# These headers belong to one connection; uvicorn and httpcore set their own.
HOP_BY_HOP = {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
SCHEME = b"x-forwarded-proto"
LONGEST_ANSWER = 300.0  # seconds; many cold starts at once take a minute on a busy machine


class Front:
    """The proxy as an ASGI application."""

    def __init__(self, api_url: str, local_url: str) -> None:
        self.api = httpcore.URL(api_url)
        self.local = httpcore.URL(local_url)
        self.pool = httpcore.AsyncConnectionPool(max_connections=100, retries=1)

    def target(self, scope: Scope) -> httpcore.URL:
        """The URL to forward to: the request's own target, byte for byte, below the upstream's."""
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
            await PlainTextResponse("Refused: the Host header is not this machine.\n", status_code=403)(
                scope, receive, send
            )
            return
        try:
            response = await self.forward(scope, await Request(scope, receive).body())
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            response = PlainTextResponse(f"The local stack did not respond: {error!r}\n", status_code=502)
        await response(scope, receive, send)

    async def forward(self, scope: Scope, body: bytes) -> Response:
        """The upstream's response."""
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
    parser.add_argument("--fd", type=int, required=True, help="file descriptor of the listening socket")
    parser.add_argument("--api", required=True, help="URL of the API's data plane on the engine")
    parser.add_argument("--local", required=True, help="URL of the SES stand-in")
    options = parser.parse_args()
    config = uvicorn.Config(
        Front(options.api, options.local),
        log_level="warning",
        lifespan="off",
        proxy_headers=False,  # no proxy stands in front of this one
        server_header=False,
        date_header=False,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=options.fd)])


if __name__ == "__main__":
    main()
