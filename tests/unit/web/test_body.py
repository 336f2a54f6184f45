"""Reading untrusted bodies: a value that cannot be stored and returned is malformed, never a crash."""

import base64
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.errors import Malformed, TooLarge
from optout.web import body

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('ab[{"\\]}', max_size=4), inner, max_size=3),
    max_leaves=8,
)

TRAPS = {
    "nothing": "",
    "blanks": " \n",
    "half an object": '{"a":',
    "a trailing comma": "[1,]",
    "single quotes": "{'a':1}",
    "two values": "{} {}",
    "a byte order mark": "\ufeff{}",
    "NaN": '{"a":NaN}',
    "infinity": "[Infinity]",
    "minus infinity": "-Infinity",
    "a float beyond range": '{"a":1e400}',
    "a negative float beyond range": "-1e400",
    "an int of 5,000 digits": "9" * 5000,
    "100,000 brackets": "[" * 100_000,
    "100,000 closed brackets": "[" * 100_000 + "]" * 100_000,
    "2,000 nested objects": '{"a":' * 2000 + "1" + "}" * 2000,
    "33 levels": "[" * 33 + "]" * 33,
    "33 levels behind many shallow ones": "[" + "[]," * 100 + "[" * 32 + "]" * 33,
    "33 levels behind a bracket in a text": '["]",' + "[" * 32 + "]" * 33,
    "33 levels behind a quote in a text": '["\\"",' + "[" * 32 + "]" * 33,
    "a lone surrogate": '{"a":"\\ud800"}',
    "a lone surrogate in a name": '{"\\udfff":1}',
    "a lone surrogate deep inside": '[[{"a":["\\ud800"]}]]',
    "surrogates the wrong way round": '"\\udc00\\ud800"',
    "NUL": '"\\u0000"',
    "a raw NUL": '"\0"',
    "a raw control": '"\n"',
    "a bad escape": '"\\x"',
}

VALUES: dict[str, tuple[str, Any]] = {
    "32 levels": ("[" * 32 + "]" * 32, None),
    "many brackets in a text": ('"' + "[{" * 500 + '"', "[{" * 500),
    "many shallow lists": ("[" + ",".join(["[]"] * 500) + "]", [[]] * 500),
    "brackets behind an escaped quote": ('["\\"' + "[" * 50 + '"]', ['"' + "[" * 50]),
    "brackets behind an escaped backslash": ('["\\\\","' + "[" * 50 + '"]', ["\\", "[" * 50]),
    "a pair of surrogates": ('"\\ud83d\\ude00"', "\U0001f600"),
    "the last of two values": ('{"a":1,"a":2}', {"a": 2}),
    "an underflow": ("1e-400", 0.0),
    "a null": ("null", None),
}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS.keys())
def test_a_trap_is_malformed(trap: str) -> None:
    with pytest.raises(Malformed) as caught:
        body.parse(trap)
    assert caught.value.detail


@pytest.mark.parametrize(("text", "value"), VALUES.values(), ids=VALUES.keys())
def test_what_only_looks_like_a_trap_is_read(text: str, value: Any) -> None:
    assert body.parse(text) == (json.loads(text) if value is None else value)


@given(value=JSON, ascii_only=st.booleans())
def test_json_that_can_be_stored_is_given_back(value: Any, *, ascii_only: bool) -> None:
    assert body.parse(json.dumps(value, ensure_ascii=ascii_only)) == value


@given(text=st.text('[]{}",:\\u0d8-1e9nN \0', max_size=60))
def test_any_text_is_a_value_or_malformed(text: str) -> None:
    try:
        value = body.parse(text)
    except Malformed:
        return
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text",
    [
        "[]" * 33 + '"' + '\\"' * 490_000,
        "[" + "{}," * 330_000,
        "[]" * 33 + '["' + '","' * 330_000,
        "[]" * 33 + "\\" * 900_000,
    ],
    ids=["a text without an end", "many objects", "many texts", "backslashes"],
)
def test_a_megabyte_is_read_in_the_time_that_its_length_needs(text: str) -> None:
    began = time.process_time()
    with pytest.raises(Malformed):
        body.parse(text)
    assert time.process_time() - began < 1.0


def event(text: str | bytes, *, encoded: bool = False) -> dict[str, Any]:
    """A proxy event with this body."""
    if isinstance(text, bytes):
        return {"body": base64.b64encode(text).decode(), "isBase64Encoded": True}
    return {"body": text, "isBase64Encoded": encoded}


def test_a_body_is_read_plain_or_in_base64() -> None:
    assert body.text(event("h\u00e9")) == body.text(event("h\u00e9".encode())) == "h\u00e9"


@pytest.mark.parametrize("nothing", [{}, {"body": None}, {"body": ""}, {"body": None, "isBase64Encoded": True}])
def test_no_body_is_an_empty_one(nothing: dict[str, Any]) -> None:
    assert body.text(nothing) == ""


@pytest.mark.parametrize(
    "bad",
    [event(b"\xff"), event(b"\xc3"), event("a", encoded=True), event("a!==", encoded=True), event("\ud800")],
)
def test_what_is_not_utf_8_or_not_base64_is_malformed(bad: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        body.text(bad)


@pytest.mark.parametrize(
    "make", [lambda size: "x" * size, lambda size: b"x" * size, lambda size: "\u00e9" * (size // 2)]
)
def test_a_body_may_have_as_many_bytes_as_the_limit_says(make: Any) -> None:
    assert len(body.text(event(make(12)), largest=12).encode()) == 12
    with pytest.raises(TooLarge):
        body.text(event(make(14)), largest=12)


def test_a_body_that_is_far_too_large_is_not_even_decoded() -> None:
    with pytest.raises(TooLarge):
        body.text(event("!" * 2_000_000, encoded=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("List-Unsubscribe=One-Click", {"List-Unsubscribe": "One-Click"}),
        ("", {}),
        ("a=1&a=2&b=", {"a": "2", "b": ""}),
        ("a=x+y%26z", {"a": "x y&z"}),
        ("a=%ff", {"a": "\ufffd"}),
    ],
)
def test_a_form_is_read(text: str, expected: dict[str, str]) -> None:
    assert body.form(text) == expected


def test_a_form_of_too_many_fields_is_malformed() -> None:
    with pytest.raises(Malformed):
        body.form("&".join(["a=1"] * 101))
