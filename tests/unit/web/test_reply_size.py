"""The size of a reply: rows are counted as Lambda counts them, and a page ends before it is too large."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.errors import TooBroad
from optout.runtime.fields import Reply
from optout.web.reply_size import LARGEST, fitting, page, require_fitting

LAMBDA = 6 * 1024 * 1024


class Row(Reply):
    text: str


def response(rows: list[Row]) -> int:
    """The bytes of a response with these rows, as the runtime of a function sends it."""
    body = json.dumps({"rows": [row.model_dump() for row in rows]})
    return len(json.dumps({"statusCode": 200, "body": body}, ensure_ascii=False).encode())


@given(st.lists(st.text(max_size=50).map(lambda text: Row(text=text)), max_size=20), st.integers(0, 3_000))
def test_rows_that_fit_make_a_response_within_the_bound(rows: list[Row], largest: int) -> None:
    count = fitting(rows, largest)
    envelope = response([])
    assert count == 0 or response(rows[:count]) - envelope <= largest + count
    assert count == len(rows) or response(rows[: count + 1]) - envelope >= largest - count


@pytest.mark.parametrize("character", ["a", '"', "\\", "\u00e9", "\u0001", "\U0001f600"])
def test_a_page_of_any_characters_is_within_what_lambda_returns(character: str) -> None:
    rows = [Row(text=character * 40_000)] * 200
    shown, more = page(rows, 200)
    assert 1 < len(shown) < 200
    assert more
    assert LARGEST - 600_000 < response(list(shown)) < LAMBDA


def test_a_page_has_as_many_rows_as_were_asked_for_and_says_whether_others_follow() -> None:
    rows = [Row(text="a")] * 3
    assert page(rows, 2) == (rows[:2], True)
    assert page(rows, 3) == (rows, False)
    assert page([], 2) == ([], False)


def test_a_page_is_never_empty_while_rows_follow() -> None:
    rows = [Row(text="a" * 100)] * 2
    assert page(rows, 2, largest=1) == (rows[:1], True)


def test_rows_that_do_not_fit_are_too_many_and_the_error_says_how_many_would() -> None:
    rows = [{"text": "a" * (LARGEST // 3)}] * 3
    require_fitting(rows[:2])
    with pytest.raises(TooBroad) as error:
        require_fitting(rows)
    assert error.value.bound == 2
