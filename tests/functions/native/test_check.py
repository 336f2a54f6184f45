"""Our own check: many mails at once, every rule that stops them, and overrides that leave a trace."""

from typing import Any

import pytest

from optout.scope import EVERYTHING, Scope
from optout.suppressions.reason import Reason
from optout.suppressions.suppression import Action
from tests.functions.native.suppressions import ADA, LEFT, changes, check, stop
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import call

WEEKLY = {"topic": "newsletter:weekly"}
RECEIPT = {"message_class": "transactional"}
OVERRIDE = {**RECEIPT, "override": True}
UNHARMED = {
    "email": ADA,
    "allowed": True,
    "reason": None,
    "deliverable": True,
    "overridden": False,
    "since": None,
    "rules": [],
    "problem": None,
}


def only(answer: Any) -> Any:
    (result,) = answer.json["results"]
    return result


def test_the_answer_says_who_is_left_alone_by_which_rule_since_when() -> None:
    assert only(check({"email": "LEFT@reader.example"})) == {
        "email": "LEFT@reader.example",
        "allowed": False,
        "reason": "unsubscribed",
        "deliverable": True,
        "overridden": False,
        "since": "2026-08-24T14:15:22.000Z",
        "problem": None,
        "rules": [
            {
                "id": str(examples.RECORD),
                "scope": {"topics": [], "namespaces": []},
                "reason": "unsubscribed",
                "since": "2026-08-24T14:15:22.000Z",
                "decides": True,
                "reasons": [
                    {
                        "reason": "unsubscribed",
                        "speaker": "operator",
                        "since": "2026-08-24T14:15:22.000Z",
                        "last_stated_at": "2026-08-24T14:15:22.000Z",
                    }
                ],
            }
        ],
    }


def test_of_somebody_never_seen_nothing_is_told_but_that_a_mail_may_go() -> None:
    assert only(check({})) == UNHARMED


def test_every_rule_is_told_and_one_decides() -> None:
    stop(scope=Scope.of(["newsletter:weekly"], ["b", "a"]))
    stop(scope=Scope.of(["newsletter:weekly"]), reason=Reason.BOUNCED)
    stop(scope=Scope.of(["other"]), reason=Reason.COMPLAINED)
    found = only(check({**WEEKLY, "namespace": "a"}))
    assert [(rule["reason"], rule["decides"]) for rule in found["rules"]] == [
        ("bounced", True),
        ("unsubscribed", False),
    ]
    assert found["rules"][1]["scope"] == {"topics": ["newsletter:weekly"], "namespaces": ["a", "b"]}
    assert found["since"] == found["rules"][0]["since"]


def test_topic_namespace_and_class_of_each_entry_count() -> None:
    stop(scope=Scope.of(["newsletter:weekly"], ["a"]))
    asked: list[dict[str, Any]] = [
        {},
        WEEKLY,
        {**WEEKLY, "namespace": "a"},
        {**WEEKLY, "namespace": "b"},
        {**WEEKLY, "namespace": "a", **RECEIPT},
        {**WEEKLY, "namespace": "a", "message_class": "marketing"},
    ]
    assert [found["allowed"] for found in check(*asked).json["results"]] == [True, True, False, True, True, False]


def test_answers_come_in_the_order_of_the_entries_also_of_one_address_twice() -> None:
    emails = [LEFT, ADA, "LEFT@Reader.Example", ADA, LEFT]
    answer = check(*({"email": email} for email in emails))
    assert [found["email"] for found in answer.json["results"]] == emails
    assert [found["allowed"] for found in answer.json["results"]] == [False, True, False, True, False]


def test_a_thousand_are_answered_at_once() -> None:
    emails = [f"p{at}@reader.example" for at in range(999)]
    stop(emails[500])
    results = check(*({"email": email} for email in [*emails, LEFT])).json["results"]
    assert [found["email"] for found in results if not found["allowed"]] == [emails[500], LEFT]
    assert len(results) == 1_000


def test_another_workspace_is_not_told() -> None:
    assert only(check({"email": LEFT}, credentials=examples.OTHER_NATIVE))["allowed"]


@pytest.mark.usefixtures("nothing_stored")
def test_asking_changes_nothing() -> None:
    check({}, {"email": LEFT}, RECEIPT)


def test_one_address_that_cannot_be_read_leaves_all_unanswered(aws: AWS) -> None:
    aws.lose("SuppressionsTable")
    answer = check({}, {"email": LEFT})
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert "allowed" not in answer.text


BAD_ADDRESSES: list[Any] = [None, 7, "", "ada", "a@b", "a@b.example\r\nBcc: x@y.example", f"{'a' * 65}@b.example"]
BAD_NAMES: list[Any] = [7, "", "x" * 101, [], ["a"]]
BAD_CLASSES: list[Any] = [None, "", "Marketing", "bulk", 1, []]
BAD_ENTRIES: list[dict[str, Any]] = [
    *({"email": bad} for bad in BAD_ADDRESSES),
    *({name: bad} for name in ("topic", "namespace") for bad in BAD_NAMES),
    *({"message_class": bad} for bad in BAD_CLASSES),
    {"override": None},
    {"override": "true"},
    {"override": 1},
    {"message_class": "transactional", "why": 7},
    {"why": "x" * 1_001},
    {"topics": ["newsletter:weekly"]},
    {"messageClass": "transactional"},
]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("bad", BAD_ENTRIES, ids=str)
def test_a_bad_entry_refuses_the_whole_request_and_is_pointed_at(bad: dict[str, Any]) -> None:
    answer = check({}, bad)
    (name,) = bad.keys() - {"message_class"} or {"message_class"}
    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid")
    assert {detail["field"] for detail in answer.json["error"]["details"]} == {f"addresses.1.{name}"}


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "body", [{}, {"addresses": []}, {"addresses": None}, {"addresses": {}}, {"addresses": [7]}, {"emails": [ADA]}]
)
def test_a_bad_body_is_refused(body: dict[str, Any]) -> None:
    answer = call("native.suppressions.check", json_body=body)
    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid")


@pytest.mark.usefixtures("nothing_stored")
def test_a_thousand_and_one_are_too_many() -> None:
    assert check(*[{}] * 1_001).status == 400


@pytest.mark.parametrize("reason", [Reason.BOUNCED, Reason.COMPLAINED])
def test_who_may_override_sends_a_transactional_mail_all_the_same(reason: Reason) -> None:
    record = stop(reason=reason)
    found = only(check({**OVERRIDE, "why": "She asked by phone"}, credentials=examples.MAY_OVERRIDE))
    assert (found["allowed"], found["overridden"], found["rules"][0]["id"]) == (True, True, str(record.number))
    last = changes()[-1]
    assert (last.action, last.note, last.record) == (Action.OVERRIDDEN, "She asked by phone", record)
    assert (last.origin.via, last.origin.user_agent) == ("native", "python-httpx/0.28.1")


def test_an_override_is_for_one_mail() -> None:
    stop(reason=Reason.BOUNCED)
    answer = check(RECEIPT, OVERRIDE, RECEIPT, credentials=examples.MAY_OVERRIDE)
    assert [found["allowed"] for found in answer.json["results"]] == [False, True, False]


def test_every_mail_that_is_let_through_leaves_its_own_trace() -> None:
    stop(reason=Reason.BOUNCED)
    other = stop("grace@reader.example", reason=Reason.COMPLAINED)
    check(OVERRIDE, {**OVERRIDE, "email": "grace@reader.example"}, OVERRIDE, credentials=examples.MAY_OVERRIDE)
    assert [change.action for change in changes()[1:]] == [Action.OVERRIDDEN] * 2
    assert [change.record.number for change in changes("grace@reader.example")] == [other.number] * 2


@pytest.mark.usefixtures("nothing_stored")
def test_where_nothing_stops_the_mail_nothing_is_overridden() -> None:
    answer = check(OVERRIDE, {**OVERRIDE, "email": LEFT}, credentials=examples.MAY_OVERRIDE)
    assert [(found["allowed"], found["overridden"]) for found in answer.json["results"]] == [(True, False)] * 2


def test_without_the_permission_nothing_is_overridden_and_nothing_stored(aws: AWS) -> None:
    stop(reason=Reason.BOUNCED)
    before = aws.contents()
    answer = check(OVERRIDE, {})
    assert (answer.status, answer.json["error"]["code"]) == (403, "forbidden")
    assert aws.contents() == before


@pytest.mark.parametrize("more", [{}, {"message_class": "marketing"}])
def test_marketing_is_never_sent_all_the_same(more: dict[str, Any], aws: AWS) -> None:
    stop(reason=Reason.BOUNCED)
    before = aws.contents()
    answer = check(OVERRIDE, {"override": True, **more}, credentials=examples.MAY_OVERRIDE)
    text = "Only transactional email can be sent with an override."
    assert (answer.status, answer.json["error"]["details"]) == (
        400,
        [{"field": "addresses.1.override", "problem": text}],
    )
    assert aws.contents() == before


def test_a_hundred_overrides_are_taken_and_no_more(aws: AWS) -> None:
    stop(scope=EVERYTHING, reason=Reason.BOUNCED)
    before = aws.contents()
    many = [{**OVERRIDE, "email": f"p{at}@reader.example"} for at in range(100)]
    assert check(*many, OVERRIDE, credentials=examples.MAY_OVERRIDE).status == 400
    assert aws.contents() == before
    assert check(*many, {}, credentials=examples.MAY_OVERRIDE).status == 200


def test_an_override_that_could_not_be_written_down_is_not_given(aws: AWS) -> None:
    stop(reason=Reason.BOUNCED)
    aws.lose("SuppressionsTable")
    answer = check(OVERRIDE, credentials=examples.MAY_OVERRIDE)
    assert answer.status == 503
    assert "allowed" not in answer.text


def test_an_override_is_seen_by_no_other_dialect() -> None:
    stop(reason=Reason.BOUNCED)
    check(OVERRIDE, credentials=examples.MAY_OVERRIDE)
    assert call("repzo.check", json_body={"email": ADA}).json["data"]["is_unsubscribed"]


def test_an_address_that_ses_does_not_take_may_not_be_emailed() -> None:
    found = only(check({"email": "jos\u00e9@reader.example"}))
    assert (found["allowed"], found["deliverable"], found["reason"]) == (False, False, "undeliverable")
    assert (found["rules"], found["since"]) == ([], None)
    assert found["problem"].endswith("Amazon SES takes only ASCII characters before the @.")


def test_a_rule_is_the_reason_also_for_an_address_that_ses_does_not_take() -> None:
    stop("jos\u00e9@reader.example", reason=Reason.COMPLAINED)
    found = only(check({"email": "jos\u00e9@reader.example"}))
    assert (found["allowed"], found["deliverable"], found["reason"]) == (False, False, "complained")


@pytest.mark.parametrize("is_stopped", [True, False])
def test_no_override_lets_an_email_through_to_an_address_that_ses_does_not_take(is_stopped: bool) -> None:
    email = "jos\u00e9@reader.example"
    if is_stopped:
        stop(email, reason=Reason.BOUNCED)
    found = only(check({**OVERRIDE, "email": email}, credentials=examples.MAY_OVERRIDE))
    assert (found["allowed"], found["overridden"]) == (False, False)
    assert len(changes(email)) == is_stopped


def test_a_domain_beyond_ascii_is_deliverable() -> None:
    found = only(check({"email": "ada@b\u00fccher.example"}))
    assert (found["allowed"], found["deliverable"], found["problem"]) == (True, True, None)


@pytest.mark.parametrize("email", ["jos\u00e9@reader.example", "ada@reader.example"])
def test_repzo_s_check_asks_for_opt_outs_and_not_for_deliverability(email: str) -> None:
    assert call("repzo.check", json_body={"email": email}).json["data"] == {"is_unsubscribed": False}
