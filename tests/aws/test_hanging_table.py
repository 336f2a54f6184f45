"""A table that takes a request and never answers, over a real connection and without the local stack's patience."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.support.handlers.calls import Answer, Context, invoke, load
from tests.support.template import timeout
from tests.support.wiring import forget


class Silent:
    """A server that accepts connections, and counts them."""

    def __init__(self) -> None:
        self.connections: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                self.connections.append(self._server.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        for connection in (self._server, *self.connections):
            connection.close()


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    made = Silent()
    for name, value in {
        "AWS_ENDPOINT_URL": made.url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "CREDENTIALS_TABLE": "credentials",
    }.items():
        monkeypatch.setenv(name, value)
    forget()
    yield made
    made.close()
    forget()


def test_the_function_says_itself_that_the_table_does_not_answer(silent: Silent) -> None:
    function = "repzo.check"
    answer = Answer.of(invoke(function, load(function), Context(milliseconds_left=1000 * timeout(function))))
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert 1 <= len(silent.connections) <= 3  # the attempts
