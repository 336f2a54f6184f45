"""Mirasvit: searching the unsubscriptions."""

from urllib.parse import quote

import pytest

from optout.number import from_object_id
from tests.functions.mirasvit.searches import PREFIXES, by, create, emails, filters, search
from tests.support.handlers import examples
from tests.support.handlers.calls import call, load, moved

LEFT = {
    "id": examples.RECORD,
    "email": "left@reader.example",
    "trigger_id": 0,
    "created_at": "2026-08-24 14:15:22",
    "updated_at": "2026-08-24 14:15:22",
}


def test_the_envelope_has_exactly_three_keys_and_the_echo_of_the_criteria() -> None:
    answer = call("mirasvit.list")
    assert answer.status == 200
    assert list(answer.json) == ["items", "search_criteria", "total_count"]
    assert answer.json == {
        "items": [LEFT],
        "search_criteria": {
            "filter_groups": [{"filters": [{"field": "email", "value": "%@reader.example", "condition_type": "like"}]}],
            "sort_orders": [{"field": "created_at", "direction": "DESC"}],
            "page_size": 20,
            "current_page": 1,
        },
        "total_count": 1,
    }
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("query", ["", "searchCriteria", "searchCriteria=", "searchCriteria=all", "search_criteria="])
def test_a_bare_get_finds_everything_oldest_first(query: str) -> None:
    create(trigger_id=3)
    answer = search(query)
    assert emails(answer) == ["left@reader.example", "ada@reader.example"]
    assert answer.json["search_criteria"] == {"filter_groups": []}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_lists_with_and_without_a_trailing_slash(prefix: str, slash: str) -> None:
    answer = call("mirasvit.list", moved(load("mirasvit.list"), f"{prefix}/mst-email/unsubscriptions{slash}"))
    assert (answer.status, answer.json["total_count"]) == (200, 1)


def test_groups_narrow_and_the_filters_of_a_group_widen() -> None:
    for trigger in (0, 1, 2):
        create(trigger_id=trigger)
    either = [("trigger_id", "eq", "1"), ("email", "eq", "LEFT@reader.example")]
    answer = search(filters(either, [("id", "gt", str(examples.RECORD))]))
    assert [row["trigger_id"] for row in answer.json["items"]] == [1]
    assert search(filters(either)).json["total_count"] == 2


def test_the_plus_sign_of_an_address_is_found_raw_and_escaped() -> None:
    create(email="ada+news@reader.example")
    start = "searchCriteria[filterGroups][0][filters][0]"
    for value, count in (("ada+news", 1), ("ada%2Bnews", 1), ("ada%2bNEWS", 1)):
        query = f"{start}[field]=email&{start}[value]={value}@reader.example"
        assert search(query).json["total_count"] == count
        assert search(quote(query, safe="=&%+")).json["total_count"] == count


def test_an_escaped_percent_sign_is_a_wildcard_also_before_hex_digits() -> None:
    create(email="bade@reader.example")
    start = "searchCriteria[filterGroups][0][filters][0]"
    query = f"{start}[field]=email&{start}[value]=%25bade%25&{start}[condition_type]=like"
    assert emails(search(query)) == ["bade@reader.example"]


def test_pages_are_a_part_and_the_total_is_not() -> None:
    for trigger in range(1, 5):
        create(trigger_id=trigger)
    seen = []
    for current in range(1, 5):
        words = {"searchCriteria[pageSize]": 2, "searchCriteria[currentPage]": current, **by("id", "desc")}
        answer = search(words)
        seen.append([row["trigger_id"] for row in answer.json["items"]])
        assert answer.json["total_count"] == 5
    assert seen == [[4, 3], [2, 1], [0], []]


@pytest.mark.parametrize("current", ["0", "-7", "1", ""])
@pytest.mark.parametrize("size", ["", "0", "5", "999999999999999"])
def test_a_page_below_one_is_the_first_and_no_size_is_all(size: str, current: str) -> None:
    answer = search({"searchCriteria[page_size]": size, "searchCriteria[current_page]": current})
    assert emails(answer) == ["left@reader.example"]
    assert answer.json["search_criteria"].get("page_size") == (int(size) if size else None)


def test_a_client_that_pages_by_id_comes_to_an_end() -> None:
    made = [examples.RECORD, *(create(trigger_id=trigger).json["id"] for trigger in range(1, 8))]
    seen: list[int] = []
    while rows := search(
        filters([("id", "gt", str(seen[-1] if seen else 0))]) | by("id") | {"searchCriteria[pageSize]": "3"}
    ).json["items"]:
        seen += [row["id"] for row in rows]
    assert seen == made


@pytest.mark.usefixtures("nothing_stored")
def test_asking_changes_nothing() -> None:
    assert call("mirasvit.list").status == 200
    assert call("mirasvit.websites").status == 200


def test_only_the_parts_that_are_asked_for_are_shown() -> None:
    answer = search("fields=items[id,email],total_count&searchCriteria[pageSize]=1")
    assert answer.json == {"items": [{"id": examples.RECORD, "email": "left@reader.example"}], "total_count": 1}


def test_rows_are_those_that_this_dialect_can_say_whoever_made_them() -> None:
    hidden = from_object_id(call("repzo.create").json["data"]["_id"])  # of one type and one namespace
    call("repzo.create", json_body={"email": "ada@reader.example", "unsubscribe_types": ["trigger:7"]})
    assert emails(search()) == ["left@reader.example", "ada@reader.example"]
    assert search(filters([("id", "eq", str(hidden))])).json["total_count"] == 0


def test_another_workspace_sees_its_own_rows() -> None:
    assert emails(search(credentials=examples.OTHER_MIRASVIT)) == ["far@reader.example"]


def test_a_date_that_is_none_is_refused_and_a_lost_plus_sign_is_found_again() -> None:
    for condition in ("gteq", "gt", "eq", "from", "lt", "neq"):
        answer = search(filters([("created_at", condition, "None")]))
        text = 'The "%1" value is not a date. Use a date like 2026-08-24 14:15:22.'
        assert (answer.status, answer.json) == (400, {"message": text, "parameters": ["None"]})
    start = f"{FIRST}[field]=created_at&{FIRST}[conditionType]=gteq&{FIRST}[value]="
    assert search(f"{start}2020-01-01T00:00:00+00:00").json["total_count"] == 1


@pytest.mark.parametrize("name", ["email", "trigger_id", "created_at", "id[eq]"])
def test_a_filter_outside_the_criteria_is_refused(name: str) -> None:
    answer = search(f"{name}=x")
    text = 'The "%1" parameter is unknown to this search.'
    assert (answer.status, answer.json) == (400, {"message": text, "parameters": [name.partition("[")[0]]})


FIRST = "searchCriteria[filterGroups][0][filters][0]"
TYPE = 'The "%1" value\'s type is invalid. The "%2" type was expected. Verify and try again.'
DIRECTION = "The sort order has to be specified as %1 for ascending order or %2 for descending order."
REFUSED = [
    ("searchCriteria[sortOrders][0][field]=id&searchCriteria[sortOrders][0][direction]=up", DIRECTION, ["ASC", "DESC"]),
    (f"{FIRST}[field]=reason&{FIRST}[value]=x", 'The "%1" field is unknown to this search.', ["reason"]),
    (
        f"{FIRST}[field]=email&{FIRST}[value]=x&{FIRST}[conditionType]=regexp",
        'The "%1" condition type is not supported.',
        ["regexp"],
    ),
    ("searchCriteria[pageSize]=abc", TYPE, ["page_size", "int"]),
    ("searchCriteria[filterGroups]=x", TYPE, ["filter_groups", "array"]),
    ("searchCriteria[limit]=5", 'The "%1" parameter is unknown to this search.', ["limit"]),
    ("fields=items[", TYPE, ["fields", "string"]),
    (
        "filter_groups[0][filters][0][field]=email",
        '"%fieldName" is required. Enter and try again.',
        {"fieldName": "searchCriteria"},
    ),
]


@pytest.mark.parametrize(("query", "message", "parameters"), REFUSED)
def test_a_search_that_cannot_be_is_refused_by_name(query: str, message: str, parameters: object) -> None:
    answer = search(query)
    assert (answer.status, answer.json) == (400, {"message": message, "parameters": parameters})


def test_more_parameters_than_php_takes_are_refused() -> None:
    answer = search("&".join(f"a{n}=1" for n in range(1001)))
    assert (answer.status, answer.json) == (400, {"message": "The request has too many parameters."})


def test_a_search_over_more_rows_than_an_answer_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    create()
    monkeypatch.setattr("mirasvit.search.plan.MOST", 1)
    answer = search()
    text = "The search covers more than %1 records. Narrow it by id or created_at."
    assert (answer.status, answer.json) == (400, {"message": text, "parameters": ["1"]})
    assert search({"searchCriteria[pageSize]": 1}).status == 200
