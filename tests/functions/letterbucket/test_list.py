"""LetterBucket's list: newest first, page by page, by status."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from optout import number
from optout.address import Address
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.subscribers import membership
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.calls import Answer, call, load, moved
from tests.support.handlers.refusals import Refused

ADA = number.to_uuid(examples.SUBSCRIBER)


def search(credentials: Mapping[str, str] | None = None, /, **query: str) -> Answer:
    event = load("letterbucket.list")
    event["queryStringParameters"], event["rawQueryString"] = query, urlencode(query, errors="replace")
    return call("letterbucket.list", event, credentials=credentials)


def add(count: int, **fields: Any) -> list[str]:
    """Ids of new subscribers, newest first."""
    items = [{"email": f"p{at}@reader.example"} | fields for at in range(count)]
    return [one["id"] for one in reversed(call("letterbucket.bulk", json_body=items).json["data"]["created"])]


def ids(answer: Answer) -> list[str]:
    return [one["id"] for one in answer.json["data"]]


def stop(email: str, *, scope: Scope = EVERYTHING, reason: Reason = Reason.UNSUBSCRIBED) -> None:
    suppress(suppressions(), examples.WORKSPACE, Address.parse(email), scope, reason, Origin("command"))


def test_a_page_shows_what_get_shows_and_says_where_it_stands() -> None:
    answer = call("letterbucket.list")
    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": [call("letterbucket.get").json["data"]],
        "pagination": {"page": 1, "limit": 50, "total": 1, "pages": 1},
    }


def test_the_newest_come_first_page_by_page() -> None:
    made = [*add(7), ADA]
    found = [search(page=str(page), limit="3") for page in (1, 2, 3)]
    assert [ids(page) for page in found] == [made[:3], made[3:6], made[6:]]
    assert [page.json["pagination"] for page in found] == [
        {"page": page, "limit": 3, "total": 8, "pages": 3} for page in (1, 2, 3)
    ]
    assert made == sorted(made, reverse=True)


def test_a_page_has_fifty_unless_told() -> None:
    made = add(60)
    assert ids(search()) == made[:50]
    assert search().json["pagination"] == {"page": 1, "limit": 50, "total": 61, "pages": 2}


def test_a_page_has_a_hundred_at_most() -> None:
    made = add(100)
    assert ids(search(limit="100")) == made
    assert ids(search(limit="100", page="2")) == [ADA]


@pytest.mark.parametrize("page", ["2", "3", "1000000", "9" * 30])
def test_a_page_past_the_end_is_empty_and_knows_the_total(page: str) -> None:
    answer = search(page=page)
    assert (answer.status, answer.json["data"], answer.json["pagination"]["total"]) == (200, [], 1)


def test_an_empty_newsletter_has_no_pages() -> None:
    answer = search(examples.OTHER_NEWSLETTER)
    assert answer.json == {
        "success": True,
        "data": [],
        "pagination": {"page": 1, "limit": 50, "total": 0, "pages": 0},
    }


def test_another_newsletter_and_another_workspace_are_not_shown() -> None:
    call("letterbucket.create", json_body={"email": "m@reader.example"}, credentials=examples.OTHER_NEWSLETTER)
    assert ids(search()) == [ADA]
    assert ids(search(examples.OTHER_LETTERBUCKET)) == [number.to_uuid(examples.OTHER_SUBSCRIBER)]


def test_whoever_has_left_in_whatever_way_is_shown_as_unsubscribed() -> None:
    add(5)
    stop("p0@reader.example")
    stop("p1@reader.example", scope=Scope.of(["newsletter:weekly"]))
    stop("p2@reader.example", reason=Reason.BOUNCED)
    stop("p3@reader.example", scope=Scope.of(["newsletter:monthly"]))
    by_email = {one["email"].partition("@")[0]: one["status"] for one in search().json["data"]}
    assert by_email == {
        "p0": "unsubscribed",
        "p1": "unsubscribed",
        "p2": "unsubscribed",
        "p3": "active",
        "p4": "active",
        "ada": "active",
    }


@pytest.fixture
def mixed() -> dict[str, list[str]]:
    """Twelve subscribers by status, newest first."""
    made = add(12)[::-1]
    for at in (1, 4, 7):
        call("letterbucket.update", path_id=made[at], json_body={"status": "pending"})
    for at in (2, 4):
        call("letterbucket.unsubscribe", path_id=made[at])
    stop("p9@reader.example", reason=Reason.COMPLAINED)
    of = {"pending": [7, 1], "unsubscribed": [9, 4, 2], "active": [11, 10, 8, 6, 5, 3, 0]}
    return {status: [made[at] for at in numbers] for status, numbers in of.items()}


@pytest.mark.parametrize("status", ["active", "pending", "unsubscribed"])
def test_a_status_filters_and_its_pages_know_their_own_total(mixed: dict[str, list[str]], status: str) -> None:
    expected = mixed[status] + ([ADA] if status == "active" else [])
    assert ids(search(status=status)) == expected
    first, second = search(status=status, limit="2"), search(status=status, limit="2", page="2")
    assert ids(first) + ids(second) == expected[:4]
    total = len(expected)
    assert first.json["pagination"] == {"page": 1, "limit": 2, "total": total, "pages": (total + 1) // 2}
    assert {one["status"] for one in first.json["data"]} == {status}


def refusal(text: str) -> Refused:
    return 400, {"success": False, "code": "validation_error", "message": text}


PAGE = "page must be a whole number from 1."
LIMIT = "limit must be a whole number from 1 to 100."
STATUS = "status must be active, pending or unsubscribed."
BAD: list[tuple[dict[str, str], str]] = [
    *(({"page": bad}, PAGE) for bad in ("0", "-1", "", " 1", "1.0", "1_0", "+1", "x", "1,2", "\u0663", "9" * 5_000)),
    *(({"limit": bad}, LIMIT) for bad in ("0", "101", "-1", "", "x", "1e1", "50,50")),
    *(({"status": bad}, STATUS) for bad in ("", "Active", "gone", "active,pending", "null")),
    ({"page": "x", "limit": "x", "status": "x"}, PAGE),
]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("query", "text"), BAD, ids=lambda value: str(value)[:40])
def test_a_bad_parameter_is_refused_by_name(query: dict[str, str], text: str) -> None:
    answer = search(**query)
    assert (answer.status, answer.json) == refusal(text)


@pytest.mark.parametrize("name", ["email", "name", "id", "created_at", "email[]"])
def test_a_filter_that_this_list_lacks_is_refused_for_it_would_show_everybody(name: str) -> None:
    answer = search(**{name: "ada@reader.example"})
    assert (answer.status, answer.json) == refusal(
        f"The list of subscribers cannot be filtered by {name.partition('[')[0]}."
    )


def test_parameters_that_nobody_knows_are_passed_over() -> None:
    assert search(sort="email", cursor="x").status == 200


def test_a_newsletter_too_large_to_filter_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(membership, "WALKED", 5)
    add(4)
    assert search(status="active").status == 200
    call("letterbucket.create")
    answer = search(status="active")
    text = "The status filter supports at most 5 subscribers. List them without the filter."
    assert (answer.status, answer.json) == refusal(text)
    assert search().status == 200


def test_the_list_shows_every_change_at_once() -> None:
    (new,) = add(1)
    assert ids(search()) == [new, ADA]
    call("letterbucket.update", path_id=new, json_body={"name": "New", "email": "other@reader.example"})
    shown = search().json["data"][0]
    assert (shown["name"], shown["email"]) == ("New", "other@reader.example")
    call("letterbucket.unsubscribe", path_id=new)
    assert search().json["data"][0]["status"] == "unsubscribed"


def test_both_prefixes_answer() -> None:
    assert ids(call("letterbucket.list", moved(load("letterbucket.list"), "/subscribers"))) == [ADA]
