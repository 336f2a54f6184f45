"""The links of Rocket.Chat's own mailer: an id and a time are no secret, so the page only says how to unsubscribe."""

from typing import Any

import pytest

from optout.number import to_meteor_id
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Answer, Event, call, load, moved

ID, AT = to_meteor_id(examples.SUBSCRIBER), str(examples.AT)
LINKS = [(ID, AT), (ID, AT + "."), (ID, "x"), ("2" * 17, AT), ("..", ".."), ("%00", "%D9%A3"), ("x" * 5_000, "9" * 99)]


def event(name: str, subscriber_id: str, created_at: str) -> Event:
    found = moved(load(f"links.{name}"), f"/mailer/unsubscribe/{subscriber_id}/{created_at}")
    return found | {"pathParameters": {"subscriber_id": subscriber_id, "created_at": created_at}}


def click(subscriber_id: str = ID, created_at: str = AT, **changes: Any) -> Answer:
    return call("links.mailer", event("mailer_one_click", subscriber_id, created_at), **changes)


def look(subscriber_id: str = ID, created_at: str = AT) -> Answer:
    return call("links.mailer", event("mailer", subscriber_id, created_at))


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("subscriber_id", "created_at"), LINKS)
def test_a_link_that_names_a_subscriber_by_id_never_acts(subscriber_id: str, created_at: str) -> None:
    answer = click(subscriber_id, created_at)
    assert answer.status == 410
    assert "nothing was changed" in answer.text


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("raw", ["List-Unsubscribe=One-Click", "", "a=b", "x" * 5_000])
def test_no_form_makes_it_act(raw: str) -> None:
    assert click(raw=raw) == click()


def test_the_page_says_how_to_unsubscribe_and_has_no_button() -> None:
    page = look()
    assert page.status == 200
    assert "unsubscribe link" in page.text
    assert not any(said in page.text for said in ("<form", "<script", ID, AT, "reader.example", "Ada"))


@pytest.mark.parametrize(("subscriber_id", "created_at"), LINKS)
def test_the_page_tells_nobody_whether_there_is_somebody(subscriber_id: str, created_at: str, aws: AWS) -> None:
    for table in ("SubscribersTable", "SuppressionsTable", "CredentialsTable", "LimitsTable"):
        aws.lose(table)
    assert look(subscriber_id, created_at) == look()
    assert click(subscriber_id, created_at) == click()
    aws.reset()


def test_head_has_no_page() -> None:
    answer = call("links.mailer", load("links.mailer_head"))
    assert (answer.status, answer.text) == (200, "")


def test_no_page_of_it_is_kept_or_leaks_anything() -> None:
    for answer in (look(), click(), click(ID, "1")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_no_other_method_is_taken(method: str) -> None:
    asked = moved(load("gateway.not_found"), f"/mailer/unsubscribe/{ID}/{AT}")
    asked["requestContext"]["http"]["method"] = method
    answer = call("gateway.not_found", asked)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")
