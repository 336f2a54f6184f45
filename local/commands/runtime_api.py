"""The Lambda Runtime API for one invocation, as used by AWS's runtime client.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PREFIX = "/2018-06-01/runtime"
REQUEST_ID = "00000000-0000-4000-8000-000000000001"
TRACE_ID = "Root=1-00000000-000000000000000000000001;Parent=0000000000000001;Sampled=0"


@dataclass
class Work:
    """One event, the settings of its invocation (``timeout`` in seconds), and then its result."""

    event: bytes
    function_arn: str
    timeout: float
    payload: bytes = b""
    failed: bool = False
    taken: bool = False
    done: threading.Event = field(default_factory=threading.Event)

    def finish(self, payload: bytes, failed: bool) -> None:
        """Record the result."""
        self.payload, self.failed = payload, failed
        self.done.set()


class RuntimeAPI(BaseHTTPRequestHandler):
    """Serves the event once; later requests for an event get 404."""

    protocol_version = "HTTP/1.1"
    work: Work

    def do_GET(self) -> None:
        """Serve the next invocation."""
        if self.path != f"{PREFIX}/invocation/next" or self.work.taken:
            self.answer(404)
            return
        self.work.taken = True
        self.answer(
            200,
            self.work.event,
            {
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": REQUEST_ID,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + self.work.timeout) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": self.work.function_arn,
                "Lambda-Runtime-Trace-Id": TRACE_ID,
            },
        )

    def do_POST(self) -> None:
        """Take the handler's response, its error, or the error of its import."""
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        outcome = {
            f"{PREFIX}/invocation/{REQUEST_ID}/response": False,
            f"{PREFIX}/invocation/{REQUEST_ID}/error": True,
            f"{PREFIX}/init/error": True,
        }.get(self.path)
        if outcome is None:
            self.answer(404)
            return
        self.answer(202, b"{}")
        self.work.finish(body, failed=outcome)

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        """Send a response."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def serving(work: Work) -> Iterator[str]:
    """Serve the API for this work until the end of the block; its host and port, for AWS_LAMBDA_RUNTIME_API."""
    handler = type("WorkAPI", (RuntimeAPI,), {"work": work})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
