"""The history of a record: all of it, under any spelling of its number, also when it is lifted."""

import pytest

from optout import number
from optout.origin import Origin
from optout.scope import Scope
from optout.suppressions.lift import lift
from optout.suppressions.reason import Reason
from optout.wiring.suppressions import suppressions
from tests.functions.native.suppressions import ADA, check, history, stop
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import call
from tests.support.handlers.refusals import ANYTHING


def lifted(record: int) -> None:
    lift(suppressions(), examples.WORKSPACE, record, Origin("mirasvit", "someone"), Reason)


def test_a_step_is_told_whole() -> None:
    record = stop(scope=Scope.of(["newsletter:weekly"], ["shop"]), why="Too many mails", via="link")
    answer = history(record.number)
    (step,) = answer.json["history"]
    assert answer.json == {"id": str(record.number), "email": ADA, "in_force": True, "history": [step], "after": None}
    hashed, at = step.pop("ip_hash"), step.pop("at")
    assert step.pop("sentence") == (
        f"On {at[:10]} {at[11:19]} UTC, {ADA} unsubscribed from the newsletter “weekly” in “shop” using the link in an "
        "email; reason given: Too many mails."
    )
    assert step == {
        "id": str(record.number),
        "version": 1,
        "revision": 0,
        "action": "suppressed",
        "scope": {"topics": ["newsletter:weekly"], "namespaces": ["shop"]},
        "reason": "unsubscribed",
        "why": "Too many mails",
        "about": ["unsubscribed"],
        "note": "",
        "via": "link",
        "actor": "an-actor",
        "user_agent": "Mail/1.0",
    }
    assert len(hashed) == 32
    assert "192.0.2.7" not in answer.text


def test_every_change_of_the_record_is_told_newest_first_and_no_other_s() -> None:
    record = stop().number
    stop(scope=Scope.of(["other"]))
    stop(repeat=True)
    stop(reason=Reason.COMPLAINED)
    check({"message_class": "transactional", "override": True, "why": "a receipt"}, credentials=examples.MAY_OVERRIDE)
    lifted(record)
    found = history(record).json
    actions = ["lifted", "overridden", "strengthened", "repeated", "suppressed"]
    assert [step["action"] for step in found["history"]] == actions
    assert [step["version"] for step in found["history"]] == [6, 5, 4, 3, 1]
    assert [step["revision"] for step in found["history"]] == [3, 2, 2, 1, 0]
    assert (found["in_force"], found["history"][1]["note"]) == (False, "a receipt")


def test_a_record_that_came_after_a_lift_has_its_own_history() -> None:
    first = stop().number
    lifted(first)
    second = stop().number
    assert [len(history(record).json["history"]) for record in (first, second)] == [2, 1]
    assert [history(record).json["in_force"] for record in (first, second)] == [False, True]


@pytest.mark.parametrize("spell", [str, number.to_object_id, number.to_uuid])
def test_any_spelling_of_the_number_finds_it(spell: object) -> None:
    assert callable(spell)
    assert history(spell(examples.RECORD)).json == call("native.suppressions.history").json


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "path_id",
    [
        *map(str, (examples.RECORD + 77, examples.OTHER_RECORD, examples.SUBSCRIBER, 0, 1, "9" * 16)),
        *(number.to_object_id(examples.RECORD + 77), number.to_uuid(examples.OTHER_RECORD)),
        *("507f1f77bcf86cd799439011", "01890a5d-ac96-774b-bcce-b302099a8057"),
    ],
)
def test_what_never_was_in_this_workspace_is_not_found(path_id: str) -> None:
    answer = history(path_id)
    assert (answer.status, answer.json["error"]["code"]) == (404, "not_found")


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "path_id", [*(text for text in ANYTHING if text != "0"), "9" * 17, "g" * 24, "a" * 25, "-" * 36, "0x10"]
)
def test_what_is_no_id_is_refused(path_id: str) -> None:
    answer = history(path_id)
    assert (answer.status, answer.json["error"]["code"]) in ((400, "invalid"), (404, "not_found"))
    assert "in_force" not in answer.text


@pytest.mark.usefixtures("nothing_stored")
def test_another_workspace_sees_nothing_of_it() -> None:
    assert history(examples.RECORD, credentials=examples.OTHER_NATIVE).status == 404


def test_a_tombstone_holds_no_address(aws: AWS) -> None:
    lifted(stop().number)
    (tombstone,) = [item for item in aws.items("SuppressionsTable") if item["pk"]["S"].endswith("#lifted")]
    assert "reader.example" not in str(tombstone)


@pytest.mark.usefixtures("nothing_stored")
def test_asking_changes_nothing() -> None:
    history(examples.RECORD)
