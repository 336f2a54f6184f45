"""An AWS for the command that deploys: it says who calls, takes files, and refuses the change set."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

ACCOUNT = "123456789012"
BUCKET = "sam-artifacts"
_IDENTITY = f"<GetCallerIdentityResult><Account>{ACCOUNT}</Account></GetCallerIdentityResult>"
_MANAGED = f"""<DescribeStacksResult><Stacks><member>
<StackName>aws-sam-cli-managed-default</StackName><StackId>arn:aws:cloudformation:x:{ACCOUNT}:stack/m/1</StackId>
<StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime>
<Tags><member><Key>ManagedStackSource</Key><Value>AwsSamCli</Value></member></Tags>
<Outputs><member><OutputKey>SourceBucket</OutputKey><OutputValue>{BUCKET}</OutputValue></member></Outputs>
</member></Stacks></DescribeStacksResult>"""
_NO_STACK = "<Error><Code>ValidationError</Code><Message>Stack with id {} does not exist</Message></Error>"
_REFUSED = "<Error><Code>AccessDenied</Code><Message>This stub makes no change set.</Message></Error>"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    calls: list[dict[str, str]]

    def do_POST(self) -> None:
        call = dict(parse_qsl(self._body().decode()))
        self.calls.append(call)
        action, name = call.get("Action", ""), call.get("StackName", "")
        match action:
            case "GetCallerIdentity":
                self._answer(200, f"<{action}Response>{_IDENTITY}</{action}Response>")
            case "DescribeStacks" if name == "aws-sam-cli-managed-default":
                self._answer(200, f"<{action}Response>{_MANAGED}</{action}Response>")
            case "CreateChangeSet":
                self._answer(403, f"<ErrorResponse>{_REFUSED}</ErrorResponse>")
            case _:
                self._answer(400, f"<ErrorResponse>{_NO_STACK.format(name)}</ErrorResponse>")

    def do_HEAD(self) -> None:
        self._answer(404, "")

    def do_PUT(self) -> None:
        self._body()
        self._answer(200, "")

    def do_GET(self) -> None:
        self._answer(404, "")

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def stub_aws() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The URL of the stub, and the calls to its query APIs."""
    calls: list[dict[str, str]] = []
    handler = type("Handler", (_Handler,), {"calls": calls})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", calls
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
