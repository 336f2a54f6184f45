"""The links of the mailer before this one: the same page and button, for whoever is named exactly."""

import pytest

from optout.address import Address
from optout.number import to_meteor_id
from optout.suppressions.suppression import Reason
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Answer, Event, call, load, moved

ID, AT = to_meteor_id(examples.SUBSCRIBER), str(examples.AT)
FORM = {"content-type": "application/x-www-form-urlencoded"}
PAIR = "List-Unsubscribe=One-Click"
NOBODY = [
    (ID, str(examples.AT + 1)),
    (ID, str(examples.AT - 1)),
    (ID, AT + "0"),
    (ID, AT[:-1]),
    (ID, "0"),
    (ID, "2026-08-24T14:15:22Z"),
    (to_meteor_id(examples.SUBSCRIBER + 1), AT),
    (to_meteor_id(examples.SUBSCRIBER - 1), AT),
    (to_meteor_id(examples.RECORD), AT),
    ("2" * 17, AT),
]
MALFORMED = [
    (ID[:-1], AT),
    (ID + "2", AT),
    (ID.replace("2", "0"), AT),
    ("z" * 17, AT),
    ("%C3%A9" * 17, AT),
    (ID, "x"),
    (ID, "-" + AT),
    (ID, "%D9%A3%D9%A3"),
    (ID, "%00"),
    ("..", ".."),
    ("x" * 5_000, "9" * 5_000),
]


def event(name: str, subscriber_id: str, created_at: str) -> Event:
    found = moved(load(f"links.{name}"), f"/mailer/unsubscribe/{subscriber_id}/{created_at}")
    return found | {"pathParameters": {"subscriber_id": subscriber_id, "created_at": created_at}}


def click(subscriber_id: str = ID, created_at: str = AT) -> Answer:
    return call("links.mailer_one_click", event("mailer_one_click", subscriber_id, created_at))


def look(subscriber_id: str = ID, created_at: str = AT) -> Answer:
    return call("links.mailer_page", event("mailer_page", subscriber_id, created_at))


def reasons(workspace: str = "acme", address: Address = examples.ADA) -> list[tuple[bool, Reason]]:
    in_force = suppressions().state(workspace, address).in_force
    return [(scope.is_everything, entry.reason) for scope, entry in in_force.items()]


@pytest.mark.usefixtures("nothing_stored")
def test_asking_shows_the_page_of_every_link_and_changes_nothing() -> None:
    assert look() == call("links.unsubscribe_page")
    assert call("links.mailer_page", load("links.mailer_page_head")) == call(
        "links.unsubscribe_page", load("links.unsubscribe_page_head")
    )


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("subscriber_id", "created_at"), NOBODY)
def test_asking_tells_nobody_whether_there_is_somebody(subscriber_id: str, created_at: str, aws: AWS) -> None:
    for table in ("SubscribersTable", "SuppressionsTable", "CredentialsTable"):
        aws.lose(table)
    assert look(subscriber_id, created_at) == call("links.unsubscribe_page")
    aws.reset()


def test_the_button_leaves_everything() -> None:
    answer = click()
    assert answer == call("links.one_click")
    assert answer.status == 200
    assert reasons() == [(True, Reason.ONE_CLICK)]
    (change,) = suppressions().history("acme", examples.ADA)
    assert (change.origin.via, change.origin.actor) == ("link", "mailer")


@pytest.mark.parametrize(("raw", "headers"), [(PAIR, FORM), (PAIR.encode(), FORM), ("", {}), ("", FORM)])
def test_every_form_of_a_press_is_taken(raw: str | bytes, headers: dict[str, str]) -> None:
    assert call("links.mailer_one_click", raw=raw, headers=headers).status == 200
    assert reasons()


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    ("raw", "headers", "status"),
    [("a=b", FORM, 400), (PAIR, {"content-type": "text/plain"}, 415), ("x" * 5_000, FORM, 413)],
)
def test_what_presses_no_button_is_refused(raw: str, headers: dict[str, str], status: int) -> None:
    assert call("links.mailer_one_click", raw=raw, headers=headers).status == status


def test_a_full_stop_that_a_mail_program_took_along_does_no_harm() -> None:
    assert look(ID, AT + ".").status == 200
    assert click(ID, AT + ".").status == 200
    assert reasons()


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("subscriber_id", "created_at"), NOBODY + MALFORMED)
def test_who_is_not_named_exactly_stays_and_the_page_is_neutral(subscriber_id: str, created_at: str) -> None:
    assert click(subscriber_id, created_at) == call("links.one_click", path_id="x")
    assert click(subscriber_id, created_at).status == 404


@pytest.mark.parametrize(("subscriber_id", "created_at"), MALFORMED)
def test_a_link_that_can_name_nobody_has_no_button(subscriber_id: str, created_at: str) -> None:
    assert look(subscriber_id, created_at) == call("links.unsubscribe_page", path_id="x")


def test_a_second_press_answers_the_same_and_stores_nothing(aws: AWS) -> None:
    first = click()
    stored = aws.contents()
    assert click() == first
    assert aws.contents() == stored


def test_the_link_finds_the_workspace_whose_subscriber_it_names() -> None:
    click(to_meteor_id(examples.OTHER_SUBSCRIBER))
    assert reasons("globex", Address.parse("eve@reader.example")) == [(True, Reason.ONE_CLICK)]
    assert reasons() == []


def test_two_workspaces_with_one_number_both_let_go() -> None:
    examples.add_subscriber(examples.SUBSCRIBER, Address.parse("eva@reader.example"), "Eva", "globex", "another")
    assert click().status == 200
    assert reasons()
    assert reasons("globex", Address.parse("eva@reader.example"))


@pytest.mark.parametrize("lost", ["CredentialsTable", "SubscribersTable", "SuppressionsTable", "AddressPepper"])
def test_a_press_that_could_not_be_stored_is_not_confirmed(lost: str, aws: AWS) -> None:
    aws.lose(lost)
    answer = click()
    assert answer.status == 503
    assert "You are unsubscribed" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_no_other_method_is_taken(method: str) -> None:
    path = f"/mailer/unsubscribe/{ID}/{AT}"
    asked = moved(load("gateway.not_found"), path)
    asked["requestContext"]["http"]["method"] = method
    answer = call("gateway.not_found", asked)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")


def test_no_page_of_it_keeps_or_leaks_anything() -> None:
    for answer in (look(), click(), click(ID, "1")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not any(said in answer.text for said in (ID, AT, "reader.example", "Ada", "<script"))
