"""`fields`: the parts of an answer."""

import pytest

from mirasvit.search.projection import project, read
from optout.errors import Invalid

ANSWER = {
    "items": [{"id": 1, "email": "a"}, {"id": 2, "email": "b"}],
    "search_criteria": {"page_size": 2},
    "total_count": 2,
}


def shown(fields: str) -> object:
    return project(ANSWER, read([("fields", fields)]))


@pytest.mark.parametrize("fields", ["", "items,search_criteria,total_count"])
def test_everything_is_shown_by_default(fields: str) -> None:
    assert shown(fields) == ANSWER
    assert project(ANSWER, read([])) == ANSWER


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("items[id],total_count", {"items": [{"id": 1}, {"id": 2}], "total_count": 2}),
        ("items[id,email]", {"items": ANSWER["items"]}),
        ("total_count", {"total_count": 2}),
        ("items[nothing],nothing[id]", {"items": [{}, {}]}),
        ("search_criteria[page_size],items[]", {"items": [{}, {}], "search_criteria": {"page_size": 2}}),
        (",,total_count,", {"total_count": 2}),
        ("total_count[id]", {"total_count": 2}),
    ],
)
def test_parts_are_shown_in_the_order_of_the_answer(fields: str, expected: object) -> None:
    assert shown(fields) == expected


@pytest.mark.parametrize(
    "fields", ["items[id", "items]", "[id]", "items[id]]", "items id", "items;", "ítems", "a[b][c]", "[" * 5000]
)
def test_a_broken_list_of_parts_is_refused(fields: str) -> None:
    with pytest.raises(Invalid):
        read([("fields", fields)])


def test_parts_may_be_nested_as_deep_as_anybody_likes() -> None:
    assert shown("items[" * 4000 + "id" + "]" * 4000) == {"items": [{}, {}]}
