"""No reply is larger than what Lambda returns: a listing ends its page, a search is refused, a body is cut."""

import itertools
import json
import string
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from optout.address import Address
from optout.origin import Origin
from optout.scope import Scope
from optout.subscribers.subscriber import Confirmation
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.wiring.subscribers import subscribers
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.calls import Answer, Event, call, changed, invoke, load

LAMBDA = 6 * 1024 * 1024
WIDE = "\U0001f600"  # 12 characters in JSON, and 14 in the JSON of a response
ADA = "ada@reader.example"
ORIGIN = Origin("repzo", "key", WIDE * 500)
MAILING = {"from": "News <news@example.com>", "subject": "What is new"}


def names(kind: str, count: int = 50) -> list[str]:
    return [f"{kind}{at:02}".ljust(100, WIDE) for at in range(count)]


LARGEST = Scope.of(names("t"), names("n"))


def stop(email: str = ADA, scope: Scope = LARGEST, times: int = 1) -> int:
    """Suppress an address with the longest texts, again and again; the record's number."""
    for _ in range(times):
        done = suppress(
            suppressions(),
            examples.WORKSPACE,
            Address.parse(email),
            scope,
            Reason.UNSUBSCRIBED,
            ORIGIN,
            why=WIDE * 1000,
            repeat=True,
        )
    return done.record.number


def ask(function: str, event: Event | None = None, **changes: Any) -> Answer:
    """The answer, which has to be one that Lambda returns."""
    result = invoke(function, changed(event or load(function), **changes))
    assert len(json.dumps(result, ensure_ascii=False).encode()) < LAMBDA
    return Answer.of(result)


def listed(function: str, query: Mapping[str, object], **changes: Any) -> Any:
    event = load(function)
    event["rawQueryString"] = urlencode(query)
    event["queryStringParameters"] = {name: str(value) for name, value in query.items()}
    answer = ask(function, event, credentials=examples.NATIVE, **changes)
    assert answer.status == 200
    return answer.json


def pages(function: str, rows: str, **changes: Any) -> Iterator[list[Any]]:
    """The rows of all pages, as long as a page may be."""
    query: dict[str, object] = {"limit": 100}
    while True:
        found = listed(function, query, **changes)
        yield found[rows]
        if found["after"] is None:
            return
        query["after"] = found["after"]


def test_the_history_of_a_record_comes_in_pages_and_whole() -> None:
    record = stop(times=60)
    found = list(pages("native.suppressions.history", "history", path_id=str(record)))
    assert len(found) > 1
    assert [change["version"] for page in found for change in page] == list(range(60, 0, -1))


def test_the_story_of_an_address_comes_in_pages_and_whole() -> None:
    for at in range(60):
        stop(scope=Scope.of([f"trigger:{at}"]))
    stop(times=30)
    found = list(pages("native.suppressions.explain_by_path", "story", path_id=ADA))
    assert len(found) > 2
    assert [change["version"] for page in found for change in page] == list(range(90, 0, -1))


def test_an_explanation_shows_fifty_records_and_fifty_rules_at_most() -> None:
    for at in range(60):
        stop(scope=Scope.of((), ["shop", str(at)]))
    found = listed("native.suppressions.explain", {"email": ADA, "namespace": "shop"})
    assert (len(found["in_force"]), len(found["marketing"]["rules"])) == (50, 50)
    assert found["marketing"]["rules"][0]["decides"]


def test_a_check_of_addresses_with_many_rules_is_refused_before_an_override_is_written() -> None:
    stop(scope=Scope.of((), names("n")))
    suppress(suppressions(), examples.WORKSPACE, Address.parse(ADA), Scope(), Reason.BOUNCED, ORIGIN)
    before = suppressions().state(examples.WORKSPACE, Address.parse(ADA)).version
    entry = {"email": ADA, "namespace": names("n")[0]}
    override = {"email": ADA, "message_class": "transactional", "override": True}
    body = {"addresses": [override, *[entry] * 500]}
    answer = ask("native.suppressions.check", json_body=body, credentials=examples.MAY_OVERRIDE)
    assert (answer.status, answer.json["error"]["code"]) == (400, "too_broad")
    assert suppressions().state(examples.WORKSPACE, Address.parse(ADA)).version == before
    body = {"addresses": [entry] * 10}
    assert ask("native.suppressions.check", json_body=body, credentials=examples.NATIVE).status == 200


def test_a_page_of_repzo_that_is_too_large_is_refused_and_a_smaller_one_is_not() -> None:
    for at in range(50):
        stop(f"p{at}@reader.example")
    event = load("repzo.list")
    assert ask("repzo.list", event | {"rawQueryString": "per_page=50"}).status == 400
    assert ask("repzo.list", event | {"rawQueryString": "per_page=10"}).status == 200


def test_campaigns_with_long_queries_come_in_pages_and_whole() -> None:
    query = json.dumps({"name": {"$in": [str(at) + '"' * 40 for at in range(500)]}})
    made = [
        call(
            "native.campaigns.create",
            json_body={**MAILING, "html": "Hi [unsubscribe]", "query": query},
            headers={"idempotency-key": str(at)},
        ).json["id"]
        for at in range(50)
    ]
    found = list(pages("native.campaigns.list", "campaigns"))
    assert len(found) > 1
    assert [one["id"] for page in found for one in page][:50] == made[::-1]


def test_confirmations_come_in_pages_and_whole() -> None:
    store = subscribers()
    ada = store.get(examples.WORKSPACE, examples.NEWSLETTER, examples.SUBSCRIBER)
    assert ada
    for at in range(150):
        store.change(ada, ada, Confirmation(ada.address, 1, 1000 + at, ORIGIN))
    found = list(pages("native.subscribers.confirmations", "confirmations"))
    assert [len(page) for page in found] == [100, 50]
    assert len({one["confirmed_at"] for page in found for one in page}) == 150


def test_the_samples_of_a_preview_are_cut_and_say_so() -> None:
    for at in range(3):
        address = Address.parse(f"p{at}@reader.example")
        examples.add_subscriber(examples.SUBSCRIBER + 40 + at, address, "&" * 255)
    body = {**MAILING, "html": "[name]" * 3000 + "[unsubscribe]"}
    samples = ask("native.campaigns.preview", json_body=body).json["samples"]
    assert [sample["cut"] for sample in samples] == [False, True, True]
    assert len(samples[1]["html"]) == 64_000


def test_a_body_with_a_hundred_thousand_unknown_fields_is_refused_in_few_words() -> None:
    letters = itertools.product(string.ascii_letters + string.digits, repeat=3)
    fields = ",".join(f'"{"".join(name)}":1' for name in itertools.islice(letters, 100_000))
    raw = f'{{"addresses":[{{"email":"{ADA}",{fields}}}]}}'
    answer = ask("native.suppressions.check", raw=raw)
    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid")
    assert len(answer.json["error"]["details"]) == 100


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    ("function", "bad"),
    [
        *((function, {"limit": limit}) for function in ("history", "explain_by_path") for limit in (0, 101, "all", "")),
        *((function, {"after": after}) for function in ("history", "explain_by_path") for after in (0, -1, 10**9, "x")),
    ],
)
def test_a_bad_place_in_a_history_is_refused(function: str, bad: Mapping[str, object]) -> None:
    event = load(f"native.suppressions.{function}")
    event["rawQueryString"] = urlencode(bad)
    event["queryStringParameters"] = {name: str(value) for name, value in bad.items()}
    answer = call(f"native.suppressions.{function}", event)
    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid")
