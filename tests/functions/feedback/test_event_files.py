"""Files of events: one JSON document after another, whatever is between them and whatever is broken."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.event_files import documents, keys

EVENT = {"eventType": "Send", "mail": {"messageId": "é\n{", "tags": {"cid": ["1"]}}, "send": {}}
TEXT = json.dumps(EVENT, ensure_ascii=False, separators=(",", ":"))


def pieces(text: str, size: int = 7) -> list[bytes]:
    data = text.encode()
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("between", ["\n", "", " ", "\r\n", "\n\n"])
@pytest.mark.parametrize("size", [1, 7, 1 << 18])
def test_documents_follow_each_other_with_or_without_an_end_of_line(between: str, size: int) -> None:
    assert list(documents(pieces(between.join([TEXT] * 3), size))) == [EVENT] * 3


@pytest.mark.parametrize("text", ["", "\n", " \n\n"])
def test_a_file_with_nothing_in_it_has_no_documents(text: str) -> None:
    assert list(documents(pieces(text))) == []


@pytest.mark.parametrize(
    "broken", ['{"eventType":', TEXT[:-1], "}", "garbage", '{"eventType":"Send",}', "\x00", "[" * 100_000]
)
@pytest.mark.parametrize("between", ["\n", ""])
def test_what_is_broken_is_one_and_does_not_hold_up_the_rest(broken: str, between: str) -> None:
    text = between.join([TEXT, broken, TEXT, TEXT])
    assert list(documents(pieces(text, 4096))) == [EVENT, None, EVENT, EVENT]


def test_a_broken_end_is_one_broken_document() -> None:
    assert list(documents(pieces(TEXT + "\n" + TEXT[:40]))) == [EVENT, None]


def test_bytes_that_are_no_text_are_passed_over() -> None:
    assert list(documents([b"\xff\xfe\n", TEXT.encode()])) == [None, EVENT]


def test_what_never_ends_is_not_held_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedback.event_files._LONGEST", 1_000)
    endless = [b'{"eventType":"' + b"x" * 500] * 20
    assert list(documents([*endless, TEXT.encode()]))[-1] == EVENT
    held = [len(piece) for piece in documents([*endless]) if piece]
    assert held == []


@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none())), st.integers(1, 40))
def test_any_documents_in_any_pieces(events: list[Any], size: int) -> None:
    text = "".join(json.dumps(event) for event in events)
    assert list(documents(pieces(text, size))) == events


def test_a_key_is_spelled_as_in_the_bucket() -> None:
    named = {"Records": [{"s3": {"object": {"key": "sent/2026/a+b%2Bc%3D%C3%A9.gz"}}}]}
    assert list(keys(json.dumps(named))) == ["sent/2026/a b+c=é.gz"]


def test_s3_trying_out_the_queue_names_no_file() -> None:
    assert list(keys('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}')) == []
