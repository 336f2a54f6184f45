"""Target 5: the number of AWS calls per response, in a warm container."""

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.figure import Figure
from benchmarks.running import Running
from local.seed import SENDER


def measure(running: Running, say: Callable[[str], None]) -> Iterator[Figure]:
    """The calls of a check, an opt-out and a campaign; each endpoint is called once before it is measured."""
    say("· calls per response")
    repzo = {"api-key": running.stack.credentials["repzo"]["api_key"]}

    def opt_out(email: str) -> Any:
        return running.call("repzo.create", "POST", "/mail-unsubscribe", body={"email": email}, headers=repzo)

    def check(email: str) -> bool:
        path = "/mail-unsubscribe/check"
        answer = running.call("repzo.check", "POST", path, body={"email": email}, headers=repzo)
        return bool(answer["data"]["is_unsubscribed"])

    opt_out("warm@bench.example")
    check("warm@bench.example")
    yield _counted(running, "unsubscribe", "1 transaction", lambda: opt_out("ada@bench.example"), 1)
    yield _counted(running, "check, suppressed", "1", lambda: check("ada@bench.example"), 1)
    yield _counted(running, "check, not suppressed", "2", lambda: check("eve@bench.example"), 2)
    yield _counted(
        running, "POST mailer", "1, the limit, the first queue message", lambda: _send(running), 3, warm=True
    )
    yield _limited(running)


def _send(running: Running) -> Any:
    login = running.stack.credentials["rocketchat"]
    headers = {"x-auth-token": login["auth_token"], "x-user-id": login["user_id"]}
    body = {"from": SENDER, "subject": "News", "body": "[unsubscribe]", "dryrun": True}
    return running.call("rocketchat.send", "POST", "/api/v1/mailer", body=body, headers=headers)


def _limited(running: Running) -> Figure:
    """Three windows are counted in one write."""
    headers = {"authorization": f"Bearer {running.stack.credentials['letterbucket']['api_key']}"}
    for _ in range(2):  # the first request starts the windows
        with running.meter.counting() as tally:
            running.call("letterbucket.list", "GET", "/subscribers", headers=headers)
    updates, units = tally.requests["UpdateItem"], tally.write_units
    found = f"{updates} UpdateItem, {units:g} write units"
    return Figure(5, "writes of three windows per request", found, "1 write", (updates, units) == (1, 1))


def _counted(
    running: Running, what: str, aim: str, ask: Callable[[], Any], allowed: int, *, warm: bool = False
) -> Figure:
    if warm:
        ask()
    with running.meter.counting() as tally:
        ask()
    units = f"{tally.read_units:g} read and {tally.write_units:g} write units"
    return Figure(5, what, f"{tally}, {units}", f"calls: {aim}", tally.requests.total() == allowed)
