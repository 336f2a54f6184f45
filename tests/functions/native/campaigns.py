"""Short ways to have campaigns sent by our own API, and to ask about them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from optout.campaigns.campaign import Campaign
from optout.wiring.campaigns import campaigns
from tests.support.handlers import examples
from tests.support.handlers.calls import Answer, Context, call, invoke, load

MAILING = {
    "from": "News <news@example.com>",
    "subject": "What is new",
    "html": '<p>Hello [name]</p><a href="[unsubscribe]">Leave</a>',
}


def create(key: str = "", credentials: Mapping[str, str] = examples.NATIVE, **more: Any) -> Answer:
    event = load("native.campaigns.create")
    del event["headers"]["idempotency-key"]
    headers = {"idempotency-key": key} if key else {}
    return call("native.campaigns.create", event, json_body=MAILING | more, headers=headers | dict(credentials))


def ask(what: str, campaign: object, **more: Any) -> Answer:
    return call(f"native.campaigns.{what}", path_id=str(campaign), **more)


def listed(query: str = "") -> Any:
    event = load("native.campaigns.list")
    event["rawQueryString"] = query
    event["queryStringParameters"] = dict(pair.split("=") for pair in query.split("&") if pair)
    return call("native.campaigns.list", event)


def stored(campaign: object) -> Campaign:
    found = campaigns().get(int(str(campaign)))
    assert found
    return found


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["error"]["code"]


def later(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat(timespec="milliseconds")


def run(campaign: object) -> None:
    """The walk, as its queue calls it."""
    event = load("jobs.expand")
    event["Records"][0]["body"] = f'{{"campaign": {campaign}, "first_chunk": 0}}'
    invoke("jobs.expand", event, Context())


def preview(credentials: Mapping[str, str] = examples.NATIVE, **more: Any) -> Answer:
    return call("native.campaigns.preview", json_body=MAILING | more, credentials=credentials)
