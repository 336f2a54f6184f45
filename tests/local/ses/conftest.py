"""One stand-in process for all tests, connected to a stub of the engine."""

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from tests.local.ses.stand_in import StandIn, start, stop
from tests.local.ses.stub_engine import ALL_EVENTS, StubEngine, handler


@pytest.fixture(scope="session")
def engine_server() -> Iterator[StubEngine]:
    stub = StubEngine()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(stub))
    stub.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield stub
    server.shutdown()
    server.server_close()


@pytest.fixture
def engine(engine_server: StubEngine) -> StubEngine:
    engine_server.published.clear()
    engine_server.asked.clear()
    engine_server.files.clear()
    engine_server.add_set("mailer", ALL_EVENTS)
    return engine_server


@pytest.fixture(scope="session")
def running(engine_server: StubEngine) -> Iterator[StandIn]:
    process, url = start(engine_server.url, "--mailbox-field", "newsletter=nid")
    yield StandIn(url)
    stop(process)


@pytest.fixture
def ses(running: StandIn, engine: StubEngine) -> StandIn:
    """The stand-in with default settings, no faults, an empty mailbox and no events of earlier tests."""
    running.wait_until_published()
    engine.published.clear()
    engine.files.clear()
    running.http("DELETE", "/_local/faults")
    running.http("DELETE", "/_local/mailbox")
    running.settings(rate=1e6, quota=10**9, burst=0, paused=False, suspended=False, sandbox=False, api_rate=None)
    running.settings(identities=["example.com"], suppressed_reasons=["BOUNCE", "COMPLAINT"], mailbox_limit=10_000)
    return running
