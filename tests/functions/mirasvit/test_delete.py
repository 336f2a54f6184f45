"""Mirasvit: lifting an unsubscription."""

import pytest

from optout.address import Address
from optout.number import from_object_id
from optout.origin import Origin
from optout.scope import EVERYTHING, trigger_scope
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.wiring.suppressions import suppressions as wired_suppressions
from tests.functions.mirasvit.searches import PREFIXES, create, search
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import call, load, moved
from tests.support.handlers.refusals import mirasvit_404, mirasvit_type

ADA = Address.parse("ada@reader.example")


def bounced() -> str:
    record = suppress(
        wired_suppressions(), examples.WORKSPACE, ADA, EVERYTHING, Reason.BOUNCED, Origin("feedback")
    ).record
    return str(record.number)


def test_the_answer_is_literally_true_and_the_second_one_is_not_found() -> None:
    first, second = call("mirasvit.delete"), call("mirasvit.delete")
    assert (first.status, first.text) == (200, "true")
    assert first.headers["content-type"] == "application/json; charset=utf-8"
    assert (second.status, second.json) == mirasvit_404(str(examples.RECORD))
    assert call("mirasvit.get").status == 404
    assert search().json["total_count"] == 0


def test_only_this_row_is_lifted() -> None:
    ids = [create(trigger_id=trigger).json["id"] for trigger in (0, 1, 2)]
    assert call("mirasvit.delete", path_id=str(ids[1])).text == "true"
    state = wired_suppressions().state(examples.WORKSPACE, ADA)
    assert state.in_force.keys() == {EVERYTHING, trigger_scope(2)}


def test_the_history_knows_who_lifted() -> None:
    call("mirasvit.delete")
    *_, last = wired_suppressions().history(examples.WORKSPACE, examples.LEFT)
    assert (last.action, last.origin.via) == ("lifted", "mirasvit")


def test_who_was_lifted_may_leave_again_under_a_new_id() -> None:
    call("mirasvit.delete")
    again = create(email="left@reader.example").json["id"]
    assert again > examples.RECORD


@pytest.mark.parametrize("reason", [Reason.BOUNCED, Reason.COMPLAINED])
def test_a_bounce_or_complaint_is_protected(reason: Reason, aws: AWS) -> None:
    suppressions = wired_suppressions()
    record = suppress(suppressions, examples.WORKSPACE, ADA, EVERYTHING, reason, Origin("feedback")).record
    before = aws.contents()
    answer = call("mirasvit.delete", path_id=str(record.number))
    assert (answer.status, answer.json) == (400, {"message": "A hard bounce or a complaint can't be removed."})
    assert aws.contents() == before


def test_who_may_override_lifts_a_bounce_too() -> None:
    answer = call("mirasvit.delete", path_id=bounced(), credentials=examples.MIRASVIT_OVERRIDE)
    assert (answer.status, answer.text) == (200, "true")
    assert not wired_suppressions().state(examples.WORKSPACE, ADA).in_force


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("row", ["99", str(examples.OTHER_RECORD), "9" * 16, "9" * 5000, f"{examples.RECORD:017d}99"])
def test_a_row_of_nobody_or_of_another_workspace_is_not_found(row: str) -> None:
    answer = call("mirasvit.delete", path_id=row)
    assert (answer.status, answer.json) == mirasvit_404(row)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("row", ["x", "-1", "1.5", "٣٣"])
def test_an_id_that_is_no_integer_is_of_the_wrong_type(row: str) -> None:
    answer = call("mirasvit.delete", path_id=row)
    assert (answer.status, answer.json) == mirasvit_type("id", "int")


def test_a_record_that_this_dialect_cannot_say_is_not_lifted(aws: AWS) -> None:
    hidden = str(from_object_id(call("repzo.create").json["data"]["_id"]))
    before = aws.contents()
    answer = call("mirasvit.delete", path_id=hidden)
    assert (answer.status, answer.json) == mirasvit_404(hidden)
    assert aws.contents() == before


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_deletes_with_and_without_a_trailing_slash(prefix: str, slash: str) -> None:
    path = f"{prefix}/mst-email/unsubscriptions/{examples.RECORD}{slash}"
    assert call("mirasvit.delete", moved(load("mirasvit.delete"), path)).text == "true"
