"""LetterBucket's update: address, name, status, and who may come back."""

from typing import Any

import pytest

from optout import number
from optout.address import Address
from optout.origin import Origin
from optout.scope import EVERYTHING, Scope
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Action
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Answer, call, load, moved
from tests.support.handlers.refusals import LETTERBUCKET_400, letterbucket_422

EMAIL = "Enter a valid email address."
VALUE = "Enter a valid value."
WEEKLY = Scope.of(["newsletter:weekly"])
ADA = "ada@reader.example"
NEW = "lovelace@reader.example"


def update(**body: Any) -> Answer:
    return call("letterbucket.update", json_body=body)


def shown() -> dict[str, Any]:
    data: dict[str, Any] = call("letterbucket.get").json["data"]
    return data


def stop(email: str = ADA, scope: Scope = EVERYTHING, reason: Reason = Reason.UNSUBSCRIBED) -> None:
    suppress(suppressions(), examples.WORKSPACE, Address.parse(email), scope, reason, Origin("command"))


def in_force(email: str) -> set[Scope]:
    return set(suppressions().state(examples.WORKSPACE, Address.parse(email)).in_force)


CHANGES: list[dict[str, Any]] = [
    {"name": "Ada King"},
    {"name": None},
    {"name": ""},
    {"status": "pending"},
    {"email": NEW},
    {"email": "ADA@Reader.Example"},
    {"email": NEW, "name": "Ada King", "status": "pending"},
    {"email": ADA, "name": "Ada Lovelace", "status": "active"},
]


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_what_is_given_changes_and_the_rest_stays(changes: dict[str, Any]) -> None:
    before = shown()
    answer = update(**changes)
    assert (answer.status, answer.json) == (200, {"success": True, "data": before | changes})
    assert shown() == before | changes


def test_space_around_a_name_means_nothing() -> None:
    assert update(name="  Ada  King ").json["data"]["name"] == "Ada  King"


def test_fields_that_nobody_knows_are_passed_over() -> None:
    before = shown()
    assert update(name="Ada King", id="x", created_at="x").json["data"] == before | {"name": "Ada King"}


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("body", [{}, {"id": "x"}, {"created_at": "2026-01-01"}], ids=str)
def test_nothing_to_change_is_refused(body: dict[str, Any]) -> None:
    answer = update(**body)
    assert (answer.status, answer.json) == LETTERBUCKET_400


BAD_FIELDS: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"status": "unsubscribed"}, {"status": VALUE}),
    ({"status": None}, {"status": VALUE}),
    ({"status": "Active"}, {"status": VALUE}),
    ({"email": None}, {"email": VALUE}),
    ({"email": "plain"}, {"email": EMAIL}),
    ({"email": 7}, {"email": VALUE}),
    ({"name": 7}, {"name": VALUE}),
    ({"name": "x" * 256}, {"name": "Ensure this value has at most 255 characters."}),
    ({"name": "Ada\r\nBcc: c@d.example"}, {"name": VALUE}),
    ({"name": "Ada King", "email": "plain", "status": "x"}, {"email": EMAIL, "status": VALUE}),
]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("bad", "errors"), BAD_FIELDS, ids=str)
def test_a_bad_field_is_named(bad: dict[str, Any], errors: dict[str, str]) -> None:
    answer = update(**bad)
    assert (answer.status, answer.json) == letterbucket_422(**errors)


@pytest.mark.parametrize("email", ["grace@reader.example", "GRACE@Reader.example"])
@pytest.mark.parametrize("status", [{}, {"status": "active"}], ids=str)
@pytest.mark.parametrize("left", [False, True])
def test_somebody_else_s_address_is_refused_and_nothing_changes(
    email: str, status: dict[str, str], left: bool, aws: AWS
) -> None:
    call("letterbucket.create", json_body={"email": "grace@reader.example"})
    if left:
        call("letterbucket.unsubscribe")
    before = aws.contents()
    answer = update(email=email, name="x", **status)
    assert (answer.status, answer.json["code"]) == (422, "email_already_subscribed")
    assert {name: rows for name, rows in aws.contents().items() if name != "LimitsTable"} == {
        name: rows for name, rows in before.items() if name != "LimitsTable"
    }


def test_an_address_that_was_given_up_can_be_subscribed_again() -> None:
    update(email=NEW)
    answer = call("letterbucket.create", json_body={"email": ADA})
    assert answer.status == 201
    assert answer.json["data"]["id"] != shown()["id"]
    assert update(email=ADA).json["code"] == "email_already_subscribed"


def test_a_subscriber_of_another_newsletter_cannot_be_changed() -> None:
    answer = call("letterbucket.update", credentials=examples.OTHER_NEWSLETTER)
    assert answer.status == 404
    assert shown()["name"] == "Ada Lovelace"


# ------------------------------------------------------------------------------------------------------ coming back


def test_active_lifts_the_opt_out_from_this_newsletter() -> None:
    call("letterbucket.unsubscribe")
    assert update(status="active").json["data"]["status"] == "active"
    assert shown()["status"] == "active"
    history = list(suppressions().history(examples.WORKSPACE, examples.ADA))
    assert [change.action for change in history] == [Action.SUPPRESSED, Action.LIFTED]
    assert history[-1].origin.via == "letterbucket"


@pytest.mark.parametrize("scope", [Scope.of(["newsletter:monthly"]), Scope.of(["marketing"]), Scope.of([], ["shop"])])
def test_active_lifts_nothing_else(scope: Scope) -> None:
    stop(scope=scope)
    stop(scope=WEEKLY)
    assert update(status="active").json["data"]["status"] == "active"
    assert in_force(ADA) == {scope}


def named(value: Scope | Reason) -> str:
    """A set has no order, and a test's name must have one."""
    return value.key if isinstance(value, Scope) else value.value


IN_THE_WAY = [
    (EVERYTHING, Reason.UNSUBSCRIBED),
    (EVERYTHING, Reason.ONE_CLICK),
    (EVERYTHING, Reason.BOUNCED),
    (EVERYTHING, Reason.COMPLAINED),
    (EVERYTHING, Reason.SOFT_BOUNCED),
    (Scope.of(["newsletter:weekly", "newsletter:monthly"]), Reason.UNSUBSCRIBED),
    (WEEKLY, Reason.COMPLAINED),
    (WEEKLY, Reason.BOUNCED),
]


@pytest.mark.parametrize(("scope", "reason"), IN_THE_WAY, ids=named)
@pytest.mark.parametrize("left", [False, True], ids=["only this", "left the newsletter too"])
def test_active_is_refused_where_something_else_is_in_force_and_nothing_changes(
    scope: Scope, reason: Reason, left: bool, aws: AWS
) -> None:
    if left:
        call("letterbucket.unsubscribe")
    stop(scope=scope, reason=reason)
    before = aws.contents()["SubscribersTable"], aws.contents()["SuppressionsTable"]
    answer = update(status="active", name="x")
    assert (answer.status, answer.json["code"]) == (422, "email_suppressed")
    assert answer.json.keys() == {"success", "code", "message"}
    assert (aws.contents()["SubscribersTable"], aws.contents()["SuppressionsTable"]) == before
    assert shown()["status"] == "unsubscribed"


@pytest.mark.parametrize("changes", [{"name": "x"}, {"status": "pending"}, {"email": "ADA@Reader.Example"}], ids=str)
def test_nothing_but_active_brings_anybody_back(changes: dict[str, Any]) -> None:
    call("letterbucket.unsubscribe")
    assert update(**changes).json["data"]["status"] == "unsubscribed"
    assert in_force(ADA) == {WEEKLY}


def test_who_was_pending_when_they_left_is_pending_no_more_when_they_come_back() -> None:
    update(status="pending")
    call("letterbucket.unsubscribe")
    assert shown()["status"] == "unsubscribed"
    assert update(status="active").json["data"]["status"] == "active"


# ------------------------------------------------------------------------------------------- another address, and gone


@pytest.mark.parametrize(("scope", "reason"), [(WEEKLY, Reason.UNSUBSCRIBED), *IN_THE_WAY], ids=named)
@pytest.mark.parametrize("more", [{}, {"status": "pending"}], ids=str)
def test_who_has_left_stays_away_under_another_address(scope: Scope, reason: Reason, more: dict[str, str]) -> None:
    stop(scope=scope, reason=reason)
    assert update(email=NEW, **more).json["data"]["status"] == "unsubscribed"
    assert shown()["status"] == "unsubscribed"
    assert in_force(NEW) == {WEEKLY}
    assert in_force(ADA) == {scope}


def test_who_has_left_another_newsletter_only_takes_nothing_along() -> None:
    stop(scope=Scope.of(["newsletter:monthly"]))
    assert update(email=NEW).json["data"]["status"] == "active"
    assert in_force(NEW) == set()


def test_active_under_another_address_is_about_that_address() -> None:
    call("letterbucket.unsubscribe")
    assert update(email=NEW, status="active").json["data"]["status"] == "active"
    assert in_force(ADA) == {WEEKLY}
    assert in_force(NEW) == set()


def test_active_is_refused_where_the_new_address_is_suppressed() -> None:
    before = shown()
    stop(NEW)
    assert update(email=NEW, status="active").json["code"] == "email_suppressed"
    assert shown() == before


def test_an_address_that_is_suppressed_shows_so_when_it_is_taken() -> None:
    stop(NEW)
    assert update(email=NEW).json["data"]["status"] == "unsubscribed"


def test_who_moves_twice_and_comes_back_is_active() -> None:
    call("letterbucket.unsubscribe")
    update(email=NEW)
    update(email="third@reader.example")
    assert shown()["status"] == "unsubscribed"
    assert update(status="active").json["data"]["status"] == "active"


def test_both_prefixes_answer() -> None:
    path = f"/subscribers/{number.to_uuid(examples.SUBSCRIBER)}"
    assert call("letterbucket.update", moved(load("letterbucket.update"), path)).status == 200
