"""Explaining an address: now and at any time, in rows and in sentences, however its path was written."""

from typing import Any
from urllib.parse import urlencode

import pytest

from optout import clock, number
from optout.errors import Protected
from optout.origin import Origin
from optout.runtime.fields import iso
from optout.scope import Scope
from optout.suppressions.lift import lift
from optout.suppressions.reason import Reason
from optout.wiring.suppressions import suppressions
from tests.functions.native.suppressions import ADA, LEFT, asked, check, explain, explain_by_path, stop
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import call

AT = "2026-08-24T14:15:22Z"
MAY_GO: dict[str, Any] = {"allowed": True, "reason": None, "since": None, "rules": []}


def test_the_example_is_explained() -> None:
    found = explain(LEFT, at="2026-08-24T14:15:22.500Z").json
    (step,) = found["story"]
    text = f"On 2026-08-24 14:15:22 UTC, {LEFT} unsubscribed from everything via Repzo; reason given: Too many mails."
    assert step["sentence"] == text
    assert found == {
        "email": LEFT,
        "at": "2026-08-24T14:15:22.500Z",
        "topic": None,
        "namespace": None,
        "deliverable": True,
        "problem": None,
        "marketing": {
            "allowed": False,
            "reason": "unsubscribed",
            "since": "2026-08-24T14:15:22.000Z",
            "rules": found["marketing"]["rules"],
        },
        "transactional": MAY_GO,
        "in_force": [
            {
                "id": str(examples.RECORD),
                "email": LEFT,
                "scope": {"topics": [], "namespaces": []},
                "reason": "unsubscribed",
                "why": "Too many mails",
                "reasons": [
                    {
                        "reason": "unsubscribed",
                        "speaker": "operator",
                        "since": "2026-08-24T14:15:22.000Z",
                        "last_stated_at": "2026-08-24T14:15:22.000Z",
                        "why": "Too many mails",
                        "via": "repzo",
                        "actor": "example",
                    }
                ],
                "since": "2026-08-24T14:15:22.000Z",
                "modified_at": "2026-08-24T14:15:22.000Z",
                "revision": 0,
            }
        ],
        "story": [step],
        "after": None,
    }
    assert [rule["id"] for rule in found["marketing"]["rules"]] == [str(examples.RECORD)]


def test_somebody_never_seen_has_no_story_and_may_be_written_to() -> None:
    answer = explain("nobody@reader.example")
    assert answer.status == 200
    assert answer.json | {"at": ""} == {
        "email": "nobody@reader.example",
        "at": "",
        "topic": None,
        "namespace": None,
        "deliverable": True,
        "problem": None,
        "marketing": MAY_GO,
        "transactional": MAY_GO,
        "in_force": [],
        "story": [],
        "after": None,
    }


def test_explaining_and_checking_agree() -> None:
    stop(scope=Scope.of(["newsletter:weekly"], ["shop"]))
    stop(reason=Reason.BOUNCED, scope=Scope.of(["receipts"]))
    weekly = {"topic": "newsletter:weekly"}
    mails: list[dict[str, str]] = [{}, weekly, weekly | {"namespace": "shop"}, {"topic": "receipts"}]
    for mail in mails:
        found = explain(query=urlencode(mail)).json
        kinds = ("marketing", "transactional")
        checked = check(*({**mail, "message_class": kind} for kind in kinds)).json["results"]
        for kind, result in zip(kinds, checked, strict=True):
            assert found[kind] == {name: result[name] for name in ("allowed", "reason", "since", "rules")}


@pytest.mark.parametrize("topic", ["newsletter:weekly", "a,b", "Größe & Co", "50%", "a+b"])
def test_topic_and_namespace_are_taken_as_they_are(topic: str) -> None:
    stop(scope=Scope.of([topic], [topic]))
    found = explain(topic=topic, namespace=topic).json
    assert (found["topic"], found["namespace"], found["marketing"]["allowed"]) == (topic, topic, False)


def test_an_address_that_ses_does_not_take_is_explained_to_be_undeliverable() -> None:
    found = explain("jos\u00e9@reader.example").json
    text = "Nothing can be delivered to jos\u00e9@reader.example: Amazon SES takes only ASCII characters before the @."
    assert (found["deliverable"], found["problem"]) == (False, text)
    may_not = {"allowed": False, "reason": "undeliverable", "since": None, "rules": []}
    assert found["marketing"] == found["transactional"] == may_not


def test_before_somebody_left_mail_was_allowed() -> None:
    found = explain(LEFT, at="2026-08-24T14:15:21.999Z").json
    assert (found["marketing"], found["in_force"], found["story"]) == (MAY_GO, [], [])


@pytest.mark.parametrize(
    "at", [AT, "2026-08-24T14:15:22.000000001Z", "2026-08-24T16:15:22+02:00", "2026-08-24T16:15:22 02:00"]
)
def test_a_time_may_have_any_offset_also_when_its_plus_came_as_a_space(at: str) -> None:
    found = explain(LEFT, query=f"at={at}").json
    assert (found["at"], len(found["story"])) == ("2026-08-24T14:15:22.000Z", 1)


@pytest.mark.parametrize("query", ["", "at=9999-12-31T23:59:59Z"])
def test_now_and_the_future_are_now(query: str) -> None:
    before = iso(clock.now())
    found = explain(LEFT, query=query).json
    assert before <= found["at"] <= iso(clock.now())
    assert len(found["story"]) == 1


BAD_TIMES = [
    "",
    "now",
    "2026-08-24",
    "2026-08-24T14:15:22",
    "1787580922",
    "2026-08-24t14:15:22z",
    "2026-13-01T00:00:00Z",
]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "at", [*BAD_TIMES, "2026-W35-1T14:15:22Z", "0000-01-01T00:00:00Z", "٢٠٢٦-08-24T14:15:22Z", "\0"]
)
def test_a_bad_time_is_refused(at: str) -> None:
    answer = explain(LEFT, at=at)
    assert (answer.status, answer.json["error"]["details"]) == (
        400,
        [{"field": "at", "problem": "Enter a time like 2026-08-24T14:15:22Z."}],
    )


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("query", ["topic=", f"topic={'x' * 101}", "namespace=", "at=a&at=b", "topic=a&topic=b"])
def test_a_bad_parameter_is_refused(query: str) -> None:
    answer = explain(LEFT, query=query)
    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid")


SPELLINGS = {
    "as an HTTP API hands it over": ("ada@reader.example", ADA),
    "with its escapes": ("ada%40reader.example", ADA),
    "a tag": ("ada+news@reader.example", "ada+news@reader.example"),
    "a tag with its escapes": ("ada%2Bnews%40reader.example", "ada+news@reader.example"),
    "beyond ASCII": ("jos\u00e9@reader.example", "jos\u00e9@reader.example"),
    "beyond ASCII with its escapes": ("jos%C3%A9%40reader.example", "jos\u00e9@reader.example"),
    "a domain beyond ASCII": ("ada@b\u00fccher.example", "ada@b\u00fccher.example"),
    "a percent sign, which an HTTP API leaves escaped": ("50%2525@reader.example", "50%25@reader.example"),
    "a percent sign alone": ("50%25@reader.example", "50%@reader.example"),
    "every sign that a local part may have and a path can carry": ("!$&'*+-=^_{|}~@reader.example",) * 2,
}


@pytest.mark.parametrize(("path", "email"), SPELLINGS.values(), ids=SPELLINGS)
def test_an_address_is_found_however_its_path_is_written(path: str, email: str) -> None:
    created = call("repzo.create", json_body={"email": email})  # it knows domains beyond ASCII, too
    record = str(number.from_object_id(created.json["data"]["_id"]))
    found = explain_by_path(path).json
    assert (found["email"], [row["id"] for row in found["in_force"]]) == (email, [record])


@pytest.mark.parametrize("sign", "#/?`'+%{|}~!$&*=^_-\u00e9")
def test_every_address_that_can_be_stored_can_be_explained(sign: str) -> None:
    for email in (f"a{sign}b@reader.example", f'"a..{sign}"@reader.example'):
        assert call("repzo.create", json_body={"email": email}).status == 201
        found = explain(email).json
        assert (found["email"], len(found["in_force"])) == (email, 1)
        assert explain_by_path(email.replace("%", "%25")).json["in_force"] == found["in_force"]


@pytest.mark.parametrize(
    ("query", "email"),
    [
        ("email=ada+news@reader.example", "ada+news@reader.example"),
        ("email=%20ada@reader.example", "ada@reader.example"),
        ("email=%22a..b%22@reader.example", '"a..b"@reader.example'),
    ],
)
def test_a_query_says_the_address_that_it_means(query: str, email: str) -> None:
    function = "native.suppressions.explain"
    assert call(function, asked(function, query)).json["email"] == email


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "query",
    ["", "email=", "email=ada", "email=a@b@c.example", "email=a@b.example&email=c@d.example", "email=%FF@b.example"],
)
def test_a_query_without_one_address_is_refused(query: str) -> None:
    function = "native.suppressions.explain"
    answer = call(function, asked(function, query))
    assert (answer.status, answer.json["error"]["details"][0]["field"]) in {(400, "email"), (400, "query")}


NO_ADDRESSES = [
    *("ada", "@", "a@b", "ada@", "%", "a b@reader.example", "a%20b@reader.example", "%00@b.example"),
    *("a%40b%40c.example", "%FF@reader.example", "%ED%A0%80@reader.example", "a@b.example%0d%0aX:1"),
    f"{'a' * 65}@b.example",
]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("path", NO_ADDRESSES)
def test_what_is_no_address_is_refused(path: str) -> None:
    answer = explain_by_path(path)
    assert (answer.status, answer.json["error"]["details"][0]["field"]) == (400, "email")


@pytest.mark.usefixtures("nothing_stored")
def test_another_workspace_is_told_nothing() -> None:
    assert explain(LEFT, credentials=examples.OTHER_NATIVE).json["story"] == []


def test_a_store_that_is_silent_explains_nothing(aws: AWS) -> None:
    aws.lose("SuppressionsTable")
    answer = explain(LEFT)
    assert answer.status == 503
    assert "allowed" not in answer.text


def test_the_story_can_be_read_aloud() -> None:
    record = stop(via="link", reason=Reason.ONE_CLICK)
    stop(via="repzo", repeat=True)
    stop(via="repzo", repeat=True)
    stop(via="feedback", reason=Reason.BOUNCED, why="Hard bounce (General)")
    check(
        {"message_class": "transactional", "override": True, "why": "She  asked\nby phone."},
        credentials=examples.MAY_OVERRIDE,
    )
    lift(suppressions(), "acme", record.number, Origin("mirasvit", "x"), Reason)
    stop(via="letterbucket", scope=Scope.of(["newsletter:weekly"]))
    stop(via="mirasvit", scope=Scope.of(["trigger:7", "news"], ["eu", "us", "asia"]))
    stop(via="somewhere", scope=Scope.of((), ["eu"]), reason=Reason.IMPORTED)
    sentences = [step["sentence"] for step in reversed(explain().json["story"])]
    assert [sentence[26:] for sentence in sentences] == [
        f", {ADA} unsubscribed from everything using the link in an email.",
        f", {ADA} unsubscribed from everything via Repzo; the earlier reason stays in force too.",
        f", {ADA} unsubscribed from everything again via Repzo.",
        (
            f", email to {ADA} could not be delivered (hard bounce reported by the mail provider), so all email to "
            f"{ADA} was stopped; the earlier reasons stay in force too; reason given: Hard bounce (General)."
        ),
        (
            f", a transactional email to {ADA} was allowed via the optout API despite a hard bounce; "
            "reason given: She asked by phone."
        ),
        (
            f", the block on all email to {ADA} after a hard bounce was removed via Mirasvit; {ADA} can be emailed "
            "again unless another opt-out or block applies."
        ),
        f", {ADA} unsubscribed from the newsletter “weekly” via LetterBucket.",
        f", {ADA} unsubscribed from the topic “news” and the trigger “7” in “asia”, “eu” and “us” via Mirasvit.",
        f", {ADA} was unsubscribed from everything in “eu” by an import via somewhere.",
    ]
    assert all(sentence.startswith("On 20") and " UTC" in sentence[:27] for sentence in sentences)


@pytest.mark.parametrize(
    ("reason", "scope", "opening"),
    [
        (Reason.UNSUBSCRIBED, Scope.of(), f"{ADA}'s opt-out was removed"),
        (Reason.MANUAL, Scope.of(["newsletter:weekly"]), f"{ADA}'s opt-out from the newsletter “weekly” was removed"),
        (Reason.BOUNCED, Scope.of(["news"]), f"the block on email to {ADA} about the topic “news” after a hard bounce"),
        (Reason.COMPLAINED, Scope.of((), ["eu"]), f"the block on all email to {ADA} in “eu” after a complaint"),
    ],
)
def test_a_removal_names_what_it_removes(reason: Reason, scope: Scope, opening: str) -> None:
    record = stop(reason=reason, scope=scope)
    lift(suppressions(), "acme", record.number, Origin("repzo", "x"), Reason)
    step, *_ = explain().json["story"]
    assert step["sentence"][28:].startswith(opening)


def test_an_unsubscription_after_a_bounce_is_not_called_another_one() -> None:
    stop(via="feedback", reason=Reason.BOUNCED)
    stop(via="repzo", repeat=True)
    step, *_ = explain().json["story"]
    assert step["sentence"][28:] == (
        f"{ADA} unsubscribed from everything via Repzo; the earlier reason stays in force too."
    )


def test_a_removal_of_some_reasons_says_what_stays() -> None:
    record = stop(via="repzo")
    stop(via="feedback", reason=Reason.BOUNCED)
    with pytest.raises(Protected):
        lift(suppressions(), "acme", record.number, Origin("repzo", "x"))
    step, *_ = explain().json["story"]
    assert (step["action"], step["about"]) == ("reduced", ["unsubscribed"])
    assert step["sentence"][28:] == (
        f"the opt-out was removed via Repzo; {ADA} stays suppressed because of a hard bounce."
    )


def test_every_reason_in_force_is_told_the_strongest_first() -> None:
    stop(via="link", reason=Reason.ONE_CLICK)
    stop(via="repzo", why="Asked by phone")
    stop(via="feedback", reason=Reason.BOUNCED)
    (record,) = explain().json["in_force"]
    assert [(one["reason"], one["speaker"], one["via"], one["why"]) for one in record["reasons"]] == [
        ("bounced", "provider", "feedback", ""),
        ("one_click", "person", "link", ""),
        ("unsubscribed", "operator", "repzo", "Asked by phone"),
    ]
    (rule,) = explain().json["marketing"]["rules"]
    assert {one["reason"] for one in rule["reasons"]} == {"bounced", "one_click", "unsubscribed"}


def test_a_sentence_names_ten_topics_at_most_and_says_how_many_there_are_more() -> None:
    stop(via="repzo", scope=Scope.of([f"t{at:02}" for at in range(12)]))
    (step,) = explain().json["story"]
    named = ", ".join(f"the topic “t{at:02}”" for at in range(10))
    assert step["sentence"][28:] == f"{ADA} unsubscribed from {named} and 2 more via Repzo."


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_words(reason: Reason) -> None:
    stop(reason=reason)
    (step,) = explain().json["story"]
    assert f"{ADA} " in step["sentence"]
    assert "{" not in step["sentence"]
