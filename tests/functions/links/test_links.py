"""The links in mails: asking changes nothing, one click leaves at once, and what was not minted here learns nothing."""

import importlib
import json
from dataclasses import replace

import pytest

from links import dialect
from optout.access.limit import Window
from optout.messages.link_token import Link, LinkScope, Purpose, mint
from optout.suppressions.reason import Reason
from optout.suppressions.suppression import Action
from optout.wiring.suppressions import suppressions
from tests.support.handlers import examples
from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import Answer, call, load

PAIR = "List-Unsubscribe=One-Click"
FORM = {"content-type": "application/x-www-form-urlencoded"}
MULTIPART = {"content-type": 'multipart/form-data; boundary="x-y"'}
KEYS = {1: examples.LINK_KEY.encode()}
TOKEN = examples.token()
FORGED = {
    "another letter at the end": TOKEN[:-1] + ("A" if TOKEN[-1] != "A" else "B"),
    "another letter in front": "B" + TOKEN[1:],
    "another recipient": examples.token(Link(examples.CAMPAIGN, 1))[:28] + TOKEN[28:],
    "signed with another key": mint({1: b"other"}, Purpose.UNSUBSCRIBE, Link(examples.CAMPAIGN, examples.SUBSCRIBER)),
    "a key id of nobody": mint({9: KEYS[1]}, Purpose.UNSUBSCRIBE, Link(examples.CAMPAIGN, examples.SUBSCRIBER)),
    "too short": TOKEN[:-1],
    "something before it": "A" + TOKEN,
    "much too long": "A" * 5_000,
    "not base64": "*" * 44,
    "beyond ASCII": "é" * 44,
    "Cyrillic": "\u0410" * 44,
    "quotes": '"' * 44,
    "a backslash": "\\",
    "padding": "=" * 44,
    "percent NUL": "%00",
    "empty JSON": "{}",
}


def click(raw: str | bytes, headers: dict[str, str]) -> Answer:
    return call("links.one_click", raw=raw, headers=headers)


def rule() -> tuple[bool, Reason] | None:
    """Whether everything is given up, and why, for the example subscriber."""
    in_force = suppressions().state("acme", examples.ADA).in_force
    return next(((scope.is_everything, entry.reason) for scope, entry in in_force.items()), None)


@pytest.mark.parametrize("event", ["one_click", "one_click_plain", "one_click_multipart", "one_click_empty"])
def test_each_way_that_mail_programs_post_leaves_at_once(event: str) -> None:
    answer = call("links.one_click", load(f"links.{event}"))
    assert answer.status == 200
    assert "location" not in answer.headers
    assert "You are unsubscribed" in answer.text
    assert rule() == (True, Reason.ONE_CLICK)


def multipart(name: str = 'name="List-Unsubscribe"', value: str = "One-Click", newline: str = "\r\n") -> str:
    lines = ["--x-y", f"Content-Disposition: form-data; {name}", "", value, "--x-y--", ""]
    return newline.join(lines)


ACCEPTED: dict[str, tuple[str | bytes, dict[str, str]]] = {
    "urlencoded": (PAIR, FORM),
    "in base64": (PAIR.encode(), FORM),
    "with a charset": (PAIR, {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}),
    "with a content type in capitals": (PAIR, {"content-type": "Application/X-WWW-Form-URLEncoded"}),
    "beside other fields": (f"a=b&{PAIR}&c=", FORM),
    "with a line end": (PAIR + "\r\n", FORM),
    "multipart": (multipart(), MULTIPART),
    "multipart in base64": (multipart().encode(), MULTIPART),
    "multipart with bare newlines": (multipart(newline="\n"), MULTIPART),
    "multipart with an unquoted name": (multipart(name="name=List-Unsubscribe"), MULTIPART),
    "nothing, called JSON": ("", {"content-type": "application/json"}),
    "nothing, in base64": (b"", FORM),
    "text": (PAIR, {"content-type": "text/plain;charset=UTF-8"}),
    "octets": (PAIR, {"content-type": "application/octet-stream"}),
    "no content type": (PAIR, {}),
    "a line of a text form": (f"a=b\r\n{PAIR}\r\n", {"content-type": "text/plain"}),
    "multipart without a boundary in the header": (multipart(), {"content-type": "multipart/form-data"}),
    "multipart with a boundary in capitals": (multipart(), {"content-type": "Multipart/Form-Data; BOUNDARY=x-y"}),
    "multipart with a parameter name in capitals": (multipart(name='NAME="List-Unsubscribe"'), MULTIPART),
    "multipart after other text": ("This is a form.\r\n" + multipart(), MULTIPART),
    "multipart with a part in base64": (
        multipart(name='name="List-Unsubscribe"\r\nContent-Transfer-Encoding: base64', value="T25lLUNsaWNr"),
        MULTIPART,
    ),
    "another letter case": (PAIR.lower(), FORM),
    "multipart in another letter case": (multipart(name='name="LIST-UNSUBSCRIBE"', value="one-click"), MULTIPART),
    "blanks": (" \r\n", FORM),
}


@pytest.mark.parametrize(("raw", "headers"), ACCEPTED.values(), ids=ACCEPTED)
def test_every_accepted_form_leaves(raw: str | bytes, headers: dict[str, str]) -> None:
    assert click(raw, headers).status == 200
    assert rule() == (True, Reason.ONE_CLICK)


def test_no_header_at_all_is_needed() -> None:
    event = load("links.one_click_plain") | {"headers": {}, "body": ""}
    assert call("links.one_click", event).status == 200


def test_a_second_click_answers_the_same_and_states_the_opt_out_again() -> None:
    assert call("links.one_click") == call("links.one_click")
    first, second = suppressions().history("acme", examples.ADA)
    assert (first.action, second.action) == (Action.SUPPRESSED, Action.REPEATED)
    assert first.record.number == second.record.number


REFUSED: dict[str, tuple[str | bytes, dict[str, str], int]] = {
    "JSON": (f'{{"{PAIR}": 1}}', {"content-type": "application/json"}, 400),
    "text that says something else": ("something else", {"content-type": "text/plain"}, 400),
    "something else": ("List-Unsubscribe=Two-Clicks", FORM, 400),
    "the pair of a GET form": ("unsubscribe=1", FORM, 400),
    "multipart saying something else": (multipart(value="No"), MULTIPART, 400),
    "multipart with another name": (multipart(name='name="Other"'), MULTIPART, 400),
    "not UTF-8": (b"\xff\xfe", FORM, 400),
    "a thousand fields": ("&".join(f"f{i}=1" for i in range(200)), FORM, 400),
    "4,001 bytes": (PAIR + "&a=" + "x" * 4_001, FORM, 413),
    "2 MB": ("x" * 2_000_000, FORM, 413),
    "2 MB in base64": (b"x" * 2_000_000, FORM, 413),
}


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("raw", "headers", "status"), REFUSED.values(), ids=REFUSED)
def test_a_body_that_presses_no_button_is_refused(raw: str | bytes, headers: dict[str, str], status: int) -> None:
    answer = click(raw, headers)
    assert answer.status == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.usefixtures("nothing_stored")
def test_a_post_that_is_not_base64_is_refused() -> None:
    event = load("links.one_click") | {"body": "***"}
    assert call("links.one_click", event).status == 400


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("function", ["links.unsubscribe_page", "links.one_click"])
def test_whatever_was_not_minted_here_gets_the_same_bytes(function: str) -> None:
    answers = {call(function, path_id=token).text for token in FORGED.values()}
    assert len(answers) == 1
    assert {call(function, path_id=token).status for token in FORGED.values()} == {404}


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("event", ["unsubscribe_page", "unsubscribe_page_head"])
def test_asking_changes_nothing(event: str) -> None:
    for _ in range(20):
        assert call("links.unsubscribe_page", load(f"links.{event}")).status == 200


def test_the_page_has_a_button_that_posts_to_where_it_is() -> None:
    page = call("links.unsubscribe_page")
    assert '<form method="post">' in page.text
    assert 'name="List-Unsubscribe" value="One-Click"' in page.text
    assert call("links.unsubscribe_page", load("links.unsubscribe_page_head")).text == ""


def test_no_page_keeps_leaks_or_runs_anything() -> None:
    for answer in (
        call("links.unsubscribe_page"),
        call("links.one_click"),
        call("links.unsubscribe_page", path_id="x"),
        click("x", FORM),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not {"<script", "http://", "https://", TOKEN, "reader.example", "Ada"} & set(answer.text.split('"'))
        assert "<script" not in answer.text
        assert TOKEN not in answer.text
        assert "://" not in answer.text


def test_a_link_of_one_topic_gives_up_that_topic_only() -> None:
    token = examples.token(Link(examples.CAMPAIGN, examples.SUBSCRIBER, LinkScope.TOPIC))
    assert call("links.one_click", path_id=token).status == 200
    in_force = suppressions().state("acme", examples.ADA).in_force
    assert [scope.topics for scope in in_force] == [{"newsletter:weekly"}]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "link", [Link(examples.CAMPAIGN, 0), Link(examples.CAMPAIGN, 77), Link(77, examples.SUBSCRIBER)]
)
def test_a_link_to_nobody_is_answered_like_a_forged_one(link: Link) -> None:
    answer = call("links.one_click", path_id=examples.token(link))
    assert answer == call("links.one_click", path_id="x")
    assert answer.status == 404


def test_a_retired_key_still_lets_its_readers_go(aws: AWS) -> None:
    both = json.dumps({"1": examples.LINK_KEY, "2": "a-newer-key"})
    aws.secretsmanager.put_secret_value(SecretId="LinkKeys", SecretString=both)
    assert call("links.one_click").status == 200
    newest = mint({1: KEYS[1], 2: b"a-newer-key"}, Purpose.UNSUBSCRIBE, Link(examples.CAMPAIGN, examples.SUBSCRIBER))
    assert call("links.one_click", path_id=newest).status == 200


def test_a_key_that_was_added_a_moment_ago_signs_valid_links(aws: AWS) -> None:
    assert call("links.one_click").status == 200
    both = json.dumps({"1": examples.LINK_KEY, "2": "a-newer-key"})
    aws.secretsmanager.put_secret_value(SecretId="LinkKeys", SecretString=both)
    newest = mint({2: b"a-newer-key"}, Purpose.UNSUBSCRIBE, Link(examples.CAMPAIGN, examples.SUBSCRIBER))
    assert call("links.one_click", path_id=newest).status == 200


def test_the_history_names_the_campaign_of_the_link() -> None:
    call("links.one_click")
    (change,) = suppressions().history("acme", examples.ADA)
    assert (change.origin.via, change.origin.actor) == ("link", str(examples.CAMPAIGN))


FUNCTIONS = ["links.unsubscribe_page", "links.one_click", "links.confirm_page", "links.confirm"]


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three unknown links are let through, not a hundred."""
    assert dialect.limits.misses == Window(600, 100)
    for function in FUNCTIONS:
        app = importlib.import_module(function).app
        monkeypatch.setattr(app, "limits", replace(app.limits, misses=Window(600, 3)))


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("function", FUNCTIONS)
def test_who_tries_links_is_told_to_wait_and_a_link_that_works_goes_on_working(function: str) -> None:
    assert [call(function, path_id="x").status for _ in range(4)] == [404, 404, 404, 429]
    answer = call(function, path_id="x")
    assert answer.status == 429
    assert 0 < int(answer.headers["retry-after"]) <= 600
    assert "does not work" not in answer.text
    assert call(function).status == 200


@pytest.mark.usefixtures("three")
def test_unknown_links_are_counted_for_each_source_address_by_itself() -> None:
    assert [call("links.one_click", path_id="x").status for _ in range(4)][-1] == 429
    elsewhere = load("links.one_click")
    elsewhere["requestContext"]["http"]["sourceIp"] = "198.51.100.7"
    assert call("links.one_click", elsewhere, path_id="x").status == 404


@pytest.mark.parametrize("function", FUNCTIONS)
def test_links_go_on_when_nothing_can_be_counted(function: str, aws: AWS) -> None:
    aws.lose("LimitsTable")
    assert [call(function, path_id="x").status for _ in range(3)] == [404] * 3
    assert call(function).status == 200
