"""Repzo's ways back: DELETE lifts one record, remove lifts many, and neither what a person cannot lift."""

from collections.abc import Collection, Sequence
from typing import Any

import pytest

from optout import number
from optout.access.credential import hash_key
from optout.address import Address
from optout.origin import Origin
from optout.scope import EVERYTHING
from optout.suppressions.reason import Reason
from optout.suppressions.suppress import suppress
from optout.suppressions.suppression import Action, Suppression
from optout.wiring.suppressions import suppressions
from repzo import remove as endpoint
from tests.support.fakes import InMemorySuppressions
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Answer, Context, call, changed, invoke, load, moved
from tests.support.handlers.refusals import REPZO_400, REPZO_404, UNAVAILABLE, Refused

DONE: Refused = 200, {"success": True}
FORBIDDEN: Refused = 403, {"success": False, "error": "Insufficient permissions"}
RECORD, FOREIGN = number.to_object_id(examples.RECORD), number.to_object_id(examples.OTHER_RECORD)
NOBODY = number.to_object_id(examples.RECORD + 77)
MAY_OVERRIDE = {"api-key": "example-repzo-key-that-may-override"}


def told(answer: Answer) -> Refused:
    return answer.status, answer.json


def delete(record_id: str, **changes: Any) -> Refused:
    return told(call("repzo.delete", path_id=record_id, **changes))


def remove(*ids: Any, **changes: Any) -> Refused:
    return told(call("repzo.remove", json_body={"ids": ids}, **changes))


def add(name: str, **body: Any) -> str:
    answer = call("repzo.create", json_body={"email": f"{name}@reader.example", **body})
    return str(answer.json["data"]["_id"])


def left() -> list[str]:
    """The ids that are still listed, the oldest first."""
    event = load("repzo.list") | {"rawQueryString": "sort=_id&per_page=100"}
    return [record["_id"] for record in call("repzo.list", event).json["data"]]


def is_unsubscribed(email: str) -> bool:
    answer = call("repzo.check", json_body={"email": email})
    return bool(answer.json["data"]["is_unsubscribed"])


@pytest.fixture(params=[Reason.BOUNCED, Reason.COMPLAINED])
def protected(request: pytest.FixtureRequest) -> str:
    """The id of a record that is there for something else than a person's wish."""
    gone = Address.parse("gone@reader.example")
    done = suppress(suppressions(), examples.WORKSPACE, gone, EVERYTHING, request.param, Origin("feedback"))
    return number.to_object_id(done.record.number)


@pytest.fixture
def override() -> dict[str, str]:
    """The credentials of somebody who may lift it all the same."""
    examples.add_credential("repzo", MAY_OVERRIDE, permissions={"override", "remove-own-opt-out"})
    return MAY_OVERRIDE


def test_both_prefixes_answer() -> None:
    one, other = add("one"), add("other")
    path = f"/mail-unsubscribe/{one}"
    assert told(call("repzo.delete", moved(changed(load("repzo.delete"), path_id=one), path))) == DONE
    event = moved(load("repzo.remove"), "/mail-unsubscribe/remove")
    assert told(call("repzo.remove", event, json_body={"ids": [other]})) == DONE
    assert left() == [RECORD]


def test_what_is_deleted_is_gone_everywhere() -> None:
    assert delete(RECORD) == DONE
    assert told(call("repzo.get", path_id=RECORD)) == REPZO_404
    assert left() == []
    assert not is_unsubscribed("left@reader.example")


def test_deleted_twice_is_not_found() -> None:
    assert [delete(RECORD), delete(RECORD)] == [DONE, REPZO_404]


def test_an_id_to_delete_may_be_in_upper_case() -> None:
    assert delete(RECORD.upper()) == DONE


@pytest.mark.parametrize("lift", [delete, remove])
def test_the_other_records_of_an_address_stay(lift: Any) -> None:
    sets: list[dict[str, list[str]]] = [{}, {"unsubscribe_types": ["a"]}, {"company_namespace": ["n"]}]
    first, second, third = [add("ada", **names) for names in sets]
    assert lift(second) == DONE
    assert left() == [RECORD, first, third]
    assert is_unsubscribed("ada@reader.example")


def test_who_leaves_again_gets_another_record() -> None:
    first = add("ada")
    delete(first)
    second = add("ada")
    assert (first != second, left()) == (True, [RECORD, second])


@pytest.mark.parametrize("lift", [delete, remove])
def test_the_history_keeps_what_was_lifted_and_by_whom(lift: Any) -> None:
    lift(RECORD)
    change = list(suppressions().history(examples.WORKSPACE, examples.LEFT))[-1]
    key = hash_key(examples.REPZO["api-key"])
    assert (change.action, change.record.number) == (Action.LIFTED, examples.RECORD)
    assert (change.origin.via, change.origin.actor) == ("repzo", key[:12])


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("record_id", ["x", "remove", RECORD[:-1], f"{RECORD}0", "g" * 24, "\u0663" * 24, "%00" * 8])
def test_what_is_no_id_cannot_be_deleted(record_id: str) -> None:
    assert delete(record_id) == REPZO_400


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("record_id", [NOBODY, FOREIGN, "0" * 24, "f" * 24, "507f1f77bcf86cd799439011"])
def test_what_is_nobody_s_or_another_workspace_s_is_not_found_and_passed_over(record_id: str) -> None:
    assert delete(record_id) == REPZO_404
    assert remove(record_id) == DONE


def test_a_bounce_and_a_complaint_are_protected(protected: str, aws: AWS) -> None:
    before = aws.contents()
    assert delete(protected) == FORBIDDEN
    assert remove(protected) == FORBIDDEN
    assert aws.contents() == before


@pytest.mark.parametrize("lift", [delete, remove])
def test_who_may_override_lifts_what_is_protected(lift: Any, protected: str, override: dict[str, str]) -> None:
    assert lift(protected, credentials=override) == DONE
    assert not is_unsubscribed("gone@reader.example")


REASONS_BY_PERMISSION = [
    ({"override"}, Reason.BOUNCED, True),
    ({"override"}, Reason.PROVIDER, True),
    ({"override"}, Reason.ONE_CLICK, False),
    ({"override"}, Reason.PROVIDER_OPT_OUT, False),
    ({"override"}, Reason.COMPLAINED, False),
    ({"remove-own-opt-out"}, Reason.ONE_CLICK, True),
    ({"remove-own-opt-out"}, Reason.PROVIDER_OPT_OUT, True),
    ({"remove-own-opt-out"}, Reason.BOUNCED, False),
    ({"remove-own-opt-out"}, Reason.COMPLAINED, False),
    (set[str](), Reason.ONE_CLICK, False),
    (set[str](), Reason.SOFT_BOUNCED, False),
    (set[str](), Reason.MANUAL, True),
    (set[str](), Reason.IMPORTED, True),
]


@pytest.mark.parametrize("lift", [delete, remove])
@pytest.mark.parametrize(("permissions", "reason", "may"), REASONS_BY_PERMISSION)
def test_a_key_removes_the_reasons_that_its_permissions_name(
    lift: Any, permissions: set[str], reason: Reason, may: bool
) -> None:
    examples.add_credential("repzo", MAY_OVERRIDE, permissions=permissions)
    ada = Address.parse("ada@reader.example")
    done = suppress(suppressions(), examples.WORKSPACE, ada, EVERYTHING, reason, Origin("somewhere"))
    found = lift(number.to_object_id(done.record.number), credentials=MAY_OVERRIDE)
    assert found == (DONE if may else FORBIDDEN)
    assert is_unsubscribed(ada.original) is not may


def test_what_may_be_removed_is_removed_and_the_rest_stays_protected() -> None:
    suppress(suppressions(), examples.WORKSPACE, examples.LEFT, EVERYTHING, Reason.BOUNCED, Origin("feedback"))
    assert delete(RECORD) == FORBIDDEN
    record = suppressions().get(examples.WORKSPACE, examples.RECORD)
    assert record
    assert record.reasons == {Reason.BOUNCED}
    assert is_unsubscribed(examples.LEFT.original)


def test_creating_says_whether_the_record_was_there() -> None:
    answers = [call("repzo.create", json_body={"email": "ada@reader.example"}) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert [answer.headers["x-optout-record"] for answer in answers] == ["created", "existing"]


def test_a_text_that_is_no_ip_address_is_not_hashed_for_whoever_sent_it() -> None:
    for ip, length in (("left@reader.example", 0), ("oauth token x", 0), ("192.0.2.7", 32)):
        made = call("repzo.create", json_body={"email": f"{len(ip)}@reader.example", "ip_address": ip})
        assert made.status == 201
        found = call("native.suppressions.history", path_id=made.json["data"]["_id"])
        (step,) = found.json["history"]
        assert len(step["ip_hash"]) == length


def test_an_import_that_is_taken_back_leaves_a_person_s_own_opt_out() -> None:
    """The imported rows found her there already: only what they added is removed."""
    ada = Address.parse("ada@reader.example")
    made = suppress(suppressions(), examples.WORKSPACE, ada, EVERYTHING, Reason.ONE_CLICK, Origin("link")).record
    record = add("ada")
    assert record == number.to_object_id(made.number)
    assert delete(record) == FORBIDDEN
    (entry,) = suppressions().state(examples.WORKSPACE, ada).in_force.values()
    assert set(entry.reasons) == {Reason.ONE_CLICK}


def test_all_that_is_listed_is_removed() -> None:
    ids = [add(name) for name in ("ada", "bea", "carl")]
    assert remove(ids[0], ids[2]) == DONE
    assert left() == [RECORD, ids[1]]
    assert [is_unsubscribed(f"{name}@reader.example") for name in ("ada", "bea", "carl")] == [False, True, False]


def test_ids_that_are_unknown_doubled_or_removed_already_do_no_harm() -> None:
    ada = add("ada")
    for _ in range(2):
        assert remove(NOBODY, ada, FOREIGN, ada.upper(), ada, "f" * 24) == DONE
    assert left() == [RECORD]


@pytest.mark.usefixtures("nothing_stored")
def test_nothing_to_remove_is_fine() -> None:
    assert remove() == DONE


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("bad", ["x", "", RECORD[:-1], f"{RECORD}\n", "g" * 24, "\u0663" * 24, 7, None, [], {}, True])
def test_one_bad_id_and_nothing_is_removed(bad: Any) -> None:
    assert remove(RECORD, bad) == REPZO_400


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "body", [{}, {"ids": None}, {"ids": RECORD}, {"ids": {RECORD: 1}}, {"ids": 7}, {"id": [RECORD]}]
)
def test_a_body_without_a_list_of_ids_is_refused(body: Any) -> None:
    assert told(call("repzo.remove", json_body=body)) == REPZO_400


def test_a_thousand_ids_are_taken_and_one_more_is_not() -> None:
    thousand = [number.to_object_id(examples.RECORD + more) for more in range(1_000)]
    assert remove(*thousand, NOBODY) == REPZO_400
    assert left() == [RECORD]
    assert remove(*thousand) == DONE
    assert left() == []


def test_one_protected_record_and_none_of_the_others_is_removed(protected: str) -> None:
    ids = [add("ada"), protected, add("bea")]
    assert remove(*ids) == FORBIDDEN
    assert left() == [RECORD, protected, ids[0], ids[2]]


def test_who_may_override_removes_protected_records_with_the_others(protected: str, override: dict[str, str]) -> None:
    assert remove(RECORD, protected, credentials=override) == DONE
    assert left() == []


class BouncesMeanwhile(InMemorySuppressions):
    """Mail to everybody bounces right after their records were read."""

    def get_many(self, workspace: str, records: Collection[int]) -> Sequence[Suppression]:
        found = list(super().get_many(workspace, records))
        for record in found:
            suppress(self, workspace, record.address, record.scope, Reason.BOUNCED, Origin("feedback"))
        return found


def test_a_record_that_becomes_protected_meanwhile_is_not_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    store = BouncesMeanwhile()
    monkeypatch.setattr(endpoint.app, "dependency_overrides", {suppressions: lambda: store})
    origin = Origin("repzo")
    made = suppress(store, examples.WORKSPACE, examples.ADA, EVERYTHING, Reason.UNSUBSCRIBED, origin).record.number
    assert remove(number.to_object_id(made)) == FORBIDDEN
    assert store.get(examples.WORKSPACE, made)


def test_a_remove_that_runs_out_of_time_says_so_and_goes_on_when_it_is_repeated() -> None:
    event = changed(load("repzo.remove"), json_body={"ids": [RECORD]})
    answer = Answer.of(invoke("repzo.remove", event, Context(milliseconds_left=1_000)))
    assert told(answer) == (503, UNAVAILABLE["repzo"])
    assert int(answer.headers["retry-after"]) > 0
    assert remove(RECORD) == DONE
    assert left() == []
