"""An upstream server that records the bytes of each request and sends a fixed response."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ANSWER = (
    b'HTTP/1.1 207 Multi-Status\r\nContent-Type: application/x-odd; a="b"\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n'
    b"X-Case: \xe9\r\nContent-Length: 4\r\nConnection: close\r\n\r\n\x00\xff\r\n"
)


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def upstream() -> Iterator[tuple[str, list[bytes]]]:
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    requests.append(read_request(connection))
                    connection.sendall(ANSWER)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", requests
