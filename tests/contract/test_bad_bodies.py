"""A body that nobody could have meant gets the dialect's own error, is never a 5xx, and leaves nothing behind."""

import json

import pytest

from tests.support.handlers.aws import AWS
from tests.support.handlers.calls import ENDPOINTS, call, dialect_of, load, one_per_dialect, spread
from tests.support.handlers.refusals import (
    NO_BODY,
    NO_OBJECT,
    NOT_UTF_8,
    TOO_LARGE,
    UNREADABLE,
    UNREADABLE_BODIES,
    WRONG_ENCODING,
)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("function", "body"), spread(UNREADABLE, UNREADABLE_BODIES))
def test_a_body_that_cannot_be_read_is_refused(function: str, body: str) -> None:
    answer = call(function, raw=UNREADABLE_BODIES[body])
    assert (answer.status, answer.json) == UNREADABLE[function]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("function", "body"), spread(UNREADABLE, NOT_UTF_8))
def test_a_body_in_another_encoding_is_refused_in_these_words(function: str, body: str) -> None:
    answer = call(function, raw=NOT_UTF_8[body])
    assert (answer.status, answer.json) == WRONG_ENCODING[dialect_of(function)]


@pytest.mark.usefixtures("nothing_stored")
def test_a_form_in_another_encoding_is_refused_in_these_words() -> None:
    raw = "from=news%40example.com&subject=Caf%E9&body=To+leave%3A+%5Bunsubscribe%5D&dryrun=false"
    answer = call("rocketchat.send", raw=raw, headers={"content-type": "application/x-www-form-urlencoded"})
    assert (answer.status, answer.json) == WRONG_ENCODING["rocketchat"]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("function", one_per_dialect(UNREADABLE))
def test_what_is_not_base64_is_refused(function: str) -> None:
    event = load(function) | {"isBase64Encoded": True, "body": "***"}
    answer = call(function, event)
    assert (answer.status, answer.json) == WRONG_ENCODING[dialect_of(function)]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("function", "encoded"), spread(UNREADABLE, [False, True]))
def test_two_megabytes_are_too_large(function: str, encoded: bool) -> None:
    text = json.dumps({"email": "a@b.example", "body": "x" * 2_000_000})
    answer = call(function, raw=text.encode() if encoded else text)
    assert (answer.status, answer.json) == TOO_LARGE[dialect_of(function)]


@pytest.mark.parametrize(
    ("function", "content_type"),
    spread(UNREADABLE, ["text/plain", "application/json; charset=utf-8", "application/xml", ""]),
)
def test_json_is_read_whatever_its_content_type_says(function: str, content_type: str) -> None:
    assert call(function, headers={"content-type": content_type}).status in (200, 201)


@pytest.mark.parametrize("function", one_per_dialect(UNREADABLE))
def test_json_is_read_from_base64_too(function: str) -> None:
    assert call(function, raw=load(function)["body"].encode()).status in (200, 201)


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("function", UNREADABLE)
@pytest.mark.parametrize("body", ['[{"email": "a@b.example"}]', "[]", "null", "true", "7", '"text"'])
def test_a_root_that_is_no_object_is_refused(function: str, body: str) -> None:
    answer = call(function, raw=body)
    assert (answer.status, answer.json) == NO_OBJECT[function]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("function", "content_type"), spread(UNREADABLE, [None, "application/json", "text/plain"]))
def test_no_body_at_all_is_an_empty_one(function: str, content_type: str | None) -> None:
    event = load(function)
    del event["body"]
    del event["headers"]["content-type"]
    answer = call(function, event, headers={"content-type": content_type} if content_type else {})
    assert (answer.status, answer.json) == NO_BODY[function]


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("function", ["repzo.get", "letterbucket.get", "mirasvit.get"])
def test_a_get_reads_no_body(function: str) -> None:
    assert call(function, headers={"content-type": "text/plain"}).status == 200


@pytest.mark.parametrize("function", [name for name in one_per_dialect(UNREADABLE) if load(name).get("body")])
def test_a_byte_order_mark_before_the_body_is_passed_over(function: str) -> None:
    mark = "\N{ZERO WIDTH NO-BREAK SPACE}"
    body = mark + load(function)["body"]
    assert call(function, raw=body.encode()).status == ENDPOINTS[function]
    assert call(function, raw=mark + body).status == UNREADABLE[function][0]


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "Application/X-WWW-Form-URLEncoded"])
def test_rocketchat_reads_a_form_too(media_type: str, aws: AWS) -> None:
    form = {"content-type": media_type}
    raw = "from=news%40example.com&subject=New&body=To+leave%3A+%5Bunsubscribe%5D&dryrun=false"
    assert call("rocketchat.send", raw=raw.encode(), headers=form).status == 200
    assert len(aws.messages("ExpandQueue")) == 1
